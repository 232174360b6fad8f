import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Workload } from '../einsum/workload.ts';
import { resolveSource } from '../files.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import { placeMapping } from '../mapper/place.ts';
import type { Space } from '../search/best-mappings.ts';
import { type Choosable, openNumbers } from '../search/dataflow/dataflow.ts';
import { defaultLimits } from '../search/default-limits.ts';
import { isDense } from '../search/dense.ts';
import { fittingMappings, otherMachine } from './fitting-mappings.ts';

export type SpaceOptions = {
  /** Mappings whose loop trees are searched, and nothing else; none: those that ship and fit, and all nests. */
  readonly mappings: readonly string[];
  readonly choose: ReadonlySet<Choosable>;
};

/**
 * The spaces to search for a workload on a machine; what is left out is warned of. Errors: those of the mappings that are named, and, where
 * there is nothing to search, why.
 */
export async function spacesOf(
  workload: Workload,
  machine: Machine,
  { mappings, choose }: SpaceOptions,
): Promise<Result<readonly Space[]>> {
  const problem = { workload, machine };
  const space = (mapping: Mapping): Space => ({
    kind: 'dataflow',
    problem,
    dataflow: openNumbers(mapping, workload, choose),
  });
  if (mappings.length > 0) {
    const read = await Promise.all(mappings.map(readMapping));
    const wrong: Diagnostic[] = [];
    for (const r of read) wrong.push(...(r.ok ? await misfits(r.value, workload, machine) : r.diagnostics));
    if (wrong.length > 0) return failure(wrong);
    return success(read.flatMap((r) => (r.ok ? [space(r.value)] : [])));
  }
  const shipped = await Promise.all((await fittingMappings(workload.cascade.name, machine)).map(readMapping));
  const fitting = shipped.flatMap((r) => (r.ok ? [space(r.value)] : []));
  const why = unsearchable(workload, machine);
  if (why.length === 0) return success([...fitting, { kind: 'nests', problem, limits: defaultLimits(workload) }]);
  if (fitting.length === 0) return failure(why);
  return success(
    fitting,
    why.map((d) => ({ ...d, severity: 'warning' })),
  );
}

async function readMapping(name: string): Promise<Result<Mapping>> {
  const source = await resolveSource('mapping', name);
  return source.ok ? parseMapping(source.value) : source;
}

/** What no choice of tiles can mend. */
async function misfits(mapping: Mapping, workload: Workload, machine: Machine): Promise<readonly Diagnostic[]> {
  const placed = placeMapping(mapping, workload, machine);
  if (placed.ok) return [];
  const other = await otherMachine(workload.cascade.name, machine, mapping);
  if (other !== undefined) return [other];
  return placed.diagnostics.filter((d) => d.code !== 'over-capacity');
}

/** Why all nests of a workload cannot be searched. */
function unsearchable(workload: Workload, machine: Machine): readonly Diagnostic[] {
  const wrong: Diagnostic[] = [];
  if (!isDense(workload))
    wrong.push(
      diagnostic(
        'not-dense',
        `cascade "${workload.cascade.name}" is not dense at these sizes: all nests are searched for whole tiles only, without masks, windows, heads that share keys, or a last part of a partition that is smaller`,
        undefined,
        { help: 'set sizes that divide, and masks off; or name a mapping whose tiles are to be chosen with --mapping' },
      ),
    );
  const able = new Set(machine.units.flatMap((u) => [...u.operators.keys()]));
  for (const { name, operations } of workload.einsums)
    for (const { operator } of operations)
      if (!able.has(operator))
        wrong.push(
          diagnostic(
            'unit-cannot',
            `Einsum "${name}" needs operation "${operator}", which no unit of "${machine.name}" has`,
            undefined,
          ),
        );
  return wrong;
}
