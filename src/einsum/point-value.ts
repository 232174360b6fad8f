import { InternalError, invariant } from '../invariant.ts';
import type { Expression, Filter, TensorAccess } from './ast.ts';
import { accessKey, bindAccess, tensorPositions } from './bind-access.ts';
import { bindFilter } from './bind-filter.ts';
import { collectTerms, holdsAt, linearAt } from './constraint.ts';
import { wholeBox } from './domain.ts';
import { computedOperator, type Numerics } from './numerics.ts';
import { operators } from './operators.ts';
import { computedEinsums } from './shape.ts';
import { expressionParts, filterAccesses } from './traverse.ts';
import type { BoundAccess, Domain, Tensor, Workload } from './workload.ts';

/** Where values come from. Undefined: the element does not exist or is not present. */
type Readable = { readonly read: (tensor: number, offset: number) => number | undefined };

/** What an Einsum computes at a point of its domain; undefined where it does not compute. */
export type ValueAt = (point: readonly number[], memory: Readable) => number | undefined;

export function pointValue(w: Workload, einsum: number, numerics: Numerics): ValueAt {
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

const absent = (einsum: string, tensor: string): InternalError =>
  new InternalError(`"${einsum}" reads an element of "${tensor}" that is not there`);

/** In loops, since this runs once a point. */
export function inDomain(domain: Domain, point: readonly number[]): boolean {
  for (const conjunction of domain) {
    let holds = true;
    for (let i = 0; holds && i < conjunction.length; i++) holds = holdsAt(conjunction[i]!, point);
    if (holds) return true;
  }
  return false;
}

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
