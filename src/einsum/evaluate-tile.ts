import { InternalError, invariant } from '../invariant.ts';
import type { Expression, Filter, TensorAccess } from './ast.ts';
import { bindFilter } from './bind-filter.ts';
import { collectTerms, holdsAt, linearAt } from './constraint.ts';
import { wholeBox } from './domain.ts';
import { computedOperator, float64, type Numerics } from './numerics.ts';
import { operators } from './operators.ts';
import { accessKey, bindAccess, computedEinsums, tensorPositions } from './shape.ts';
import { expressionParts, filterAccesses } from './traverse.ts';
import {
  type BoundAccess,
  type BoundSelection,
  type Box,
  type Domain,
  keptAt,
  type Tensor,
  type Workload,
} from './workload.ts';

/**
 * Where a tile's values come from and go to. Tensors are positions in `Workload.tensors`; offsets are
 * row-major over the full shape, a carried dimension counting all its versions.
 */
export type TileMemory = {
  /** Undefined: the element does not exist or is not present. */
  read(tensor: number, offset: number): number | undefined;
  write(tensor: number, offset: number, value: number): void;
  /** The value reduced so far into an output element; undefined if there is none yet. */
  accumulated(tensor: number, offset: number): number | undefined;
};

/**
 * Computes an Einsum at the points of its domain in the box: for each output point it reduces over the
 * box's part of the reduced variables, going on from what was accumulated or else from the operator's
 * identity, and writes if at least one point was computed. An operand that is absent at a computed
 * point is a bug of the caller's, unless data decides what exists: then nothing is computed there. What selects
 * so many of a fibre must have all of the fibre in the box.
 */
export const evaluateTile = (w: Workload, einsum: number, box: Box, memory: TileMemory): void =>
  tileEvaluator(w, einsum)(box, memory);

/** `evaluateTile` with the Einsum's expression made ready once, in the numbers that `numerics` tells. */
export function tileEvaluator(
  w: Workload,
  einsum: number,
  numerics: Numerics = float64,
): (box: Box, memory: TileMemory) => void {
  const e = w.einsums[einsum]!;
  const outputOffset = offsetOf(e.output, w.tensors);
  const kept = e.variables.filter((v) => !e.reduced.includes(v));
  const combine = e.reduceOperator === undefined ? undefined : computedOperator(e.reduceOperator, numerics);
  const identity = e.reduceOperator === undefined ? undefined : operators.get(e.reduceOperator)!.identity!;
  const stored = numerics.stored[e.output.tensor];
  const valueAt = pointValue(w, einsum, numerics);
  const write = (memory: TileMemory, target: number, value: number): void =>
    memory.write(e.output.tensor, target, stored === undefined ? value : stored(value));
  const { selection } = e;
  if (selection?.kind === 'rank')
    return (box, memory) => {
      const candidate = (point: readonly number[]): number | undefined =>
        inDomain(e.candidates, point) ? valueAt(point, memory) : undefined;
      forEachSelected(selection, kept, box, candidate, (point, value) => write(memory, outputOffset(point), value));
    };

  return (box, memory) => {
    forEachPoint(kept, box, new Array<number>(w.variables.length).fill(0), (point) => {
      const target = outputOffset(point);
      let result: number | undefined;
      forEachPoint(e.reduced, box, point, () => {
        if (!inDomain(e.candidates, point)) return;
        const value = valueAt(point, memory);
        if (value === undefined) return;
        if (combine === undefined) result = value;
        else result = combine(result ?? memory.accumulated(e.output.tensor, target) ?? identity!, value);
      });
      if (result === undefined || (selection !== undefined && !isBeyond(selection, result))) return;
      write(memory, target, result);
    });
  };
}

/** Elements in the box that an Einsum without a reduction is offered, whatever its selection makes of them. */
export function offeredElements(w: Workload, einsum: number, box: Box, memory: Pick<TileMemory, 'read'>): number {
  const e = w.einsums[einsum]!;
  const valueAt = pointValue(w, einsum, float64);
  let offered = 0;
  forEachPoint(e.variables, box, new Array<number>(w.variables.length).fill(0), (point) => {
    if (inDomain(e.candidates, point) && valueAt(point, memory) !== undefined) offered++;
  });
  return offered;
}

/** What an Einsum computes at a point of its domain; undefined where it does not compute. */
type ValueAt = (point: readonly number[], memory: Pick<TileMemory, 'read'>) => number | undefined;

function pointValue(w: Workload, einsum: number, numerics: Numerics): ValueAt {
  const { body, filter } = computedEinsums(w.cascade)[einsum]!;
  const asks = filter !== undefined && !filterAccesses(filter).next().done;
  const chooses = [...expressionParts(body)].some((p) => p.kind === 'map' && p.operator === 'first');
  // What may be absent without any data, too.
  const value = w.einsums[einsum]!.conditional || asks || chooses ? conditionalValue : certainValue;
  return value(w, einsum, numerics);
}

