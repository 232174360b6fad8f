import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Scope } from './affine.ts';
import { printArithmetic } from './arithmetic.ts';
import type { Einsum, Expression, Filter } from './ast.ts';
import { bindFilter } from './bind-filter.ts';
import { keptPositions } from './bind-selection.ts';
import { coefficientOf, constraintRange } from './constraint.ts';
import { countingCost, countPoints, wholeBox } from './domain.ts';
import { disjoint, everywhere, isRefusal, type Refusal, type Space } from './domain-algebra.ts';
import { type Existence, type Presences, presenceIn, projectReduced, readable } from './existence.ts';
import type { Gated, Operand, Operands } from './operands.ts';
import { bindPacking, type Packing } from './packing.ts';
import { relaxed } from './presence.ts';
import { splitFilter } from './split-filter.ts';
import { comparisonsIn } from './traverse.ts';
import type { BoundAccess, BoundSelection, Constraint, Domain, GateCondition, Tensor, Variable } from './workload.ts';

type Context = { readonly variables: readonly Variable[]; readonly tensors: readonly Tensor[]; readonly scope: Scope };
type Iteration = {
  readonly variables: readonly number[];
  readonly reduced: readonly number[];
  readonly carried: number | undefined;
  readonly selection: BoundSelection | undefined;
};

/** A count that loops longer than this over coupled variables would be felt in every command. */
const maxCountingSteps = 2 ** 16;

/** Points at which an Einsum computes, and at which its output exists. */
type Points = {
  readonly domain: Domain;
  readonly existing: Domain;
  /** By `first(a, b)` in the body: the share of its points at which a exists, as far as points say. */
  readonly firstShares: ReadonlyMap<Expression, number>;
};

export type EinsumDomain = {
  readonly expected: Points;
  readonly candidates: Points;
  readonly filterConditions: readonly GateCondition[];
  readonly packing: Packing;
};

/**
 * The points at which an Einsum computes (its filter holds, each operand's index is inside its shape, and
 * each operand's point exists), and the output points that exist for it. Where a selection decides, twice: with as many
 * points as it keeps, at their positions, and with all that it could keep.
 *
 * Errors: those of filters, `index-out-of-range`, `not-countable`. Warnings: `never-computed`.
 */
export function bindDomain(
  einsum: Einsum,
  operands: Operands,
  iteration: Iteration,
  context: Context,
  presences: Presences,
): Result<EinsumDomain> {
  const space: Space = { variables: iteration.variables, box: wholeBox(context.variables.map((v) => v.size)) };
  const outside = operands.all.flatMap((o) => indexMistakes(o, context, space));
  const parts = splitFilter(einsum, operands, presences);
  if (!parts.ok) return failure([...parts.diagnostics, ...outside]);
  const { filter, gated, conditions } = parts.value;
  const expectation: Reading = {
    filter,
    gated,
    existence: (tensor) => presenceIn(presences, tensor).existing,
    selection: iteration.selection,
  };
  const expected = bindPoints(einsum, operands, iteration, context, space, expectation);
  if (!expected.ok) return failure([...expected.diagnostics, ...outside]);
  if (outside.length > 0) return failure(outside);
  if (!iteration.selection && !operands.all.some((o) => presenceIn(presences, o.bound.tensor).conditional))
    return success(
      { expected: expected.value, candidates: expected.value, filterConditions: conditions, packing: new Map() },
      expected.warnings,
    );
  const possible: Reading = {
    filter: einsum.filter && relaxed(einsum.filter),
    gated: [],
    existence: (tensor) => presenceIn(presences, tensor).candidates,
    selection: undefined,
  };
  const candidates = bindPoints(einsum, operands, iteration, context, space, possible);
  if (!candidates.ok) return candidates;
  const packing = packingOf(einsum, operands, iteration, context, presences, space);
  if (!packing.ok) return packing;
  return success(
    { expected: expected.value, candidates: candidates.value, filterConditions: conditions, packing: packing.value },
    expected.warnings,
  );
}

