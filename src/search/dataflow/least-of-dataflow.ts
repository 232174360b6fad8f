import type { Machine } from '../../arch/machine.ts';
import { lanes } from '../../arch/peaks.ts';
import type { MappingNode } from '../../mapper/mapping.ts';
import type { Asked } from '../cost-of.ts';
import { isDense } from '../dense.ts';
import { type Axis, leastCosts } from '../front.ts';
import { leastOfLoops } from '../least-cost.ts';
import { tariffOf } from '../ledger.ts';
import { bindingsWith } from '../mapspace.ts';
import { type Cost, noCost } from '../objective.ts';
import type { Problem } from '../plan.ts';
import { staffing } from '../workers.ts';
import type { Dataflow } from './dataflow.ts';

/**
 * What a mapping costs at least, whatever its loop tree and its numbers: nothing, where it is not known. With a dataflow, tensors are at
 * home where that has them; without, in the outermost memory. Lanes take any ranks, with as many each as it likes.
 */
export function leastOfMappings(
  { workload, machine }: Problem,
  dataflow: Dataflow | undefined,
  { accounting, axes }: Asked & { readonly axes: readonly Axis[] },
): Cost {
  if (!isDense(workload) || (dataflow !== undefined && spillsFromLanes(dataflow.mapping.nodes, machine))) return noCost;
  const tariff = tariffOf(workload, machine, machine.accountings.get(accounting)!, axes);
  const units = machine.units.map((u) => ({ ...u, dimensions: [{ name: 'lanes', size: lanes(u) }] }));
  const loose = { workload, machine: { ...machine, units } };
  const teamOf = staffing(
    tariff,
    // With all ranks along them, lanes have most to do at once; with none nothing is read again for another piece of them.
    (problem, e) => bindingsWith(problem, e, ({ variables }) => [[variables], [[]]]),
    // A tree may have loops that are not around all who could be under them.
    () => [],
  );
  const homes = dataflow && homesIn(dataflow, loose);
  return leastOfLoops(loose, tariff, teamOf, { constraints: [], inFlight: [1] }, homes)([]).reduce(leastCosts);
}

/** Whether some of what lanes have for themselves may stay further out, from where they use it without a copy. */
const spillsFromLanes = (nodes: readonly MappingNode[], machine: Machine): boolean =>
  nodes.some((node) => {
    if (node.kind === 'loop') return spillsFromLanes(node.body, machine);
    if (node.kind !== 'keep' || node.spill === undefined) return false;
    const memory = machine.levels.find((l) => l.name === node.level.name)?.memory;
    return memory?.perLane === true || memory?.private === true;
  });

/** Levels in which a tensor of a dataflow can be at home, whatever its numbers; undefined: any. */
function homesIn(
  { mapping }: Dataflow,
  { workload, machine }: Problem,
): (tensor: number) => readonly number[] | undefined {
  const levelOf = (name: string): number => machine.levels.findIndex((l) => l.name === name);
  return (tensor) => {
    const { name, role } = workload.tensors[tensor]!;
    if (role === 'intermediate') return undefined;
    const homes: number[] = [];
    for (const node of mapping.nodes) {
      if (node.kind !== 'keep' || !node.tensors.some((t) => t.name === name)) continue;
      homes.push(levelOf(node.level.name), ...(node.spill === undefined ? [] : [levelOf(node.spill.level.name)]));
      // What has a condition may not be there.
      if (node.condition.kind === 'number') break;
    }
    return homes;
  };
}
