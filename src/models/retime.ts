import { invariant } from '../invariant.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { type AnalyticTime, analyticTime, type Busy, busyCycles, portCycles } from './analytic/evaluate.ts';
import { physicalEnergy } from './energy.ts';
import { machineResources } from './resources.ts';
import { countTraffic, type Traffic } from './traffic.ts';

/** A mapping with what moves in it and what it computes, which no rate and no latency of the machine changes. */
export type Counted = {
  readonly p: PlacedMapping;
  readonly traffic: Traffic;
  readonly busy: Busy;
  /** Of all that happens. */
  readonly energy_pj: number;
};

export function countOnce(p: PlacedMapping): Counted {
  const traffic = countTraffic(p);
  return { p, traffic, busy: busyCycles(p, traffic), energy_pj: physicalEnergy(p, traffic) };
}

/**
 * The closed form's time of a mapping that has been counted, placed on a machine with other rates and latencies: the same
 * loops, tiles and instances. No bytes are counted anew.
 */
export function retime({ p: before, traffic, busy }: Omit<Counted, 'energy_pj'>, p: PlacedMapping): AnalyticTime {
  invariant(
    before.keeps.length === p.keeps.length && before.computes.length === p.computes.length,
    'it is the same mapping',
  );
  const computeAt = new Map(before.computes.map((compute, c) => [compute, p.computes[c]!]));
  const moved: Traffic = {
    movements: traffic.movements.map((m) => ({ ...m, keep: p.keeps[m.keep.id]! })),
    computes: traffic.computes.map((c) => ({ ...c, compute: computeAt.get(c.compute)! })),
    accesses: traffic.accesses.map((a) => ({
      ...a,
      keep: p.keeps[a.keep.id]!,
      compute: a.compute && computeAt.get(a.compute)!,
    })),
    levels: traffic.levels,
  };
  const resources = machineResources(p.machine);
  const byCompute = busy.byCompute.map((held, c) => {
    const now = held.slice();
    p.computes[c]!.bindings.forEach(({ unit, cyclesPerPoint }, b) => {
      const was = before.computes[c]!.bindings[b]!.cyclesPerPoint;
      const r = resources.ofUnit(unit);
      if (was > 0) now[r] = (held[r]! * cyclesPerPoint) / was;
    });
    return now;
  });
  const cycles = portCycles(p, moved);
  for (const held of byCompute) for (let r = 0; r < cycles.length; r++) cycles[r] = cycles[r]! + held[r]!;
  return analyticTime(p, moved, { cycles, byCompute });
}
