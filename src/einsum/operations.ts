import type { Einsum, Expression, Name } from './ast.ts';
import { countPoints, wholeBox } from './domain.ts';
import type { BoundEinsum, Workload } from './workload.ts';

/** Operations of one operator, at each point of an Einsum's domain. */
type PerPoint = BoundEinsum['operations'][number];

/**
 * What an Einsum does at each point: one operation a map operator as written, and one of the reduction.
 * A product of exactly two accesses that is summed is one `mac` instead.
 */
export function operationsPerPoint(einsum: Einsum, reduceOperator: Name | undefined): readonly PerPoint[] {
  if (reduceOperator === 'add' && einsum.selection === undefined && isProduct(einsum.body))
    return [{ operator: 'mac', perPoint: 1 }];
  const counts = new Map<Name, number>();
  const visit = (e: Expression): void => {
    if (e.kind !== 'map') return;
    e.operands.forEach(visit);
    counts.set(e.operator, (counts.get(e.operator) ?? 0) + 1);
  };
  visit(einsum.body);
  if (einsum.selection !== undefined) counts.set(einsum.selection.word, 1);
  if (reduceOperator !== undefined) counts.set(reduceOperator, (counts.get(reduceOperator) ?? 0) + 1);
  return [...counts].map(([operator, perPoint]) => ({ operator, perPoint }));
}

const isProduct = (e: Expression): boolean =>
  e.kind === 'map' && e.operator === 'mul' && e.operands.length === 2 && e.operands.every((o) => o.kind === 'access');

/** Exact number of points at which an Einsum computes. */
export const computedPoints = (w: Workload, einsum: BoundEinsum): number =>
  countPoints(einsum.domain, einsum.variables, wholeBox(w.variables.map((v) => v.size)));

/** Points at which an Einsum computes on average: exact where no gate decides. */
export const expectedPoints = (w: Workload, einsum: BoundEinsum): number => computedPoints(w, einsum) * einsum.density;

/** Operations by Einsum and operator. Exact up to 2^53, rounded above it. */
export function countOperations(w: Workload): ReadonlyMap<Name, ReadonlyMap<Name, number>> {
  return new Map(
    w.einsums.map((e) => {
      const points = expectedPoints(w, e);
      return [e.name, new Map(e.operations.map((o) => [o.operator, o.perPoint * points]))];
    }),
  );
}

/** Operations of the whole cascade by operator, in order of first use. */
export function totalOperations(w: Workload): ReadonlyMap<Name, number> {
  const total = new Map<Name, number>();
  for (const counts of countOperations(w).values())
    for (const [operator, count] of counts) total.set(operator, (total.get(operator) ?? 0) + count);
  return total;
}

/** 2 a MAC of the tensor products, nothing else: the field's convention for attention. */
export const flops = (w: Workload): number => 2 * (totalOperations(w).get('mac') ?? 0);
