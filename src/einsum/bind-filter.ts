import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Affine, bindAffine, type Scope, scaled, sum } from './affine.ts';
import type { Filter, TensorAccess } from './ast.ts';
import { constraintRange, opposite } from './constraint.ts';
import { everywhere, intersect, isRefusal, negate, type Refusal, type Space, simplify } from './domain-algebra.ts';
import type { Constraint, Domain } from './workload.ts';

/**
 * The points at which a filter holds, as a disjoint union; `existing` says where an element that it asks for exists.
 * Errors: `not-affine`, `not-countable`, arithmetic's.
 */
export function bindFilter(
  filter: Filter | undefined,
  scope: Scope,
  space: Space,
  existing: (access: TensorAccess) => Domain | Refusal,
): Result<Domain> {
  if (filter === undefined) return success(everywhere);
  const binding: Binding = { scope, space, existing, differences: new Map(), known: new Map() };
  const diagnostics = bindComparisons(filter, binding);
  if (diagnostics.length > 0) return failure(diagnostics);
  const domain = holding(filter, true, binding);
  if (!isRefusal(domain)) return success(domain);
  const message = `the points of this filter cannot be counted exactly: ${domain.refusal}`;
  return failure([diagnostic('not-countable', message, filter.span)]);
}

type Comparison = Filter & { readonly kind: 'compare' };

type Binding = {
  readonly scope: Scope;
  readonly space: Space;
  readonly existing: (access: TensorAccess) => Domain | Refusal;
  /** Left side minus right side of each comparison. */
  readonly differences: Map<Comparison, Affine>;
  /** Results for both truth values: nested `or` and `and` ask for each many times. */
  readonly known: Map<Filter, Map<boolean, Domain | Refusal>>;
};

function bindComparisons(filter: Filter, binding: Binding): readonly Diagnostic[] {
  if (filter.kind === 'exists') return [];
  if (filter.kind === 'not') return bindComparisons(filter.operand, binding);
  if (filter.kind !== 'compare') return filter.operands.flatMap((f) => bindComparisons(f, binding));
  const left = bindAffine(filter.left, binding.scope);
  const right = bindAffine(filter.right, binding.scope);
  if (!left.ok || !right.ok) return [left, right].flatMap((side) => (side.ok ? [] : side.diagnostics));
  const difference = sum(left.value, scaled(right.value, -1));
  const { min, max } = constraintRange(difference, binding.space.box);
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max))
    return [
      diagnostic('number-range', 'this comparison goes beyond 2^53, where integers stop being exact', filter.span),
    ];
  binding.differences.set(filter, difference);
  return [];
}

/** Where the filter has the wanted truth value; a negation is pushed down to the comparisons. */
function holding(filter: Filter, wanted: boolean, binding: Binding): Domain | Refusal {
  const found = binding.known.get(filter)?.get(wanted);
  if (found !== undefined) return found;
  const domain = held(filter, wanted, binding);
  const both = binding.known.get(filter) ?? new Map<boolean, Domain | Refusal>();
  binding.known.set(filter, both.set(wanted, domain));
  return domain;
}

function held(filter: Filter, wanted: boolean, binding: Binding): Domain | Refusal {
  switch (filter.kind) {
    case 'compare': {
      const operator = wanted ? filter.operator : negated[filter.operator];
      const conjunctions = compared(operator, binding.differences.get(filter)!);
      return conjunctions.map((c) => simplify(c, binding.space)).filter((c) => c !== undefined);
    }
    case 'exists': {
      const domain = binding.existing(filter.access);
      return wanted || isRefusal(domain) ? domain : negate(domain, binding.space);
    }
    case 'not':
      return holding(filter.operand, !wanted, binding);
    case 'and':
    case 'or':
      // `not (a and b)` is `not a or not b`.
      return (filter.kind === 'and') === wanted
        ? allOf(filter.operands, wanted, binding)
        : anyOf(filter.operands, wanted, binding);
  }
}

function allOf(filters: readonly Filter[], wanted: boolean, binding: Binding): Domain | Refusal {
  let domain: Domain = everywhere;
  for (const filter of filters) {
    const next = both(domain, holding(filter, wanted, binding), binding);
    if (isRefusal(next) || next.length === 0) return next;
    domain = next;
  }
  return domain;
}

/** `a or b or c` as the disjoint union of `a`, `not a and b`, `not a and not b and c`. */
function anyOf(filters: readonly Filter[], wanted: boolean, binding: Binding): Domain | Refusal {
  const pieces: (readonly Constraint[])[] = [];
  let outside: Domain = everywhere;
  for (const filter of filters) {
    const added = both(outside, holding(filter, wanted, binding), binding);
    if (isRefusal(added)) return added;
    pieces.push(...added);
    const rest = both(outside, holding(filter, !wanted, binding), binding);
    if (isRefusal(rest)) return rest;
    // Nothing is left outside: the pieces are the whole space.
    if (rest.length === 0) return everywhere;
    outside = rest;
  }
  return pieces;
}

const both = (a: Domain, b: Domain | Refusal, { space }: Binding): Domain | Refusal =>
  isRefusal(b) ? b : intersect(a, b, space);

const negated: Readonly<Record<Comparison['operator'], Comparison['operator']>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

/** The domain where `difference` compares so with 0. */
function compared(operator: Comparison['operator'], difference: Affine): Domain {
  const atLeast: Constraint = difference;
  const atMost: Constraint = scaled(difference, -1);
  switch (operator) {
    case '>=':
      return [[atLeast]];
    case '<=':
      return [[atMost]];
    case '>':
      return [[opposite(atMost)]];
    case '<':
      return [[opposite(atLeast)]];
    case '==':
      return [[atLeast, atMost]];
    case '!=':
      return [[opposite(atMost)], [opposite(atLeast)]];
  }
}
