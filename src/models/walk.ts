import { isEmpty } from '../einsum/domain.ts';
import type { BoundEinsum, BoundIndex, Constraint, Tensor } from '../einsum/workload.ts';
import type { Keep, Loop } from '../mapper/placed.ts';
import { type Environment, mostSteps, sharedVolume, type TileBox, tileBox, volume } from '../mapper/tile.ts';

/**
 * Exact sums over the iterations of a chain of nested loops, without walking them: neighbouring iterations that
 * differ only by a shift (same extents, same standing towards every filter) form a run and are evaluated once.
 * A dense loop has at most two runs, full steps and the ragged last one; a causal one a few more.
 */

/** What decides how an iteration behaves, apart from where it is. */
export type Shape = {
  readonly variables: readonly number[];
  readonly constraints: readonly Constraint[];
  /** Indices that are not a plain variable: they can be clipped at the border or step by a division. */
  readonly indices: readonly { readonly index: BoundIndex; readonly size: number }[];
};

export function shapeOf(einsums: readonly BoundEinsum[], tensors: readonly Tensor[]): Shape {
  const variables = new Set<number>();
  const constraints: Constraint[] = [];
  const indices: { index: BoundIndex; size: number }[] = [];
  for (const e of einsums) {
    for (const v of e.variables) variables.add(v);
    for (const conjunction of e.domain) constraints.push(...conjunction);
    for (const access of [e.output, ...e.operands])
      access.indices.forEach((index, d) => {
        const dimension = tensors[access.tensor]!.dimensions[d]!;
        const plain = index.terms.length <= 1 && index.offset === 0 && index.divisor === 1;
        if (!dimension.carried && !(plain && (index.terms[0]?.coefficient ?? 1) === 1))
          indices.push({ index, size: dimension.size });
      });
  }
  return { variables: [...variables], constraints, indices };
}

export const keyLength = (shape: Shape): number =>
  shape.variables.length + shape.constraints.length + 3 * shape.indices.length;

/**
 * Writes the key of an iteration at `out[at...]`: equal keys behave alike up to a shift. A constraint that holds or
 * fails on the whole box counts as such; between, its least value tells where the border lies.
 */
export function writeKey(shape: Shape, env: Environment, out: Float64Array, at = 0): void {
  let k = at;
  for (const v of shape.variables) out[k++] = env.hi[v]! - env.lo[v]!;
  for (const c of shape.constraints) {
    let low = c.offset;
    let high = c.offset;
    for (const { variable, coefficient } of c.terms) {
      const first = coefficient * env.lo[variable]!;
      const last = coefficient * (env.hi[variable]! - 1);
      low += coefficient > 0 ? first : last;
      high += coefficient > 0 ? last : first;
    }
    out[k++] = low >= 0 ? Number.POSITIVE_INFINITY : high < 0 ? Number.NEGATIVE_INFINITY : low;
  }
  for (const { index, size } of shape.indices) {
    let low = index.offset;
    let high = index.offset;
    for (const { variable, coefficient } of index.terms) {
      const first = coefficient * env.lo[variable]!;
      const last = coefficient * (env.hi[variable]! - 1);
      low += coefficient > 0 ? first : last;
      high += coefficient > 0 ? last : first;
    }
    out[k++] = index.divisor === 1 ? 0 : ((low % index.divisor) + index.divisor) % index.divisor;
    out[k++] = Math.min(0, low);
    out[k++] = Math.max(0, Math.floor(high / index.divisor) + 1 - size);
  }
}