/** Indexed loops and one linear form an operand: this runs once a point. */
function certainValue(w: Workload, einsum: number, numerics: Numerics): ValueAt {
  const e = w.einsums[einsum]!;
  const body = bodyOf(w, einsum, numerics);
  const operands = e.operands.map((o) => ({ tensor: o.tensor, offset: offsetOf(o, w.tensors) }));
  const values: number[] = operands.map(() => 0);
  return (point, memory) => {
    for (let i = 0; i < operands.length; i++) {
      const { tensor, offset } = operands[i]!;
      const value = memory.read(tensor, offset(point));
      if (value === undefined) throw absent(e.name, w.tensors[tensor]!.name);
      values[i] = value;
    }
    return body(values);
  };
}

/** Where data decides what exists. */
function conditionalValue(w: Workload, einsum: number, numerics: Numerics): ValueAt {
  const e = w.einsums[einsum]!;
  const { filter, body } = computedEinsums(w.cascade)[einsum]!;
  const operands = e.operands.map((o) => ({
    tensor: o.tensor,
    dimensions: w.tensors[o.tensor]!.dimensions,
    indices: o.indices,
    offset: offsetOf(o, w.tensors),
  }));
  const slotOf = slots(w, einsum);
  const compute = bodyOf(w, einsum, numerics);
  const exists = presenceIn(body, slotOf);
  const holds = filter === undefined ? undefined : filterAt(w, filter, slotOf);
  const values: (number | undefined)[] = operands.map(() => undefined);
  return (point, memory) => {
    for (let i = 0; i < operands.length; i++) {
      const { tensor, dimensions, indices, offset } = operands[i]!;
      values[i] = isInside(indices, dimensions, point) ? memory.read(tensor, offset(point)) : undefined;
    }
    if (!exists(values) || holds?.(point, values) === false) return undefined;
    return compute(values as number[]);
  };
}

type Values = readonly (number | undefined)[];

const isInside = (
  indices: BoundAccess['indices'],
  dimensions: Tensor['dimensions'],
  point: readonly number[],
): boolean =>
  indices.every((index, d) => {
    const at = Math.floor((index.offset + linearAt(index.terms, point)) / index.divisor);
    return at >= 0 && at < dimensions[d]!.size;
  });

/** Whether all that an expression needs is there. */
function presenceIn(e: Expression, slotOf: (access: TensorAccess) => number): (values: Values) => boolean {
  if (e.kind === 'constant') return () => true;
  if (e.kind === 'access') {
    const slot = slotOf(e);
    return (values) => values[slot] !== undefined;
  }
  const parts = e.operands.map((o) => presenceIn(o, slotOf));
  return e.operator === 'first' ? (v) => parts.some((p) => p(v)) : (v) => parts.every((p) => p(v));
}

function filterAt(
  w: Workload,
  f: Filter,
  slotOf: (access: TensorAccess) => number,
): (point: readonly number[], values: Values) => boolean {
  switch (f.kind) {
    case 'exists': {
      const slot = slotOf(f.access);
      return (_, values) => values[slot] !== undefined;
    }
    case 'compare': {
      const domain = filterDomain(w, f);
      return (point) => inDomain(domain, point);
    }
    case 'not': {
      const operand = filterAt(w, f.operand, slotOf);
      return (point, values) => !operand(point, values);
    }
    default: {
      const operands = f.operands.map((o) => filterAt(w, o, slotOf));
      return f.kind === 'and'
        ? (point, values) => operands.every((o) => o(point, values))
        : (point, values) => operands.some((o) => o(point, values));
    }
  }
}

/** Where a comparison holds: it was bound with the workload, so it can be bound again. */
function filterDomain(w: Workload, f: Filter): Domain {
  const scope = { variables: new Map(w.variables.map((v, i) => [v.name, i])), sizes: w.sizes };
  const space = { variables: [...w.variables.keys()], box: wholeBox(w.variables.map((v) => v.size)) };
  const bound = bindFilter(f, scope, space, () => []);
  invariant(bound.ok, 'a comparison of a bound workload can be bound');
  return bound.value;
}

const isBeyond = (s: BoundSelection & { kind: 'threshold' }, value: number): boolean =>
  s.above ? value > s.value : value < s.value;

/**
 * The elements that a selection keeps of each fibre, in order of their coordinates: the largest (smallest) of those
 * that exist, and of equals the first.
 */