function packingOf(
  einsum: Einsum,
  operands: Operands,
  { selection }: Iteration,
  context: Context,
  presences: Presences,
  space: Space,
): Result<Packing> {
  const blurred = operands.all.find((o) => presenceIn(presences, o.bound.tensor).blurred !== undefined);
  if (blurred !== undefined) {
    const { tensor, span } = blurred.access;
    const message = `how many elements of "${tensor}" exist depends on data: ${presenceIn(presences, blurred.bound.tensor).blurred}`;
    return failure([diagnostic('not-countable', message, span)]);
  }
  const comparisons = (einsum.filter === undefined ? [] : [...comparisonsIn(einsum.filter)]).map((filter) => {
    const domain = bindFilter(filter, context.scope, space, () => everywhere);
    return { span: filter.span, domain: domain.ok ? domain.value : { refusal: 'it cannot be counted' } };
  });
  return bindPacking({
    output: einsum.output.tensor,
    operands: operands.all.map(({ access, bound }) => {
      const presence = presenceIn(presences, bound.tensor);
      const existing = (existence: Existence): Domain | Refusal =>
        readable(bound, context, existence, everywhere, space);
      return {
        name: access.tensor,
        span: access.span,
        indices: bound.indices,
        packing: presence.packing,
        gated: presence.conditions.length > 0 ? presence.gated : [],
        producerVariables: presence.existing.variables,
        existing: existing(presence.existing),
        candidates: existing(presence.candidates),
      };
    }),
    selection,
    selectionSpan: (einsum.selection ?? einsum).span,
    comparisons,
    variables: context.variables,
    space,
  });
}

/** How the conditions of an Einsum are read: which filter, where tensors exist, what its selection leaves. */
type Reading = {
  readonly filter: Filter | undefined;
  readonly gated: readonly Gated[];
  readonly existence: (tensor: number) => Existence;
  readonly selection: BoundSelection | undefined;
};

function bindPoints(
  einsum: Einsum,
  operands: Operands,
  { variables, reduced, carried }: Iteration,
  context: Context,
  space: Space,
  { filter, gated, existence, selection }: Reading,
): Result<Points> {
  const sizes = context.variables.map((v) => v.size);
  const there = (bound: BoundAccess, within: Domain): Domain | Refusal =>
    readable(bound, context, existence(bound.tensor), within, space);
  const points = bindFilter(filter, context.scope, space, (access) => there(operands.of(access).bound, everywhere));
  if (!points.ok) return points;

  let domain = points.value;
  const count = (d: Domain): number => countPoints(d, variables, space.box);
  const firstShares = new Map<Expression, number>();
  const seen = new Set<Operand>();
  const restrict = (e: Expression, within: Domain): Domain | Result<never> => {
    if (e.kind === 'constant') return within;
    if (e.kind === 'access') {
      const operand = operands.of(e);
      const next = there(operand.bound, within);
      return isRefusal(next)
        ? notCountable(`the points at which "${e.tensor}" exists here`, next, e.span, context)
        : next;
    }
    if (e.operator === 'first') {
      const either: Domain[] = [];
      for (const operand of e.operands) {
        const found = restrict(operand, within);
        if ('ok' in found) return found;
        either.push(found);
      }
      const joined = disjoint(either.flat(), space);
      if (isRefusal(joined)) return notCountable('the points of one or the other', joined, e.span, context);
      firstShares.set(e, joined.length === 0 ? 1 : count(either[0]!) / count(joined));
      return joined;
    }
    let left = within;
    for (const operand of e.operands) {
      if (operand.kind === 'access' && seen.has(operands.of(operand))) continue;
      const found = restrict(operand, left);
      if ('ok' in found) return found;
      left = found;
      if (operand.kind === 'access') seen.add(operands.of(operand));
    }
    return left;
  };
  const restricted = restrict(einsum.body, domain);
  if ('ok' in restricted) return restricted;
  domain = restricted;
  const at = (einsum.filter ?? einsum.output).span;
  for (const { operand, exists } of gated) {
    const inside = there(operand.bound, domain);
    if (isRefusal(inside))
      return notCountable(
        `the points at which "${operand.access.tensor}" exists here`,
        inside,
        operand.access.span,
        context,
      );
    if (!exists && count(inside) !== count(domain)) {
      const refusal = { refusal: 'it is not offered everywhere where it must not exist' };
      return notCountable(
        `the points at which "${operand.access.tensor}" does not exist`,
        refusal,
        operand.access.span,
        context,
      );
    }
    domain = inside;
  }
  if (!domain.every((conjunction) => isCountable(conjunction, space))) {
    const refusal = { refusal: 'its conditions reach beyond 2^53, where integers stop being exact' };
    return notCountable(`the points of "${einsum.output.tensor}"`, refusal, at, context);
  }
  if (countingCost(domain, variables, space.box) > maxCountingSteps) {
    const refusal = { refusal: 'its conditions couple three or more ranks that are large' };
    return notCountable(`the points of "${einsum.output.tensor}"`, refusal, at, context);
  }
  // A carried tensor exists everywhere, whatever its Einsum computes.
  const reached = carried === undefined ? projectReduced(domain, reduced, sizes, space) : domain;
  const existing = isRefusal(reached) || selection === undefined ? reached : keptPositions(selection, reached, space);
  if (isRefusal(existing))
    return notCountable(`the points of "${einsum.output.tensor}" that exist`, existing, at, context);
  return success({ domain, existing, firstShares }, domain.length > 0 ? [] : [neverComputed(einsum)]);
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
