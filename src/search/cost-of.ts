import { computedPoints } from '../einsum/operations.ts';
import type { Workload } from '../einsum/workload.ts';
import { invariant } from '../invariant.ts';
import { requiredBytes } from '../mapper/capacity.ts';
import type { Compute, PlacedBinding, PlacedMapping } from '../mapper/placed.ts';
import { busyCycles, estimateTime } from '../models/analytic/evaluate.ts';
import { countAccesses, countActions } from '../models/energy.ts';
import { countTraffic } from '../models/traffic.ts';
import { type Cost, noCost } from './objective.ts';
import { homeOf } from './plan.ts';

/** What is asked of a mapping besides its time. */
export type Asked = {
  /** Name of one of the machine's accountings. */
  readonly accounting: string;
  /** Position of the level whose room counts; undefined: none. */
  readonly room?: number | undefined;
};

/**
 * What the closed form says of a mapping, as `evaluateMapping` does; undefined where `isUseless` says of what it costs at
 * least that it is no use. Throws `WorkLimit` where it would take too long.
 */
export function costOfPlaced(
  p: PlacedMapping,
  { accounting, room }: Asked,
  isUseless: (least: Cost) => boolean,
): Cost | undefined {
  const charged = p.machine.accountings.get(accounting);
  invariant(charged !== undefined, `machine "${p.machine.name}" has no accounting "${accounting}"`);
  if (isUseless({ ...noCost, latency_cycles: computingCycles(p) })) return undefined;
  const traffic = countTraffic(p);
  let energy_pj = 0;
  for (const { count, each_pj } of countActions(p, countAccesses(p, traffic, charged), charged).values())
    energy_pj += count * each_pj;
  const home = traffic.levels.get(p.machine.levels[homeOf(p.machine)]!.name);
  const home_bytes = home === undefined ? 0 : home.read_bytes + home.write_bytes;
  const room_bytes = room === undefined ? 0 : requiredBytes(p)[room]!;
  const time = estimateTime(p, traffic, busyCycles(p, traffic));
  if (isUseless({ latency_cycles: time.floor_cycles, energy_pj, home_bytes, room_bytes })) return undefined;
  return { latency_cycles: time.settle().latency_cycles, energy_pj, home_bytes, room_bytes };
}

/**
 * Cycles that the busiest unit computes at least, without a walk over tiles: its points, as many at a time as tiles
 * are long and the array wide.
 */
export function computingCycles({ workload, machine, computes }: PlacedMapping): number {
  const points = pointsOf(workload);
  const cycles = machine.units.map(() => 0);
  for (const compute of computes)
    for (const binding of compute.bindings)
      cycles[binding.unit]! +=
        (points.get(compute.einsum.name)! * binding.cyclesPerPoint) / mostLanes(workload, compute, binding);
  return machine.units.reduce(
    (most, { level }, u) => Math.max(most, cycles[u]! / machine.levels[level]!.totalInstances),
    0,
  );
}

/** Lanes that work on a tile at most. */
function mostLanes({ variables }: Workload, { above }: Compute, { dimensions }: PlacedBinding): number {
  return dimensions.reduce((lanes, { variable, size }) => {
    const tile = above.findLast((loop) => loop.variable === variable)?.tile ?? variables[variable]!.size;
    return lanes * Math.min(size, tile);
  }, 1);
}

/** Counting them takes as long as placing a mapping, and is the same for all mappings of a workload. */
const counted = new WeakMap<Workload, ReadonlyMap<string, number>>();

/** Points at which each Einsum computes, by its name. */
function pointsOf(w: Workload): ReadonlyMap<string, number> {
  const points = counted.get(w) ?? new Map(w.einsums.map((e) => [e.name, computedPoints(w, e)]));
  counted.set(w, points);
  return points;
}
