import { machineOf } from '../arch/load.ts';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { fits } from '../mapper/fitting.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { placeMapping } from '../mapper/place.ts';
import type { Metrics } from '../models/metrics.ts';
import { bestMappings, type Space, usualSearch } from '../search/best-mappings.ts';
import { openNumbers } from '../search/dataflow/dataflow.ts';
import { nestsOf } from '../search/nests-of.ts';
import { type Objective, objectives } from '../search/objective.ts';
import { weighingOf } from '../search/search.ts';
import { evaluatePlacement, unknownAccounting } from '../simulate.ts';
import { bindPoint, type Evaluated, parameterTexts, type Unmapped } from './subject.ts';

/** What a search is for, and the mappings whose loop trees are tried besides all nests. */
export type Wanted = {
  readonly objective: Objective;
  readonly accounting: string;
  readonly candidates: readonly Mapping[];
};

/**
 * One point by the best mapping that is found for it, as `map` finds it. All parameters are the machine's. Errors: those of
 * the workload and the machine, `nothing-found` where no mapping fits, those of the models.
 */
export async function searchPoint(
  unmapped: Unmapped,
  values: ArrayLike<number>,
  { objective, accounting, candidates }: Wanted,
  model: Metrics['model'],
): Promise<Result<Evaluated>> {
  const workload = bindPoint(unmapped, values);
  const parameters = parameterTexts(unmapped.names, values);
  const machine = await machineOf(unmapped.draft, { parameters });
  if (!workload.ok || !machine.ok) return failure([workload, machine].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const unknown = unknownAccounting(machine.value, accounting);
  if (unknown !== undefined) return failure([unknown]);
  const problem = { workload: workload.value, machine: machine.value };
  const nests = nestsOf(problem, []);
  const spaces = candidates
    .filter((mapping) => fits(mapping, workload.value.cascade.name, machine.value))
    .map((mapping): Space => {
      const dataflow = openNumbers(mapping, workload.value, new Set(['tiles']));
      return { kind: 'dataflow', problem, dataflow };
    });
  if (nests.ok) spaces.push(nests.value);
  else if (spaces.length === 0) return nests;
  const { found } = bestMappings(spaces, { ...weighingOf(objective), accounting, ...usualSearch });
  const value = objectives[objective];
  const [best] = found.toSorted((a, b) => value(a.cost) - value(b.cost));
  if (best === undefined) {
    const message = `no mapping of "${workload.value.cascade.name}" on "${machine.value.name}" was found`;
    return failure([diagnostic('nothing-found', message, undefined)]);
  }
  const { mapping } = best;
  // Kernels of a machine may have other values of its parameters.
  const running = await machineOf(unmapped.draft, { kernel: mapping.name, parameters });
  if (!running.ok) return running;
  const placed = placeMapping(mapping, workload.value, running.value);
  if (!placed.ok) return placed;
  const metrics = evaluatePlacement({ placed: placed.value, mapping }, model, { accounting });
  return metrics.ok ? success({ machine: running.value, metrics: metrics.value }) : metrics;
}
