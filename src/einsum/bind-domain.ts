import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Scope } from './affine.ts';
import { printArithmetic } from './arithmetic.ts';
import type { Einsum, TensorAccess } from './ast.ts';
import { bindFilter } from './bind-filter.ts';
import { coefficientOf, constraintRange } from './constraint.ts';
import { countingCost, wholeBox } from './domain.ts';
import { intersect, isRefusal, type Refusal, type Space, simplify } from './domain-algebra.ts';
import { type Existence, existenceAt, existsEverywhere, projectReduced, withinShape } from './existence.ts';
import type { BoundAccess, Constraint, Domain, Tensor, Variable } from './workload.ts';

type Context = { readonly variables: readonly Variable[]; readonly tensors: readonly Tensor[]; readonly scope: Scope };
type Operand = { readonly access: TensorAccess; readonly bound: BoundAccess };
type Iteration = {
  readonly variables: readonly number[];
  readonly reduced: readonly number[];
  readonly carried: number | undefined;
};

/** A count that loops longer than this over coupled variables would be felt in every command. */
const maxCountingSteps = 2 ** 16;

/**
 * The points at which an Einsum computes (its filter holds, each operand's index is inside its shape, and
 * each operand's point exists), and the output points that exist for it.
 *
 * Errors: those of filters, `index-out-of-range`, `not-countable`. Warnings: `never-computed`.
 */
export function bindDomain(
  einsum: Einsum,
  operands: readonly Operand[],
  { variables, reduced, carried }: Iteration,
  context: Context,
  existence: ReadonlyMap<number, Existence>,
): Result<{ readonly domain: Domain; readonly existing: Domain }> {
  const sizes = context.variables.map((v) => v.size);
  const space: Space = { variables, box: wholeBox(sizes) };
  const filter = bindFilter(einsum.filter, context.scope, space);
  const outside = operands.flatMap((o) => indexMistakes(o, context, space));
  if (!filter.ok) return failure([...filter.diagnostics, ...outside]);
  if (outside.length > 0) return failure(outside);

  let domain = filter.value;
  for (const { access, bound } of operands) {
    const next = readable(bound, context, existence, domain, space);
    if (isRefusal(next))
      return notCountable(`the points at which "${access.tensor}" exists here`, next, access.span, context);
    domain = next;
  }
  const at = (einsum.filter ?? einsum.output).span;
  if (!domain.every((conjunction) => isCountable(conjunction, space))) {
    const refusal = { refusal: 'its conditions reach beyond 2^53, where integers stop being exact' };
    return notCountable(`the points of "${einsum.output.tensor}"`, refusal, at, context);
  }
  if (countingCost(domain, variables, space.box) > maxCountingSteps) {
    const refusal = { refusal: 'its conditions couple three or more ranks that are large' };
    return notCountable(`the points of "${einsum.output.tensor}"`, refusal, at, context);
  }
  // A carried tensor exists everywhere, whatever its Einsum computes.
  const existing = carried === undefined ? projectReduced(domain, reduced, sizes, space) : domain;
  if (isRefusal(existing))
    return notCountable(`the points of "${einsum.output.tensor}" that exist`, existing, at, context);
  return success({ domain, existing }, domain.length > 0 ? [] : [neverComputed(einsum)]);
}

/** Counting compares bounds after multiplying them by each other's coefficients; all of that must stay exact. */
function isCountable(conjunction: readonly Constraint[], { box }: Space): boolean {
  const coefficients = conjunction.flatMap((c) => c.terms.map((t) => Math.abs(t.coefficient)));
  const isUnit = (v: number): boolean => conjunction.every((c) => Math.abs(coefficientOf(c, v)) <= 1);
  const plain = conjunction.some((c) => c.terms.some((t) => isUnit(t.variable)));
  const factor = plain ? 1 : Math.max(1, ...coefficients);
  return conjunction.every((c) => {
    const { min, max } = constraintRange(c, box);
    return Math.max(-min, max) * factor <= Number.MAX_SAFE_INTEGER;
  });
}

function notCountable(
  what: string,
  { refusal, variable }: Refusal,
  at: Einsum['span'],
  { variables }: Context,
): Result<never> {
  const over = variable === undefined ? '' : `over "${variables[variable]!.name}", `;
  return failure([diagnostic('not-countable', `${what} cannot be counted exactly: ${over}${refusal}`, at)]);
}

function neverComputed(einsum: Einsum): Diagnostic {
  const message = `"${einsum.output.tensor}" is computed at no point: with these sizes its conditions never hold together`;
  return diagnostic('never-computed', message, einsum.span, { severity: 'warning' });
}

/** The part of `domain` at which the operand's element exists. */
function readable(
  { tensor, indices }: BoundAccess,
  { tensors }: Context,
  existence: ReadonlyMap<number, Existence>,
  domain: Domain,
  space: Space,
): Domain | Refusal {
  const { dimensions } = tensors[tensor]!;
  const within: Constraint[] = indices.flatMap((index, d) => withinShape(index, dimensions[d]!.size));
  const shape = simplify(within, space);
  const inside = intersect(domain, shape === undefined ? [] : [shape], space);
  const existing = existenceAt(existence.get(tensor) ?? existsEverywhere, indices, space);
  if (isRefusal(inside) || isRefusal(existing)) return isRefusal(inside) ? inside : existing;
  return intersect(inside, existing, space);
}

/** An index that is outside its rank at every point reads nothing, ever: surely a mistake. */
function indexMistakes({ access, bound }: Operand, { tensors }: Context, space: Space): readonly Diagnostic[] {
  const tensor = tensors[bound.tensor]!;
  return bound.indices.flatMap((index, d) => {
    const { rank, size, carried } = tensor.dimensions[d]!;
    const { min, max } = constraintRange(index, space.box);
    const [low, high] = [Math.floor(min / index.divisor), Math.floor(max / index.divisor)];
    const at = access.indices[d]!.span;
    const written = printArithmetic(access.indices[d]!);
    if (![min, max, size * index.divisor].every(Number.isSafeInteger))
      return [diagnostic('number-range', `index "${written}" goes beyond 2^53, where integers stop being exact`, at)];
    if (high >= 0 && low < size) return [];
    const values = low === high ? `is ${low}` : `runs from ${low} to ${high}`;
    const range = carried ? `versions 0 to ${size - 1}` : `coordinates 0 to ${size - 1}`;
    const message = `index "${written}" ${values}, but rank "${rank}" of "${tensor.name}" has ${range}: no point is inside`;
    return [diagnostic('index-out-of-range', message, at)];
  });
}
