import { isEmpty } from '../einsum/domain.ts';
import type { BoundEinsum, Box, Constraint } from '../einsum/workload.ts';
import type { Compute, Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { type Environment, isIndexedBy, isStoredBy, loopsAround } from '../mapper/tile.ts';

/**
 * What decides whether a tile is computed into for the first time: iterations of loops that do not select the tile
 * come back to it, but a filter may have left nothing to compute in those before.
 */
export type Past = {
  readonly einsum: BoundEinsum;
  /** Loops that come back, outermost first. */
  readonly loops: readonly Loop[];
  /** So many of them, the first, do not come back: each of their iterations begins anew. */
  readonly fresh: number;
  /** By variable: whether it selects the tile. */
  readonly selects: readonly boolean[];
  readonly sizes: readonly number[];
};

function pastOf(
  p: PlacedMapping,
  einsum: BoundEinsum,
  above: readonly Loop[],
  selects: readonly boolean[],
  around: readonly Loop[],
): Past {
  const loops = above.filter((l) => !selects[l.variable] && einsum.variables.includes(l.variable));
  return {
    einsum,
    loops,
    fresh: loops.filter((l) => around.includes(l)).length,
    selects,
    sizes: p.workload.variables.map((v) => v.size),
  };
}

/** Of the elements that a compute writes: where loops cut a rank that it reduces, it adds to what it wrote before. */
export const pastOfCompute = (p: PlacedMapping, { einsum, above }: Compute): Past =>
  pastOf(
    p,
    einsum,
    above,
    p.workload.variables.map((_, v) => isIndexedBy(einsum.output, v)),
    loopsAround(p.workload, einsum, above),
  );

/** Of the tiles of a keep that its producer computes into; undefined if it is produced elsewhere. */
export function pastOfKeep(p: PlacedMapping, keep: Keep): Past | undefined {
  const { producer } = keep;
  if (producer === undefined) return undefined;
  const tensor = p.workload.tensors[keep.tensor]!;
  const selects = p.workload.variables.map((_, v) => isStoredBy(producer.output, tensor, v));
  return pastOf(p, producer, keep.above, selects, keep.local ? loopsAround(p.workload, producer, keep.above) : []);
}

/** All that matter to Einsums and keeps that run together. */
export function pastsOf(p: PlacedMapping, einsums: readonly BoundEinsum[], keeps: readonly Keep[]): readonly Past[] {
  const pasts = [
    ...p.computes.filter((c) => einsums.includes(c.einsum)).map((c) => pastOfCompute(p, c)),
    ...keeps.filter((k) => k.fill === 'revisited').map((k) => pastOfKeep(p, k)!),
  ];
  return pasts.filter((past) => past.loops.length > 0);
}

/** Whether an earlier iteration of the loops that come back computed into the tile. */
export const wasVisited = (past: Past, env: Environment): boolean =>
  someEarlier(past, env, (box) => !isEmpty(past.einsum.domain, past.einsum.variables, box));

/**
 * Tries the iterations that came before, loop by loop: those with an earlier step of it under the same steps of the
 * loops around it.
 */
function someEarlier(past: Past, env: Environment, test: (box: Box, loop: number) => boolean): boolean {
  const { loops, fresh, sizes } = past;
  if (loops.every((l) => env.lo[l.variable] === 0)) return false;
  const lo = env.lo.slice();
  const hi = env.hi.slice();
  for (const l of loops) {
    lo[l.variable] = 0;
    hi[l.variable] = sizes[l.variable]!;
  }
  const box = { lo, hi };
  for (let i = 0; i < loops.length; i++) {
    const { variable: v, tile } = loops[i]!;
    const [start, end] = [lo[v]!, hi[v]!];
    const step = start + Math.floor((env.lo[v]! - start) / tile) * tile;
    if (step > start && i >= fresh) {
      hi[v] = step;
      if (test(box, i)) return true;
    }
    lo[v] = step;
    hi[v] = Math.min(end, step + tile);
  }
  return false;
}

/** Numbers that `writePast` writes. */
export const pastLength = ({ einsum, loops }: Past): number =>
  loops.length * einsum.domain.reduce((n, conjunction) => n + 1 + conjunction.length, 1);

/**
 * Writes what decides which tiles inside the environment were visited before: where they are equal, so are those, up
 * to a shift. For each loop, whether anything came before, and how each constraint stands there.
 */
export function writePast(past: Past, env: Environment, out: Float64Array, at: number): void {
  const { domain } = past.einsum;
  const width = pastLength(past) / Math.max(1, past.loops.length);
  out.fill(0, at, at + pastLength(past));
  someEarlier(past, env, (box, loop) => {
    let k = at + loop * width;
    out[k++] = 1;
    for (const conjunction of domain) {
      const cutting = conjunction.filter((c) => corner(c, box, () => -1) < 0);
      // Two constraints may hold at different earlier points and nowhere together: that depends on how many there were.
      const joined = cutting.length > 1;
      out[k++] = joined ? loop + 1 + box.hi[past.loops[loop]!.variable]! : 0;
      for (const c of conjunction) out[k++] = cutting.includes(c) ? standing(c, box, past, joined) : Infinity;
    }
    return false;
  });
}

/** Least value over the tile of the greatest over what came before it; or of the least, if constraints are joined. */
function standing(c: Constraint, box: Box, past: Past, joined: boolean): number {
  if (corner(c, box, () => 1) < 0) return -Infinity;
  const low = corner(c, box, (v) => (past.selects[v] || joined ? -1 : 1));
  return low >= 0 ? Infinity : low;
}

/** Value of a constraint at a corner of a box: per variable, the one of its greatest (1) or its least (-1) value. */
function corner(c: Constraint, box: Box, side: (variable: number) => 1 | -1): number {
  let value = c.offset;
  for (const { variable: v, coefficient } of c.terms)
    value += coefficient * (coefficient * side(v) > 0 ? box.hi[v]! - 1 : box.lo[v]!);
  return value;
}
