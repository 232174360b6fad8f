import { evaluateParameters } from '../arch/evaluate.ts';
import { machineOf, runningKernel } from '../arch/load.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { bindParameters } from '../mapper/parameters.ts';
import { splitParameters } from '../simulate.ts';
import { type Measure, noDimension } from '../units.ts';
import { bindPoint, parameterTexts, type Unmapped } from './subject.ts';

/** A parameter of what runs at a point, with its value there in base units. */
export type Parameter = Measure & { readonly name: string; readonly of: 'machine' | 'mapping' };

/**
 * All parameters of the machine and the mapping at a point. Where the mapping is searched, those of the machine that have
 * other values for some kernels are left out: which it is depends on what is found. Errors: those of the pipeline.
 */
export async function parametersAt(
  unmapped: Unmapped,
  mapping: Mapping | undefined,
  values: ArrayLike<number>,
): Promise<Result<readonly Parameter[]>> {
  const { names, draft } = unmapped;
  const given = parameterTexts(names, values);
  const spec = runningKernel(draft.spec, mapping?.name);
  const split =
    mapping === undefined
      ? success({ machine: given, mapping: new Map<string, number>() })
      : splitParameters(given, mapping, spec.parameters);
  if (!split.ok) return split;
  const measures = await evaluateParameters(spec, split.value.machine);
  if (!measures.ok) return measures;
  const ofMachine = [...measures.value].map(([name, m]): Parameter => ({ name, of: 'machine', ...m }));
  if (mapping === undefined) {
    const kernels = [...spec.kernels.values()];
    return success(ofMachine.filter(({ name }) => !kernels.some((changed) => changed.has(name))));
  }
  const workload = bindPoint(unmapped, values);
  const machine = await machineOf(draft, { kernel: mapping.name, parameters: split.value.machine });
  if (!workload.ok || !machine.ok) return failure([workload, machine].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const wrong: Diagnostic[] = [];
  const { parameters } = bindParameters(mapping, workload.value, machine.value, split.value.mapping, wrong);
  if (wrong.length > 0) return failure(wrong);
  const ofMapping = [...parameters].map(
    ([name, value]): Parameter => ({ name, of: 'mapping', value, dimension: noDimension }),
  );
  return success([...ofMachine, ...ofMapping]);
}
