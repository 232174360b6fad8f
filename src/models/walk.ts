import { isEmpty } from '../einsum/domain.ts';
import { factorsOf, variablesOf } from '../einsum/factors.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, Constraint, Tensor } from '../einsum/workload.ts';
import type { Block, Keep, Loop } from '../mapper/placed.ts';
import { type Environment, indexLow, sharedVolume, type TileBox, tileBox, volume } from '../mapper/tile.ts';
import { createFound, enter, lookUp, sameKey } from './found.ts';
import { narrowToReach, type Reach, reachOf, restoreReach } from './reach.ts';
import { type Past, pastLength, writePast } from './visited.ts';
import { mostRuns, WorkLimit } from './work-limit.ts';

/**
 * Exact sums over the iterations of a chain of nested loops, without walking them: neighbouring iterations that
 * differ only by a shift (same extents, same standing towards every filter) form a run and are evaluated once.
 * A dense loop has at most two runs, full steps and the ragged last one; a causal one a few more.
 */

/** What decides how an iteration behaves, apart from where it is. */
export type Shape = {
  readonly variables: readonly number[];
  /** Those of the factors of all domains, piece by piece, and one by one. */
  readonly pieces: readonly (readonly Constraint[])[];
  readonly constraints: readonly Constraint[];
  /** Indices that are not a plain variable: they can be clipped at the border or step by a division. */
  readonly indices: readonly { readonly index: BoundIndex; readonly size: number }[];
  /** Indices of one dimension by different accesses: a tile that holds both keeps its form while they keep step. */
  readonly pairs: readonly (readonly [BoundIndex, BoundIndex])[];
  /** What tells whether the tiles inside are computed into for the first time, where that matters. */
  readonly pasts: readonly Past[];
  /** Nothing passes from one iteration to the next: while a divided index keeps its value, it does not matter how far in it is. */
  readonly still?: true;
};

/** What of a shape, and of the reach of the loops inside, may differ between the steps of a loop. */
type Part = { readonly shape: Shape; readonly reach: Reach | undefined };

const parts = new WeakMap<Shape, Map<Loop, Part & { readonly of: Reach | undefined }>>();

function partThatMoves(shape: Shape, loop: Loop, reach: Reach | undefined): Part {
  let ofShape = parts.get(shape);
  if (ofShape === undefined) {
    ofShape = new Map();
    parts.set(shape, ofShape);
  }
  let part = ofShape.get(loop);
  if (part === undefined || part.of !== reach) {
    part = { ...findPart(shape, loop, reach), of: reach };
    ofShape.set(loop, part);
  }
  return part;
}

function findPart(shape: Shape, { variable }: Loop, reach: Reach | undefined): Part {
  const moved = new Set([variable]);
  const mentions = (terms: Constraint['terms'], some: ReadonlySet<number>): boolean =>
    terms.some((t) => some.has(t.variable));
  const own = new Set(moved);
  for (const r of reach ?? [])
    if (r.pieces.some(({ all }) => all.some(({ terms }) => mentions(terms, own)))) moved.add(r.variable);
  const pieces = shape.pieces.filter((piece) => piece.some(({ terms }) => mentions(terms, moved)));
  const indices = shape.indices.filter(({ index }) => mentions(index.terms, moved));
  const pairs = shape.pairs.filter((pair) => pair.some(({ terms }) => mentions(terms, moved)));
  const needed = new Set(moved);
  for (const { terms } of [...pieces.flat(), ...indices.map(({ index }) => index), ...pairs.flat()])
    for (const t of terms) needed.add(t.variable);
  const left = reach?.filter((r) => needed.has(r.variable)) ?? [];
  return {
    shape: {
      ...shape,
      variables: shape.variables.filter((v) => moved.has(v)),
      pieces,
      constraints: pieces.flat(),
      indices,
      pairs,
      pasts: shape.pasts.filter(({ einsum }) => einsum.variables.some((v) => moved.has(v))),
    },
    reach: left.length === 0 ? undefined : left,
  };
}

export const stillShape = (shape: Shape): Shape => ({ ...shape, still: true });

export function shapeOf(
  einsums: readonly BoundEinsum[],
  tensors: readonly Tensor[],
  pasts: readonly Past[] = [],
): Shape {
  const variables = new Set<number>();
  const pieces = new Map<string, readonly Constraint[]>();
  const indices: { index: BoundIndex; size: number }[] = [];
  for (const e of einsums) {
    for (const v of e.variables) variables.add(v);
    for (const piece of factorsOf(e.domain).flat()) pieces.set(JSON.stringify(piece), piece);
    for (const access of [e.output, ...e.operands])
      access.indices.forEach((index, d) => {
        const dimension = tensors[access.tensor]!.dimensions[d]!;
        const plain = index.terms.length <= 1 && index.offset === 0 && index.divisor === 1;
        if (!dimension.carried && !(plain && (index.terms[0]?.coefficient ?? 1) === 1))
          indices.push({ index, size: dimension.size });
      });
  }
  return {
    variables: [...variables],
    pieces: [...pieces.values()],
    constraints: [...pieces.values()].flat(),
    indices,
    pairs: pairsOf(einsums, tensors),
    pasts,
  };
}

