import { isEmpty } from '../einsum/domain.ts';
import { factorsOf, variablesOf } from '../einsum/factors.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, Constraint, Domain, Tensor } from '../einsum/workload.ts';
import type { Loop } from '../mapper/placed.ts';
import { type Environment, indexLow, keepStep } from '../mapper/tile.ts';
import { narrowToReach, type Reach, restoreReach } from './reach.ts';
import { type Past, pastLength, writePast } from './visited.ts';

/**
 * Which iterations are alike: those that differ only by a shift, with the same extents and the same standing towards every filter.
 * They have equal keys.
 */

/** What decides how an iteration behaves, apart from where it is. */
export type Shape = {
  readonly variables: readonly number[];
  /** Of all domains; their conditions piece by piece, and one by one. */
  readonly factors: readonly Domain[];
  readonly pieces: readonly (readonly Constraint[])[];
  readonly constraints: readonly Constraint[];
  /** Factors of which nothing moves further in: of them it matters whether anything is left. */
  readonly settled: readonly { readonly factor: Domain; readonly variables: readonly number[] }[];
  /** Indices that are not a plain variable: they can be clipped at the border or step by a division. */
  readonly indices: readonly { readonly index: BoundIndex; readonly size: number }[];
  /**
   * Indices of one dimension by different accesses: a tile that holds both keeps its form while they keep step. One with a constant
   * stands for where it is.
   */
  readonly pairs: readonly (readonly [BoundIndex, BoundIndex])[];
  /** What tells whether the tiles inside are computed into for the first time, where that matters. */
  readonly pasts: readonly Past[];
  /** Nothing passes from one iteration to the next: while a divided index keeps its value, it does not matter how far in it is. */
  readonly still?: true;
};

const stills = new WeakMap<Shape, Shape>();

export function stillShape(shape: Shape): Shape {
  const still = stills.get(shape) ?? { ...shape, still: true };
  stills.set(shape, still);
  return still;
}

/** What decides how an iteration behaves, if only these loops are inside. */
export function settledShape(shape: Shape, inside: readonly Loop[]): Shape {
  const open: Domain[] = [];
  const settled = [...shape.settled];
  for (const factor of shape.factors) {
    const variables = variablesOf(factor);
    if (inside.some((l) => variables.has(l.variable))) open.push(factor);
    else settled.push({ factor, variables: [...variables] });
  }
  return { ...shape, ...conditionsOf(open), settled };
}

function conditionsOf(factors: readonly Domain[]): Pick<Shape, 'factors' | 'pieces' | 'constraints'> {
  const pieces = distinct(factors.flat());
  return { factors, pieces, constraints: pieces.flat() };
}

const distinct = <T>(values: readonly T[]): readonly T[] =>
  values.length < 2 ? values : [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];

type Known = { readonly einsums: readonly BoundEinsum[]; readonly tensors: readonly Tensor[]; readonly shape: Shape };

/** Of Einsums by themselves, by the first of them. */
const known = new WeakMap<BoundEinsum, Known[]>();

/** What decides how iterations behave in which these Einsums compute, of a workload with these tensors. */
export function shapeOf(
  einsums: readonly BoundEinsum[],
  tensors: readonly Tensor[],
  pasts: readonly Past[] = [],
): Shape {
  const first = einsums[0];
  if (first === undefined) return { ...findShape(einsums, tensors), pasts };
  const isSame = (k: Known): boolean =>
    k.tensors === tensors && k.einsums.length === einsums.length && k.einsums.every((e, i) => e === einsums[i]);
  const ofFirst = known.get(first) ?? [];
  let found = ofFirst.find(isSame);
  if (found === undefined) {
    found = { einsums, tensors, shape: findShape(einsums, tensors) };
    known.set(first, [...ofFirst, found]);
  }
  return pasts.length === 0 ? found.shape : { ...found.shape, pasts };
}

function findShape(einsums: readonly BoundEinsum[], tensors: readonly Tensor[]): Shape {
  const variables = new Set<number>();
  const indices: { index: BoundIndex; size: number }[] = [];
  for (const e of einsums) {
    for (const v of e.variables) variables.add(v);
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
    ...conditionsOf(distinct(einsums.flatMap((e) => factorsOf(e.domain)))),
    settled: [],
    indices,
    pairs: pairsOf(einsums, tensors),
    pasts: [],
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
      if (!carried && !keepStep(...pair)) pairs.set(JSON.stringify(pair), pair);
    });
  }
  // How many a selection keeps depends on where a variable is, not on how it stands to any border.
  for (const { selection } of einsums) {
    if (selection?.kind !== 'rank' || selection.along === undefined) continue;
    const pair = [plainIndex(selection.along), { terms: [], offset: 0, divisor: 1 }] as const;
    pairs.set(JSON.stringify(pair), pair);
  }
  return [...pairs.values()];
}

const plainIndex = (variable: number): BoundIndex => ({
  terms: [{ variable, coefficient: 1 }],
  offset: 0,
  divisor: 1,
});

export const keyLength = (shape: Shape, reach?: Reach): number =>
  shape.variables.length +
  shape.constraints.length +
  shape.settled.length +
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
  for (const { factor, variables } of shape.settled) out[k++] = isEmpty(factor, variables, env) ? 0 : 1;
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

export function keyOf(shape: Shape, env: Environment, reach: Reach | undefined): Float64Array {
  const key = new Float64Array(keyLength(shape, reach));
  writeKey(shape, env, key, 0, reach);
  return key;
}
