import type { Constraint } from '../einsum/workload.ts';
import type { Loop } from '../mapper/placed.ts';
import type { Environment } from '../mapper/tile.ts';
import { sameKey } from './found.ts';
import { keyLength, type Shape, writeKey } from './likeness.ts';
import { narrowToReach, type Reach, restoreReach } from './reach.ts';
import { mostRuns, WorkLimit } from './work-limit.ts';

/**
 * The steps of a loop, as runs of neighbours that are alike (`likeness.ts`): a dense loop has at most two runs, full steps and
 * the ragged last one; a causal one a few more.
 */

/** Sets the loop's variable to its i-th step within [lo, hi). */
export function enterStep(loop: Loop, lo: number, hi: number, i: number, env: Environment): void {
  env.lo[loop.variable] = lo + i * loop.tile;
  env.hi[loop.variable] = Math.min(hi, lo + (i + 1) * loop.tile);
}

export const stepCount = (loop: Loop, env: Environment): number =>
  Math.ceil((env.hi[loop.variable]! - env.lo[loop.variable]!) / loop.tile);

/** By how much the reach of the loops inside moves with each step of a run. */
export type Drift = readonly { readonly variable: number; readonly by: number }[];

/**
 * Calls `visit(first, length, drift)` for each run of steps of a loop that behave alike, with the environment set to the
 * run's first step, and restores the environment. With the reach of the loops inside, which the visitor has to walk,
 * steps count as alike in which these begin to compute elsewhere, always by as much from one step to the next.
 */
export function forEachRun(
  loop: Loop,
  whole: Shape,
  env: Environment,
  visit: (first: number, length: number, drift: Drift) => void,
  wholeReach?: Reach,
): void {
  const lo = env.lo[loop.variable]!;
  const hi = env.hi[loop.variable]!;
  const steps = stepCount(loop, env);
  const countRun = (): void => {
    if (env.effort !== undefined && ++env.effort.runs > mostRuns)
      throw new WorkLimit(`more than ${mostRuns} runs of unlike iterations would have to be visited`);
  };
  if (steps === 1) {
    // The whole loop is its only step, and what it is like is not asked.
    countRun();
    visit(0, 1, []);
    return;
  }
  const moving = movingWith(loop, whole, wholeReach);
  for (let first = 0; first < steps; ) {
    enterStep(loop, lo, hi, first, env);
    const run = moving.isPlain
      ? { length: 1 + countAlike(loop, moving.shape, env, hi), drift: [] }
      : compareSteps(loop, moving, env, lo, hi, first);
    enterStep(loop, lo, hi, first, env);
    countRun();
    visit(first, run.length, run.drift);
    first += run.length;
  }
  env.lo[loop.variable] = lo;
  env.hi[loop.variable] = hi;
}

type Run = { readonly length: number; readonly drift: Drift };

/** The run that begins with a step, by its key and those of the steps after it; leaves the environment at any of them. */
function compareSteps(
  loop: Loop,
  { shape, reach }: Moving,
  env: Environment,
  lo: number,
  hi: number,
  first: number,
): Run {
  const steps = Math.ceil((hi - lo) / loop.tile);
  if (first + 1 === steps) return { length: 1, drift: [] };
  const size = keyLength(shape, reach);
  const key = takeScratch(size);
  const other = takeScratch(size);
  const begins = (): readonly number[] => {
    if (reach === undefined) return [];
    const before = narrowToReach(reach, env);
    const found = reach.map(({ variable }) => env.lo[variable]!);
    restoreReach(reach, env, before);
    return found;
  };
  writeKey(shape, env, key, 0, reach);
  const begin = begins();
  let drift: Drift = [];
  const guess = reach === undefined ? first + countAlike(loop, shape, env, hi) : first;
  const alike = (i: number): boolean => {
    enterStep(loop, lo, hi, i, env);
    writeKey(shape, env, other, 0, reach);
    if (!sameKey(key, other)) return false;
    if (reach === undefined) return true;
    const now = begins();
    if (i === first + 1) drift = reach.map(({ variable }, r) => ({ variable, by: now[r]! - begin[r]! }));
    return drift.every(({ by }, r) => now[r] === begin[r]! + (i - first) * by);
  };
  const length = alike(first + 1) ? lastAlike(first + 1, steps, alike, guess) - first + 1 : 1;
  giveScratch(key);
  giveScratch(other);
  return { length, drift };
}

/** Arrays for keys that nobody uses now, by length: to make one takes as long as to fill it. */
const scratches = new Map<number, Float64Array[]>();