function pairsOf(einsums: readonly BoundEinsum[], tensors: readonly Tensor[]): Shape['pairs'] {
  const firsts = new Map<number, BoundAccess>();
  const pairs = new Map<string, readonly [BoundIndex, BoundIndex]>();
  for (const access of einsums.flatMap((e) => [e.output, ...e.operands])) {
    const first = firsts.get(access.tensor) ?? access;
    firsts.set(access.tensor, first);
    tensors[access.tensor]!.dimensions.forEach(({ carried }, d) => {
      const pair = [first.indices[d]!, access.indices[d]!] as const;
      // Indices that differ by a constant keep step by themselves.
      const [a, b] = pair.map(({ terms, divisor }) => JSON.stringify([terms, divisor]));
      if (!carried && a !== b) pairs.set(JSON.stringify(pair), pair);
    });
  }
  return [...pairs.values()];
}

export const keyLength = (shape: Shape, reach?: Reach): number =>
  shape.variables.length +
  shape.constraints.length +
  (reach === undefined ? 1 : 2) * tilesLength(shape) +
  shape.pasts.reduce((n, past) => n + pastLength(past), 0);

const tilesLength = (shape: Shape): number => 3 * shape.indices.length + shape.pairs.length;

/**
 * Writes the key of an iteration at `out[at...]`: equal keys behave alike up to a shift. A constraint that holds on
 * the whole box, and a piece of a domain in which one fails there, count as such; between, its least value tells where the
 * border lies. With a reach, what the loops
 * inside do is seen from where they begin to compute.
 */
export function writeKey(shape: Shape, env: Environment, out: Float64Array, at = 0, reach?: Reach): void {
  const past = at + keyLength(shape, reach) - shape.pasts.reduce((n, p) => n + pastLength(p), 0);
  if (reach === undefined) writeTiles(shape, env, out, writeStanding(shape, env, out, at));
  else {
    // Tiles that stay while the loops inside run are those of all their steps.
    const k = writeTiles(shape, env, out, at);
    const before = narrowToReach(reach, env);
    writeTiles(shape, env, out, writeStanding(shape, env, out, k));
    restoreReach(reach, env, before);
  }
  let k = past;
  for (const p of shape.pasts) {
    writePast(p, env, out, k);
    k += pastLength(p);
  }
}

function writeStanding(shape: Shape, env: Environment, out: Float64Array, at: number): number {
  let k = at;
  for (const v of shape.variables) out[k++] = env.hi[v]! - env.lo[v]!;
  for (const piece of shape.pieces) {
    const begin = k;
    let nowhere = false;
    for (const c of piece) {
      let low = c.offset;
      let high = c.offset;
      for (const { variable, coefficient } of c.terms) {
        const first = coefficient * env.lo[variable]!;
        const last = coefficient * (env.hi[variable]! - 1);
        low += coefficient > 0 ? first : last;
        high += coefficient > 0 ? last : first;
      }
      nowhere ||= high < 0;
      out[k++] = low >= 0 ? Number.POSITIVE_INFINITY : high < 0 ? Number.NEGATIVE_INFINITY : low;
    }
    // How nearly the others fail makes no difference; which one does tells one side of a band from the other.
    if (nowhere) for (let i = begin; i < k; i++) if (out[i] !== Number.NEGATIVE_INFINITY) out[i] = 0;
  }
  return k;
}

const remainder = (a: number, b: number): number => ((a % b) + b) % b;

function writeTiles(shape: Shape, env: Environment, out: Float64Array, at: number): number {
  let k = at;
  for (const { index, size } of shape.indices) {
    let low = index.offset;
    let high = index.offset;
    for (const { variable, coefficient } of index.terms) {
      const first = coefficient * env.lo[variable]!;
      const last = coefficient * (env.hi[variable]! - 1);
      low += coefficient > 0 ? first : last;
      high += coefficient > 0 ? last : first;
    }
    // Wholly outside the shape nothing is touched, however far away.
    const outside = high < 0 || low >= size * index.divisor;
    const alone = shape.still === true && Math.floor(low / index.divisor) === Math.floor(high / index.divisor);
    out[k++] = index.divisor === 1 || outside ? 0 : alone ? -1 : remainder(low, index.divisor);
    out[k++] = outside ? Number.NEGATIVE_INFINITY : Math.min(0, low);
    out[k++] = outside ? Math.sign(high) : Math.max(0, Math.floor(high / index.divisor) + 1 - size);
  }
  for (const [a, b] of shape.pairs) out[k++] = indexLow(a, env) - indexLow(b, env);
  return k;
}

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
  const { shape, reach } = partThatMoves(whole, loop, wholeReach);
  const size = keyLength(shape, reach);
  const key = takeScratch(size);
  const other = takeScratch(size);
  let first = 0;
  let begin: readonly number[] = [];
  let drift: Drift = [];
  const begins = (): readonly number[] => {
    if (reach === undefined) return [];
    const before = narrowToReach(reach, env);
    const found = reach.map(({ variable }) => env.lo[variable]!);
    restoreReach(reach, env, before);
    return found;
  };
  const alike = (i: number): boolean => {
    enterStep(loop, lo, hi, i, env);
    writeKey(shape, env, other, 0, reach);
    if (!sameKey(key, other)) return false;
    if (reach === undefined) return true;
    const now = begins();
    if (i === first + 1) drift = reach.map(({ variable }, r) => ({ variable, by: now[r]! - begin[r]! }));
    return drift.every(({ by }, r) => now[r] === begin[r]! + (i - first) * by);
  };
  while (first < steps) {
    enterStep(loop, lo, hi, first, env);
    writeKey(shape, env, key, 0, reach);
    begin = begins();
    const guess = reach === undefined ? first + guessAlike(loop, shape, env, hi) : first;
    const length = first + 1 < steps && alike(first + 1) ? lastAlike(first + 1, steps, alike, guess) - first + 1 : 1;
    enterStep(loop, lo, hi, first, env);
    countRun();
    visit(first, length, drift);
    first += length;
  }
  env.lo[loop.variable] = lo;
  env.hi[loop.variable] = hi;
  giveScratch(key);
  giveScratch(other);
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
 * or a constraint begins or ceases to hold on all of a step. Other things may end the run before.
 */
