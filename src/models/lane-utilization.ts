import { lanes } from '../arch/peaks.ts';
import { expectedPoints } from '../einsum/operations.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import type { Metrics } from './metrics.ts';

/** Exact but for rounding: points computed x cycles a point / (lanes x cycles of the run), by unit and Einsum. */
export function laneUtilization(p: PlacedMapping, latency_cycles: number): Metrics['lane_utilization'] {
  const { units, levels } = p.machine;
  const table = new Map(units.map(({ name }) => [name, new Map<string, number>()]));
  for (const { einsum, bindings } of p.computes) {
    const points = expectedPoints(p.workload, einsum);
    for (const { unit, cyclesPerPoint } of bindings) {
      const { name, level } = units[unit]!;
      const held_cycles = (points * cyclesPerPoint) / (lanes(units[unit]!) * levels[level]!.totalInstances);
      if (held_cycles > 0) table.get(name)!.set(einsum.name, held_cycles / latency_cycles);
    }
  }
  return table;
}
