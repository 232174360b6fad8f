import type { Tensor } from '../einsum/workload.ts';
import type { Keep, Loop } from '../mapper/placed.ts';
import { type Environment, sharedVolume, type TileBox, tileBox, volume } from '../mapper/tile.ts';
import { createFound, enter, lookUp } from './found.ts';
import { keyOf, type Shape, settledShape, stillShape } from './likeness.ts';
import { narrowToReach, type Reach, reachOf, restoreReach } from './reach.ts';
import { type Drift, forEachRun } from './runs.ts';
import { isActive, isProduct } from './walk.ts';

/** A tile that is in a buffer for some iterations. */
type Stay = { readonly box: TileBox; readonly counts: boolean };

/** The stays at both ends of some iterations; `one`: it is the same. */
type Ends = { readonly first: Stay; readonly last: Stay; readonly one: boolean };

export type Moving = {
  readonly keep: Keep;
  readonly tensor: Tensor;
  /** Loops above the keep, or some of them. */
  readonly loops: readonly Loop[];
  /** Whether each step of a loop starts with an empty buffer. */
  readonly startsEmpty: (loop: Loop) => boolean;
  readonly shape: Shape;
  /** Whether an iteration makes the tile that is here count. */
  readonly counts: (env: Environment) => boolean;
};

/**
 * Elements that move into (or, counted when they leave, out of) a buffer that holds one tile while the loops run:
 * each time the tile changes, what of the new one was not in the old one. Tiles that never count do not move.
 */
export function movedElements(moving: Moving, env: Environment): number {
  const { keep, tensor, loops, shape } = moving;
  const isRemembered = isProduct(keep.users);
  const reaches = [...loops, undefined].map((_, depth) => reachOf(keep.users, loops.slice(depth)));
  const shapes = loops.map((loop, depth) => {
    const inside = isRemembered ? settledShape(shape, loops.slice(depth)) : shape;
    return { key: inside, step: moving.startsEmpty(loop) ? stillShape(inside) : inside };
  });
  const found = loops.map(() => createFound<Swept>());
  let total = 0;
  /** Puts one after the other; adds nothing for the part of a tile that stays. */
  const join = (before: Ends, after: Ends, times: number): Ends => {
    const shared = sharedVolume(tensor, before.last.box, after.first.box);
    if (before.last.counts && after.first.counts) total -= times * shared;
    const { box } = after.first;
    if (shared < volume(tensor, box) || shared < volume(tensor, before.last.box))
      return { first: before.first, last: after.last, one: false };
    const stay = { box, counts: before.last.counts || after.first.counts };
    return {
      first: before.one ? stay : before.first,
      last: after.one ? stay : after.last,
      one: before.one && after.one,
    };
  };
  const shifted = ({ box, counts }: Stay, drift: Drift, steps: number): Stay => ({
    box: shiftedBox(moving, box, drift, steps),
    counts,
  });
  const shiftedEnds = ({ first, last, one }: Ends, drift: Drift): Ends => ({
    first: shifted(first, drift, 1),
    last: shifted(last, drift, 1),
    one,
  });
  /** Puts as many steps of a run one after the other. */
  const repeat = (step: Ends, drift: Drift, length: number): Ends => {
    const two = join(step, shiftedEnds(step, drift), length - 1);
    return two.one ? two : { ...two, last: shifted(two.last, drift, length - 2) };
  };
  const sweep = (depth: number): Ends | undefined => {
    const loop = loops[depth];
    if (loop === undefined) {
      if (!isActive(keep.users, env)) return undefined;
      const stay = { box: tileBox(keep, tensor, env, []), counts: moving.counts(env) };
      if (stay.counts) total += volume(tensor, stay.box);
      return { first: stay, last: stay, one: true };
    }
    const key = isRemembered && depth > 0 ? keyOf(shapes[depth]!.key, env, reaches[depth]) : undefined;
    const known = key && lookUp(found[depth]!, key);
    if (known !== undefined) {
      total += known.total;
      return known.ends && shiftedEnds(known.ends, driftBetween(known.begin, beginOf(reaches[depth], env)));
    }
    const before = total;
    total = 0;
    let ends: Ends | undefined;
    const visit = (_first: number, length: number, inside: Drift): void => {
      const others = total;
      total = 0;
      const step = sweep(depth + 1);
      total = others + length * total;
      if (step === undefined || moving.startsEmpty(loop)) return;
      // Where a loop inside goes on with the same rank, its begin has moved along.
      const goesOn = inside.some(({ variable }) => variable === loop.variable);
      const drift = goesOn ? inside : [...inside, { variable: loop.variable, by: loop.tile }];
      const run = length === 1 ? step : repeat(step, drift, length);
      ends = ends === undefined ? run : join(ends, run, 1);
    };
    forEachRun(loop, shapes[depth]!.step, env, visit, reaches[depth + 1]);
    if (key !== undefined) enter(found[depth]!, key, { total, ends, begin: beginOf(reaches[depth], env) });
    total += before;
    return ends;
  };
  sweep(0);
  return total;
}

/** What iterations that are alike move, and where they begin. */
type Swept = { readonly total: number; readonly ends: Ends | undefined; readonly begin: readonly number[] };

/** Where the loops stand, those inside where they begin to compute. */
function beginOf(reach: Reach | undefined, env: Environment): readonly number[] {
  if (reach === undefined) return env.lo.slice();
  const before = narrowToReach(reach, env);
  const begin = env.lo.slice();
  restoreReach(reach, env, before);
  return begin;
}

const driftBetween = (from: readonly number[], to: readonly number[]): Drift =>
  from.flatMap((at, variable) => (to[variable] === at ? [] : [{ variable, by: to[variable]! - at }]));

/** Where a tile is so many steps of a loop later in a run. */
function shiftedBox({ keep, tensor }: Moving, box: TileBox, drift: Drift, steps: number): TileBox {
  const out = [...box];
  keep.accesses[0]!.indices.forEach((index, d) => {
    if (tensor.dimensions[d]!.carried) return;
    const moved = drift.reduce((sum, { variable, by }) => {
      const term = index.terms.find((t) => t.variable === variable);
      return term === undefined ? sum : sum + term.coefficient * by;
    }, 0);
    const by = (moved * steps) / index.divisor;
    out[2 * d] = out[2 * d]! + by;
    out[2 * d + 1] = out[2 * d + 1]! + by;
  });
  return out;
}
