import { type Affine, scaled, sum } from './affine.ts';
import { everywhere, intersect, isRefusal, project, type Refusal, type Space, simplify } from './domain-algebra.ts';
import { areSeparate, factorsOf, productOf } from './factors.ts';
import type { Packing } from './packing.ts';
import type { BoundAccess, BoundIndex, Constraint, Domain, GateCondition, Tensor } from './workload.ts';

/**
 * Which points of a tensor exist, and what that means for the Einsums that read it. Existence is written as
 * constraints on the producer's output variables, of which each dimension has one.
 */
export type Existence = {
  /** By dimension: the producer's variable. Empty where the tensor exists everywhere. */
  readonly variables: readonly number[];
  readonly domain: Domain;
};

const existsEverywhere: Existence = { variables: [], domain: everywhere };

/** What is known of the elements of a tensor that an Einsum reads. */
export type TensorPresence = {
  /** Where elements exist: as positions where a selection keeps so many, and whatever is selected. */
  readonly existing: Existence;
  readonly candidates: Existence;
  /** Gates that decide besides. */
  readonly conditions: readonly GateCondition[];
  /** Data decides which elements exist. */
  readonly conditional: boolean;
  /** The variables of its producer along which selections decide: ranked ones, and gates. */
  readonly packing: Packing;
  readonly gated: readonly number[];
  /** Why it is not known how much exists; nothing can be counted that reads it. */
  readonly blurred: string | undefined;
};

const alwaysPresent: TensorPresence = {
  existing: existsEverywhere,
  candidates: existsEverywhere,
  conditions: [],
  conditional: false,
  packing: new Map(),
  gated: [],
  blurred: undefined,
};

export type Presences = ReadonlyMap<number, TensorPresence>;

export const presenceIn = (presences: Presences, tensor: number): TensorPresence =>
  presences.get(tensor) ?? alwaysPresent;

/**
 * The output points to which at least one point of the domain maps: the reduced variables eliminated,
 * in any order in which that is exact.
 */
export function projectReduced(
  domain: Domain,
  reduced: readonly number[],
  sizes: readonly number[],
  space: Space,
): Domain | Refusal {
  const projected: Domain[] = [];
  for (const factor of factorsOf(domain)) {
    const left = projectFactor(factor, reduced, sizes, space);
    if (isRefusal(left)) return left;
    projected.push(left);
  }
  return productOf(projected);
}

function projectFactor(
  domain: Domain,
  reduced: readonly number[],
  sizes: readonly number[],
  space: Space,
): Domain | Refusal {
  let left: Domain = domain;
  // What no condition mentions takes any value.
  let pending = reduced.filter((v) => domain.some((all) => all.some((c) => c.terms.some((t) => t.variable === v))));
  while (pending.length > 0) {
    let refusal: Refusal | undefined;
    let done: number | undefined;
    for (const v of pending) {
      const rest = { variables: space.variables.filter((x) => x !== v), box: space.box };
      const next = project(left, v, sizes[v]!, rest);
      if (isRefusal(next)) {
        refusal ??= next;
        continue;
      }
      left = next;
      done = v;
      break;
    }
    if (done === undefined) return refusal ?? left;
    pending = pending.filter((v) => v !== done);
  }
  return left;
}

/** `0 <= floor(a / d) < size` as constraints on a: `0 <= a` and `a <= size*d - 1`. */
const withinShape = (index: BoundIndex, size: number): readonly Constraint[] => [
  { terms: index.terms, offset: index.offset },
  { ...scaled(index, -1), offset: size * index.divisor - 1 - index.offset },
];

/** The points of the reader at which the operand's element exists. */
function existenceAt(existence: Existence, indices: readonly BoundIndex[], space: Space): Domain | Refusal {
  const factors: Domain[] = [];
  for (const factor of factorsOf(existence.domain)) {
    const pieces: (readonly Constraint[])[] = [];
    for (const conjunction of factor) {
      const read: Constraint[] = [];
      for (const c of conjunction) {
        const substituted = substitute(c, existence.variables, indices);
        if ('refusal' in substituted) return substituted;
        read.push(substituted);
      }
      const piece = simplify(read, space);
      if (piece !== undefined) pieces.push(piece);
    }
    factors.push(pieces);
  }
  const product = productOf(factors);
  // Indices may join what was separate.
  return areSeparate(factors) ? product : product.map((c) => simplify(c, space)).filter((c) => c !== undefined);
}

/** The part of `domain` at which the operand's element exists. */
export function readable(
  { tensor, indices }: BoundAccess,
  { tensors }: { readonly tensors: readonly Tensor[] },
  existence: Existence,
  domain: Domain,
  space: Space,
): Domain | Refusal {
  const { dimensions } = tensors[tensor]!;
  const within: Constraint[] = indices.flatMap((index, d) => withinShape(index, dimensions[d]!.size));
  const shape = simplify(within, space);
  const inside = intersect(domain, shape === undefined ? [] : [shape], space);
  const existing = existenceAt(existence, indices, space);
  if (isRefusal(inside) || isRefusal(existing)) return isRefusal(inside) ? inside : existing;
  return intersect(inside, existing, space);
}

/**
 * The constraint with each output variable replaced by the operand's index. One index may be a
 * quotient with coefficient k: `k*floor(a/d) + r >= 0` is `a + d*r >= 0` for k = 1 and
 * `d*r + d - 1 - a >= 0` for k = -1.
 */
function substitute(c: Constraint, variables: readonly number[], indices: readonly BoundIndex[]): Constraint | Refusal {
  let rest: Affine = { terms: [], offset: c.offset };
  let quotient: { readonly index: BoundIndex; readonly factor: number } | undefined;
  for (const { variable, coefficient } of c.terms) {
    const index = indices[variables.indexOf(variable)]!;
    if (index.divisor === 1) rest = sum(rest, scaled(index, coefficient));
    else if (quotient === undefined) quotient = { index, factor: coefficient };
    else return { refusal: 'two indices with "div" meet in one of its conditions' };
  }
  if (quotient === undefined) return rest;
  const { index, factor } = quotient;
  // Without other variables the factor divides out.
  const bound = rest.terms.length === 0 ? { terms: [], offset: Math.floor(rest.offset / Math.abs(factor)) } : rest;
  if (rest.terms.length > 0 && Math.abs(factor) !== 1)
    return { refusal: `an index with "div" counts ${Math.abs(factor)} times in one of its conditions` };
  const whole = scaled(bound, index.divisor);
  return factor > 0
    ? sum(index, whole)
    : sum(scaled(index, -1), { terms: whole.terms, offset: whole.offset + index.divisor - 1 });
}
