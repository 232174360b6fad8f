import { isEmpty } from '../../einsum/domain.ts';
import type { BoundEinsum } from '../../einsum/workload.ts';
import type { Loop } from '../../mapper/placed.ts';
import type { Environment } from '../../mapper/tile.ts';

/**
 * Whether an earlier iteration of the loops around computed into the same tile: one that comes before in the order
 * of the loops and differs only in variables that do not select the tile. `selects` tells which do.
 */
export function wasVisited(
  einsum: BoundEinsum,
  above: readonly Loop[],
  selects: (variable: number) => boolean,
  sizes: readonly number[],
  env: Environment,
): boolean {
  const loops = above.filter((l) => !selects(l.variable) && einsum.variables.includes(l.variable));
  if (loops.every((l) => env.lo[l.variable] === 0)) return false;
  const lo = env.lo.slice();
  const hi = env.hi.slice();
  for (const l of loops) {
    lo[l.variable] = 0;
    hi[l.variable] = sizes[l.variable]!;
  }
  const earlier = { lo, hi };
  for (const l of loops) {
    const v = l.variable;
    const [start, end] = [lo[v]!, hi[v]!];
    const step = start + Math.floor((env.lo[v]! - start) / l.tile) * l.tile;
    if (step > start) {
      hi[v] = step;
      if (!isEmpty(einsum.domain, einsum.variables, earlier)) return true;
    }
    lo[v] = step;
    hi[v] = Math.min(end, step + l.tile);
  }
  return false;
}
