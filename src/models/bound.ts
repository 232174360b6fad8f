import type { PlacedMapping } from '../mapper/placed.ts';
import type { BoundKind, Metrics } from './metrics.ts';
import type { Resources } from './resources.ts';

/**
 * The resource that is busy for the largest part of the run, by position; `share` is that part of each, of the
 * instances that are used: a run on few instances is bound by what these do.
 */
export function busiestResource(resources: Resources, share: (r: number) => number): number {
  let busiest = 0;
  for (let r = 1; r < resources.names.length; r++) if (share(r) > share(busiest)) busiest = r;
  return busiest;
}

/**
 * What limits the run: the busiest resource if it is busy most of the time, all instances together; else operations
 * that wait for each other, or too few of them. `share` is that of all instances.
 */
export function boundBy(p: PlacedMapping, resources: Resources, busiest: number, share: number): Metrics['bound'] {
  return {
    resource: resources.names[busiest]!,
    kind: boundKind(resources, busiest, share),
    operands_from: producersFor(p, resources, busiest),
  };
}

/** As what the busiest resource limits a run, of which it is busy for this share. */
export function boundKind({ kinds }: Resources, busiest: number, share: number): BoundKind {
  if (share < 0.5) return 'latency';
  return kinds[busiest] === 'unit' ? 'compute' : 'bandwidth';
}

/** Einsums whose results a unit takes as operands, and the other units that compute them. */
function producersFor(p: PlacedMapping, resources: Resources, unit: number): Metrics['bound']['operands_from'] {
  const runsOn = (c: PlacedMapping['computes'][number]): readonly number[] =>
    c.bindings.map((binding) => resources.ofUnit(binding.unit));
  const read = new Set(
    p.computes.filter((c) => runsOn(c).includes(unit)).flatMap((c) => c.einsum.operands.map((o) => o.tensor)),
  );
  return new Map(
    p.computes
      .filter((c) => read.has(c.einsum.output.tensor) && !runsOn(c).includes(unit))
      .map((c) => [c.einsum.name, runsOn(c).map((r) => resources.names[r]!)]),
  );
}
