import type { RecordedRun } from '../figures/timeline-data.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import type { Simulation } from '../models/cycle/simulate.ts';
import { machineResources } from '../models/resources.ts';

/** A simulation with the names of what ran and where, at the clock that it had on average. */
export function recordedRun(
  { workload, machine, grids }: PlacedMapping,
  { chronicle, ticksPerCycle }: Simulation,
  clock_hz: number,
): RecordedRun {
  const { names, levels } = machineResources(machine);
  const across = grids[0]?.[0]?.across;
  const level = across === undefined ? undefined : machine.levels[across]!;
  return {
    resources: names.map((name, r) => ({ name, level: machine.levels[levels[r]!]!.name })),
    ...(level === undefined ? {} : { across: { level: level.name, instances: level.totalInstances } }),
    clock_hz,
    ticksPerCycle,
    nameOf: (o) => o.compute?.einsum.name ?? workload.tensors[o.keep!.tensor]!.name,
    chronicle,
  };
}