function forEachSelected(
  s: BoundSelection & { kind: 'rank' },
  kept: readonly number[],
  box: Box,
  candidate: (point: readonly number[]) => number | undefined,
  visit: (point: readonly number[], value: number) => void,
): void {
  const outer = kept.filter((v) => v !== s.variable);
  forEachPoint(outer, box, new Array<number>(box.lo.length).fill(0), (point) => {
    const offered: { readonly at: number; readonly value: number }[] = [];
    for (let at = box.lo[s.variable]!; at < box.hi[s.variable]!; at++) {
      point[s.variable] = at;
      const value = candidate(point);
      if (value !== undefined) offered.push({ at, value });
    }
    // Sorting is stable, so that equals stay in order; what is no number comes last.
    const before = (a: number, b: number): boolean =>
      (s.largest ? a > b : a < b) || (Number.isNaN(b) && !Number.isNaN(a));
    const chosen = offered
      .toSorted((a, b) => Number(before(b.value, a.value)) - Number(before(a.value, b.value)))
      .slice(0, keptAt(s, point));
    for (const { at, value } of chosen.toSorted((a, b) => a.at - b.at)) {
      point[s.variable] = at;
      visit(point, value);
    }
  });
}

const absent = (einsum: string, tensor: string): InternalError =>
  new InternalError(`"${einsum}" reads an element of "${tensor}" that is not there`);

export const inDomain = (domain: Domain, point: readonly number[]): boolean =>
  domain.some((conjunction) => conjunction.every((c) => holdsAt(c, point)));

/** Sets the variables of `point` to each combination of the box in turn, the last variable fastest. */
export function forEachPoint(
  variables: readonly number[],
  box: Box,
  point: number[],
  visit: (point: number[]) => void,
  depth = 0,
): void {
  const variable = variables[depth];
  if (variable === undefined) {
    visit(point);
    return;
  }
  for (let value = box.lo[variable]!; value < box.hi[variable]!; value++) {
    point[variable] = value;
    forEachPoint(variables, box, point, visit, depth + 1);
  }
}

/** Elements of a tensor's full shape, with all versions of a carried dimension. */
export const elementCount = (t: Tensor): number => t.dimensions.reduce((n, d) => n * d.size, 1);

/** Where an access reads or writes at a point: an offset into the tensor's full shape. */
export function offsetOf(access: BoundAccess, tensors: readonly Tensor[]): (point: readonly number[]) => number {
  const { dimensions } = tensors[access.tensor]!;
  const strides = dimensions.map((_, i) => dimensions.slice(i + 1).reduce((n, d) => n * d.size, 1));
  const plain = access.indices.map((index, i) => ({ index, stride: strides[i]! })).filter((p) => p.index.divisor === 1);
  const quotients = access.indices
    .map((index, i) => ({ index, stride: strides[i]! }))
    .filter((p) => p.index.divisor > 1);
  const terms = collectTerms(
    plain.flatMap(({ index, stride }) =>
      index.terms.map((t) => ({ variable: t.variable, coefficient: t.coefficient * stride })),
    ),
  );
  const start = plain.reduce((sum, { index, stride }) => sum + index.offset * stride, 0);
  return (point) => {
    let offset = start + linearAt(terms, point);
    for (const { index, stride } of quotients)
      offset += stride * Math.floor((index.offset + linearAt(index.terms, point)) / index.divisor);
    return offset;
  };
}

type Body = (operands: readonly number[]) => number;

/**
 * The map expression as a function of the values of the Einsum's operands. The product of a `mac` is not rounded: it
 * goes into the sum as it is.
 */
function bodyOf(w: Workload, einsum: number, numerics: Numerics): Body {
  const slotOf = slots(w, einsum);
  const fused = w.einsums[einsum]!.operations.some((o) => o.operator === 'mac');
  const compile = (e: Expression): Body => {
    if (e.kind === 'constant') return () => e.value;
    if (e.kind === 'access') {
      const slot = slotOf(e);
      return (operands) => operands[slot]!;
    }
    const [left, right] = e.operands.map(compile);
    if (e.operator === 'first') {
      const exists = presenceIn(e.operands[0]!, slotOf);
      return (v) => (exists(v) ? left!(v) : right!(v));
    }
    const evaluate = fused ? operators.get(e.operator)!.evaluate : computedOperator(e.operator, numerics);
    return right === undefined ? (v) => evaluate(left!(v), 0) : (v) => evaluate(left!(v), right(v));
  };
  return compile(computedEinsums(w.cascade)[einsum]!.body);
}

/** The operand of an Einsum that an access in its text reads. */
function slots(w: Workload, einsum: number): (access: TensorAccess) => number {
  const scope = { variables: new Map(w.variables.map((v, i) => [v.name, i])), sizes: w.sizes };
  const positions = tensorPositions(w.tensors);
  const keys = w.einsums[einsum]!.operands.map(accessKey);
  return (access) => {
    const bound = bindAccess(access, { positions, scope });
    const slot = bound.ok ? keys.indexOf(accessKey(bound.value)) : -1;
    invariant(slot >= 0, `"${access.tensor}" is no operand of Einsum ${einsum}`);
    return slot;
  };
}
