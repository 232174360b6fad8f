import { constraintRange, normalise, opposite } from './constraint.ts';
import { eliminate, hasPoint } from './elimination.ts';
import type { Box, Constraint, Domain } from './workload.ts';

/**
 * Set operations on domains within a box that stands for the whole space. Results stay disjoint unions.
 * What cannot be done exactly, or would grow without bound, is refused with a reason.
 */

export type Conjunction = readonly Constraint[];
/** Why an operation is not done exactly, and the variable that it is about, if it is about one. */
export type Refusal = { readonly refusal: string; readonly variable?: number };
export const isRefusal = (x: Domain | Refusal): x is Refusal => 'refusal' in x;

/** The space that the operations work in: its variables and their whole ranges. */
export type Space = { readonly variables: readonly number[]; readonly box: Box };

export const everywhere: Domain = [[]];

/** More pieces than a mask of a published algorithm needs; stops the growth of adversarial filters. */
const maxPieces = 64;
/** Above this the pairwise tests for redundancy cost more than they save. */
const maxTested = 12;

const tooManyPieces: Refusal = { refusal: `it falls into more than ${maxPieces} separate pieces` };

/** The conjunction without constraints that the box or the others imply; undefined where it is empty. */
export function simplify(conjunction: Conjunction, { variables, box }: Space): Conjunction | undefined {
  const tightest = new Map<string, Constraint>();
  for (const c of conjunction) {
    const n = normalise(c);
    if (n === 'always') continue;
    if (n === 'never') return undefined;
    const { min, max } = constraintRange(n, box);
    if (max < 0) return undefined;
    if (min >= 0) continue;
    const key = n.terms.map((t) => `${t.variable}*${t.coefficient}`).join(' ');
    const known = tightest.get(key);
    if (known === undefined || n.offset < known.offset) tightest.set(key, n);
  }
  const left = [...tightest.values()];
  if (left.length > 1 && hasPoint(left, variables, box) === false) return undefined;
  if (left.length > 1 && left.length <= maxTested)
    for (let i = left.length - 1; i >= 0; i--) {
      const others = left.toSpliced(i, 1);
      if (hasPoint([...others, opposite(left[i]!)], variables, box) === false) left.splice(i, 1);
    }
  return left;
}

export function intersect(a: Domain, b: Domain, space: Space): Domain | Refusal {
  const pieces: Conjunction[] = [];
  for (const x of a)
    for (const y of b) {
      const both = y.length === 0 ? x : x.length === 0 ? y : simplify([...x, ...y], space);
      if (both !== undefined) pieces.push(both);
      if (pieces.length > maxPieces) return tooManyPieces;
    }
  return pieces;
}

/** The rest of the space, as a disjoint union: `not (c1 and c2)` is `not c1`, or `c1 and not c2`. */
export function negate(domain: Domain, space: Space): Domain | Refusal {
  let rest: Domain = everywhere;
  for (const conjunction of domain) {
    const outside: Conjunction[] = [];
    for (const [i, c] of conjunction.entries()) {
      const piece = simplify([...conjunction.slice(0, i), opposite(c)], space);
      if (piece !== undefined) outside.push(piece);
    }
    const next = intersect(rest, outside, space);
    if (isRefusal(next)) return next;
    rest = next;
  }
  return rest;
}

/** A union of conjunctions that may overlap, made disjoint: each later one loses what the earlier ones hold. */
export function disjoint(union: readonly Conjunction[], space: Space): Domain | Refusal {
  const pieces = union.map((c) => simplify(c, space)).filter((c) => c !== undefined);
  if (pieces.some((c) => c.length === 0)) return everywhere;
  if (pieces.length < 2) return pieces;
  let outside: Domain = everywhere;
  const result: Conjunction[] = [];
  for (const piece of pieces) {
    const added = intersect(outside, [piece], space);
    const next = negate([piece], space);
    if (isRefusal(added)) return added;
    if (isRefusal(next)) return next;
    result.push(...added);
    if (result.length > maxPieces) return tooManyPieces;
    const rest = intersect(outside, next, space);
    if (isRefusal(rest)) return rest;
    outside = rest;
  }
  return outside.length === 0 ? everywhere : result;
}

/**
 * The points of the other variables for which some value of `variable` in [0, size) is in the domain
 * (integer Fourier-Motzkin). `space` is of the other variables. Refused where the elimination would
 * not be exact.
 */
export function project(domain: Domain, variable: number, size: number, space: Space): Domain | Refusal {
  const pieces: Conjunction[] = [];
  for (const conjunction of domain) {
    const piece = eliminate(conjunction, variable, 0, size);
    if ('lower' in piece) return { refusal: gaps(piece.lower, piece.upper), variable };
    pieces.push(piece);
  }
  return disjoint(pieces, space);
}

const gaps = (lower: number, upper: number): string =>
  `its conditions bound it by ${lower} times itself from below and ${upper} times itself from above, which leaves gaps`;
