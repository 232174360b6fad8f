import { InternalError, invariant } from '../invariant.ts';
import type { Expression } from './ast.ts';
import { collectTerms, holdsAt, linearAt } from './constraint.ts';
import { computedOperator, float64, type Numerics } from './numerics.ts';
import { operators } from './operators.ts';
import { accessKey, bindAccess, computedEinsums, tensorPositions } from './shape.ts';
import type { BoundAccess, Box, Domain, Tensor, Workload } from './workload.ts';

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
 * point is a bug of the caller's.
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
  const body = bodyOf(w, einsum, numerics);
  const operands = e.operands.map((o) => ({ tensor: o.tensor, offset: offsetOf(o, w.tensors) }));
  const outputOffset = offsetOf(e.output, w.tensors);
  const kept = e.variables.filter((v) => !e.reduced.includes(v));
  const combine = e.reduceOperator === undefined ? undefined : computedOperator(e.reduceOperator, numerics);
  const identity = e.reduceOperator === undefined ? undefined : operators.get(e.reduceOperator)!.identity!;
  const stored = numerics.stored[e.output.tensor];
  const values: number[] = operands.map(() => 0);

  // Indexed loops and one linear form an operand: this runs once a point.
  const valueAt = (point: readonly number[], memory: TileMemory): number => {
    for (let i = 0; i < operands.length; i++) {
      const { tensor, offset } = operands[i]!;
      const value = memory.read(tensor, offset(point));
      if (value === undefined) throw absent(e.name, w.tensors[tensor]!.name);
      values[i] = value;
    }
    return body(values);
  };

  return (box, memory) => {
    forEachPoint(kept, box, new Array<number>(w.variables.length).fill(0), (point) => {
      const target = outputOffset(point);
      let result: number | undefined;
      forEachPoint(e.reduced, box, point, () => {
        if (!inDomain(e.domain, point)) return;
        const value = valueAt(point, memory);
        if (combine === undefined) result = value;
        else result = combine(result ?? memory.accumulated(e.output.tensor, target) ?? identity!, value);
      });
      if (result === undefined) return;
      memory.write(e.output.tensor, target, stored === undefined ? result : stored(result));
    });
  };
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
  const scope = { variables: new Map(w.variables.map((v, i) => [v.name, i])), sizes: w.sizes };
  const positions = tensorPositions(w.tensors);
  const keys = w.einsums[einsum]!.operands.map(accessKey);
  const fused = w.einsums[einsum]!.operations.some((o) => o.operator === 'mac');
  const compile = (e: Expression): Body => {
    if (e.kind === 'constant') return () => e.value;
    if (e.kind === 'access') {
      const bound = bindAccess(e, { positions, scope });
      const slot = bound.ok ? keys.indexOf(accessKey(bound.value)) : -1;
      invariant(slot >= 0, `"${e.tensor}" is no operand of Einsum ${einsum}`);
      return (operands) => operands[slot]!;
    }
    const evaluate = fused ? operators.get(e.operator)!.evaluate : computedOperator(e.operator, numerics);
    const [left, right] = e.operands.map(compile);
    return right === undefined ? (v) => evaluate(left!(v), 0) : (v) => evaluate(left!(v), right(v));
  };
  return compile(computedEinsums(w.cascade)[einsum]!.body);
}