const takeScratch = (length: number): Float64Array => scratches.get(length)?.pop() ?? new Float64Array(length);

function giveScratch(scratch: Float64Array): void {
  const spare = scratches.get(scratch.length);
  if (spare === undefined) scratches.set(scratch.length, [scratch]);
  else spare.push(scratch);
}

/**
 * How many more steps of a loop are alike at most, from where the environment stands: until the last step takes what is left,
 * or a constraint begins or ceases to hold on all of a step. Other things that a shape has may end the run before.
 */
function countAlike({ variable: v, tile }: Loop, { pieces }: Shape, env: Environment, hi: number): number {
  let most = Math.max(0, Math.floor((hi - env.lo[v]!) / tile) - 1);
  for (const piece of pieces) {
    let inside = most;
    let outside = most;
    let nowhere = false;
    for (const c of piece) {
      let low = c.offset;
      let high = c.offset;
      let slope = 0;
      for (const { variable, coefficient } of c.terms) {
        const first = coefficient * env.lo[variable]!;
        const last = coefficient * (env.hi[variable]! - 1);
        low += coefficient > 0 ? first : last;
        high += coefficient > 0 ? last : first;
        if (variable === v) slope = coefficient * tile;
      }
      nowhere ||= high < 0;
      if (slope === 0) continue;
      if (low < 0) inside = 0;
      else if (slope < 0) inside = Math.min(inside, Math.floor(low / -slope));
      // Where another fails, it matters only when this one begins or ceases to fail.
      if (high < 0 && slope > 0) outside = Math.min(outside, Math.ceil(-high / slope) - 1);
      if (high >= 0 && slope < 0) outside = Math.min(outside, Math.floor(high / -slope));
    }
    most = Math.min(most, nowhere ? outside : inside);
  }
  return most;
}

/** Largest index below `end` that is still alike, given that `from` is: the guess if it is that one, else gallop, then bisect. */
function lastAlike(from: number, end: number, alike: (i: number) => boolean, guess: number): number {
  if (guess > from && guess < end && alike(guess) && (guess + 1 === end || !alike(guess + 1))) return guess;
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

/** What of a shape, and of the reach of the loops inside, may differ between the steps of a loop. */
type Moving = {
  readonly shape: Shape;
  readonly reach: Reach | undefined;
  /** Only conditions differ, seen from where the loop stands. */
  readonly isPlain: boolean;
};

const known = new WeakMap<Shape, Map<Loop, Moving & { readonly of: Reach | undefined }>>();

function movingWith(loop: Loop, shape: Shape, reach: Reach | undefined): Moving {
  const ofShape = known.get(shape) ?? new Map<Loop, Moving & { readonly of: Reach | undefined }>();
  known.set(shape, ofShape);
  const moving = ofShape.get(loop);
  if (moving !== undefined && moving.of === reach) return moving;
  const found = { ...findMoving(loop, shape, reach), of: reach };
  ofShape.set(loop, found);
  return found;
}

function findMoving({ variable }: Loop, shape: Shape, reach: Reach | undefined): Moving {
  const mentions = (terms: Constraint['terms'], some: ReadonlySet<number>): boolean =>
    terms.some((t) => some.has(t.variable));
  const own = new Set([variable]);
  const bounded =
    reach?.filter(({ pieces }) => pieces.some(({ all }) => all.some((c) => mentions(c.terms, own)))) ?? [];
  const moved = new Set([variable, ...bounded.map((r) => r.variable)]);
  const pieces = shape.pieces.filter((piece) => piece.some((c) => mentions(c.terms, moved)));
  const indices = shape.indices.filter(({ index }) => mentions(index.terms, moved));
  const pairs = shape.pairs.filter((pair) => pair.some((index) => mentions(index.terms, moved)));
  const read = [...pieces.flat(), ...indices.map(({ index }) => index), ...pairs.flat()].flatMap(({ terms }) => terms);
  const needed = new Set([...moved, ...read.map((t) => t.variable)]);
  const within = reach?.filter((r) => needed.has(r.variable)) ?? [];
  const pasts = shape.pasts.filter(({ einsum }) => einsum.variables.some((v) => moved.has(v)));
  return {
    shape: {
      ...shape,
      variables: shape.variables.filter((v) => moved.has(v)),
      factors: [],
      pieces,
      constraints: pieces.flat(),
      settled: [],
      indices,
      pairs,
      pasts,
    },
    reach: within.length === 0 ? undefined : within,
    isPlain: within.length + indices.length + pairs.length + pasts.length === 0,
  };
}