function guessAlike({ variable: v, tile }: Loop, shape: Shape, env: Environment, hi: number): number {
  let most = Math.floor((hi - env.lo[v]!) / tile) - 1;
  for (const c of shape.constraints) {
    let low = c.offset;
    let high = c.offset;
    let slope = 0;
    for (const { variable, coefficient } of c.terms) {
      const [first, last] = [coefficient * env.lo[variable]!, coefficient * (env.hi[variable]! - 1)];
      low += Math.min(first, last);
      high += Math.max(first, last);
      if (variable === v) slope = coefficient * tile;
    }
    if (slope === 0) continue;
    if (low >= 0) most = slope < 0 ? Math.min(most, Math.floor(low / -slope)) : most;
    else if (high < 0) most = slope > 0 ? Math.min(most, Math.ceil(-high / slope) - 1) : most;
    else return 0;
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
  const still = stillShape(shape);
  const inside = inOrder(loops, einsums, shape);
  const reaches = [...inside, undefined].map((_, depth) => reachOf(einsums, inside.slice(depth)));
  const found = inside.map(() => createFound<Float64Array>());
  const descend = (depth: number): Float64Array => {
    const totals = new Float64Array(width);
    const loop = inside[depth];
    if (loop === undefined) {
      if (isActive(einsums, env))
        leaf(env, (i, amount) => {
          totals[i] = totals[i]! + amount;
        });
      return totals;
    }
    const key = inside === loops || depth === 0 ? undefined : keyOf(still, env, reaches[depth]);
    const known = key && lookUp(found[depth]!, key);
    if (known !== undefined) return known;
    const visit = (_first: number, length: number): void => {
      const each = descend(depth + 1);
      for (let i = 0; i < width; i++) totals[i] = totals[i]! + length * each[i]!;
    };
    forEachRun(loop, still, env, visit, reaches[depth + 1]);
    if (key !== undefined) enter(found[depth]!, key, totals);
    return totals;
  };
  return descend(0);
}

function keyOf(shape: Shape, env: Environment, reach: Reach | undefined): Float64Array {
  const key = new Float64Array(keyLength(shape, reach));
  writeKey(shape, env, key, 0, reach);
  return key;
}

/**
 * Loops whose order does not matter, those together that conditions join: where a domain is a product, what one factor's loops
 * lead to is seldom unlike what they led to before. The same loops where it is none.
 */
function inOrder(loops: readonly Loop[], einsums: readonly BoundEinsum[], shape: Shape): readonly Loop[] {
  const factors = productFactors(einsums);
  if (factors.length < 2 || shape.pasts.length > 0) return loops;
  const place = (l: Loop): number => factors.findIndex((variables) => variables.has(l.variable));
  return loops.toSorted((a, b) => place(a) - place(b));
}

/** Variables of the factors of the domain that has most of them. */
const productFactors = (einsums: readonly BoundEinsum[]): readonly ReadonlySet<number>[] =>
  einsums
    .map((e) => factorsOf(e.domain))
    .reduce((a, b) => (b.length > a.length ? b : a), [])
    .map(variablesOf);

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
  const still = stillShape(shape);
  const reaches = [...loops, undefined].map((_, depth) => reachOf(keep.users, loops.slice(depth)));
  const isProduct = productFactors(keep.users).length > 1;
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
    const key = isProduct && depth > 0 ? keyOf(shape, env, reaches[depth]) : undefined;
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
    forEachRun(loop, moving.startsEmpty(loop) ? still : shape, env, visit, reaches[depth + 1]);
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

/** By how many iterations the last branch of a block lags behind the loop around. */
export const mostLag = ({ branches }: Block): number =>
  branches.reduce((most, b) => Math.max(most, b.kind === 'loop' ? b.lag : 0), 0);
