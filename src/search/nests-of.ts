import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { storedElements } from '../einsum/shape.ts';
import { formatBytes } from '../mapper/capacity.ts';
import type { Space } from './best-mappings.ts';
import { nothingLeft } from './constraints/possible.ts';
import { defaultLimits } from './default-limits.ts';
import { isDense } from './dense.ts';
import type { Limits } from './mapspace.ts';
import { homeOf, type Problem } from './plan.ts';

/** All nests of a workload on a machine within constraints. Errors: why they cannot be searched. */
export function nestsOf(problem: Problem, constraints: Limits['constraints']): Result<Space> {
  const limits = { ...defaultLimits(problem.workload), constraints };
  const wrong = unsearchable(problem);
  if (wrong.length === 0) wrong.push(...nothingLeft(problem, limits));
  return wrong.length > 0 ? failure(wrong) : success({ kind: 'nests', problem, limits });
}

/** Why all nests of a workload cannot be searched. */
function unsearchable({ workload, machine }: Problem): Diagnostic[] {
  const wrong: Diagnostic[] = [];
  if (!isDense(workload))
    wrong.push(
      diagnostic(
        'not-dense',
        `cascade "${workload.cascade.name}" is not dense at these sizes: all nests are searched for whole tiles only, without masks, windows, selections, heads that share keys, or a last part of a partition that is smaller`,
        undefined,
        {
          help: 'set sizes that divide, masks off, and selections to all there is; or name a mapping whose tiles are to be chosen with --mapping',
        },
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
  const { name, memory } = machine.levels[homeOf(machine)]!;
  const capacity_bytes = memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
  const outside = workload.tensors.filter((t) => t.role !== 'intermediate');
  const needed_bytes = outside.reduce((n, t) => n + (storedElements(t) * t.bitsPerElement) / 8, 0);
  if (needed_bytes > capacity_bytes)
    wrong.push(
      diagnostic(
        'over-capacity',
        `the inputs and outputs of "${workload.cascade.name}" need ${formatBytes(needed_bytes)} in "${name}", but it has ${formatBytes(capacity_bytes)}`,
        undefined,
      ),
    );
  return wrong;
}