const sameKey = (a: Float64Array, b: Float64Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Sets the loop's variable to its i-th step within [lo, hi). */
export function enterStep(loop: Loop, lo: number, hi: number, i: number, env: Environment): void {
  env.lo[loop.variable] = lo + i * loop.tile;
  env.hi[loop.variable] = Math.min(hi, lo + (i + 1) * loop.tile);
}

export const stepCount = (loop: Loop, env: Environment): number =>
  Math.ceil((env.hi[loop.variable]! - env.lo[loop.variable]!) / loop.tile);

/**
 * Calls `visit(first, length)` for each run of steps of a loop that behave alike, with the environment set to the
 * run's first step, and restores the environment.
 */
export function forEachRun(
  loop: Loop,
  shape: Shape,
  env: Environment,
  visit: (first: number, length: number) => void,
): void {
  const lo = env.lo[loop.variable]!;
  const hi = env.hi[loop.variable]!;
  const steps = stepCount(loop, env);
  const key = new Float64Array(keyLength(shape));
  const other = new Float64Array(key.length);
  const alike = (i: number): boolean => {
    enterStep(loop, lo, hi, i, env);
    writeKey(shape, env, other);
    return sameKey(key, other);
  };
  for (let first = 0; first < steps; ) {
    enterStep(loop, lo, hi, first, env);
    writeKey(shape, env, key);
    const length = first + 1 < steps && alike(first + 1) ? lastAlike(first + 1, steps, alike) - first + 1 : 1;
    enterStep(loop, lo, hi, first, env);
    visit(first, length);
    first += length;
  }
  env.lo[loop.variable] = lo;
  env.hi[loop.variable] = hi;
}

/** Largest index below `end` that is still alike, given that `from` is: gallop, then bisect. */
function lastAlike(from: number, end: number, alike: (i: number) => boolean): number {
  let good = from;
  let stride = 1;
  while (good + stride < end && alike(good + stride)) {
    good += stride;
    stride *= 2;
  }
  let bad = Math.min(end, good + stride);
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (alike(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** True if one of the Einsums computes at some point of the environment. */
export function isActive(einsums: readonly BoundEinsum[], env: Environment): boolean {
  for (const e of einsums) if (!isEmpty(e.domain, e.variables, env)) return true;
  return false;
}

/** Sum of `leaf(env)` over the innermost iterations of a chain in which one of the Einsums computes. */
export function sumOverLeaves(
  loops: readonly Loop[],
  einsums: readonly BoundEinsum[],
  shape: Shape,
  env: Environment,
  width: number,
  leaf: (env: Environment, add: (i: number, amount: number) => void) => void,
): Float64Array {
  const totals = new Float64Array(width);
  const descend = (depth: number, times: number): void => {
    const loop = loops[depth];
    if (loop === undefined) {
      if (isActive(einsums, env))
        leaf(env, (i, amount) => {
          totals[i] = totals[i]! + times * amount;
        });
      return;
    }
    forEachRun(loop, shape, env, (_first, length) => descend(depth + 1, times * length));
  };
  descend(0, 1);
  return totals;
}

type Ends = { readonly first: TileBox; readonly last: TileBox };

/** How the steps of a loop share a buffer: one after the other, each with a buffer of its own, or afresh each time. */
export type Residence = 'in-turn' | 'side-by-side' | 'afresh';

/**
 * Elements that move into a buffer that holds one tile while the loops run: each time the tile changes, what of the
 * new one was not in the old one. Steps `side-by-side` fill a buffer each, that lasts; steps `afresh` start empty.
 */
export function movedElements(
  keep: Keep,
  tensor: Tensor,
  loops: readonly Loop[],
  residence: (loop: Loop) => Residence,
  shape: Shape,
  env: Environment,
): number {
  const sizes = Array.from(env.hi, (hi, v) => hi - env.lo[v]!);
  const shifted = (box: TileBox, loop: Loop, steps: number): TileBox => {
    const out = [...box];
    keep.accesses[0]!.indices.forEach((index, d) => {
      const term = index.terms.find((t) => t.variable === loop.variable);
      if (term === undefined || tensor.dimensions[d]!.carried) return;
      const by = (term.coefficient * steps * loop.tile) / index.divisor;
      out[2 * d] = out[2 * d]! + by;
      out[2 * d + 1] = out[2 * d + 1]! + by;
    });
    return out;
  };
  let total = 0;
  // Each sweep returns the tiles at both ends of its steps, one a buffer; the elements moved are added up in `total`.
  const sweep = (depth: number, times: number): Map<number, Ends> => {
    const result = new Map<number, Ends>();
    const loop = loops[depth];
    if (loop === undefined) {
      if (!isActive(keep.users, env)) return result;
      const box = tileBox(keep, tensor, env, []);
      total += times * volume(tensor, box);
      result.set(0, { first: box, last: box });
      return result;
    }
    const how = residence(loop);
    if (how === 'side-by-side') {
      const inner = loops.slice(depth + 1).filter((l) => residence(l) === 'side-by-side');
      const stride = inner.reduce((n, l) => n * mostSteps(l, sizes[l.variable]!), 1);
      const lo = env.lo[loop.variable]!;
      const hi = env.hi[loop.variable]!;
      const steps = stepCount(loop, env);
      for (let i = 0; i < steps; i++) {
        enterStep(loop, lo, hi, i, env);
        for (const [buffer, tiles] of sweep(depth + 1, times)) result.set(i * stride + buffer, tiles);
      }
      env.lo[loop.variable] = lo;
      env.hi[loop.variable] = hi;
      return result;
    }
    forEachRun(loop, shape, env, (_first, length) => {
      const step = sweep(depth + 1, times * length);
      if (how === 'afresh') return;
      for (const [buffer, tiles] of step) {
        const before = result.get(buffer);
        if (before !== undefined) total -= times * sharedVolume(tensor, before.last, tiles.first);
        if (length > 1) total -= times * (length - 1) * sharedVolume(tensor, tiles.last, shifted(tiles.first, loop, 1));
        const last = shifted(tiles.last, loop, length - 1);
        result.set(buffer, { first: before?.first ?? tiles.first, last });
      }
    });
    return result;
  };
  sweep(0, 1);
  return total;
}
