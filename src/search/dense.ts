import type { BoundAccess, BoundIndex, Workload } from '../einsum/workload.ts';
import { accessesOf } from './frame.ts';

/**
 * Cascades whose tiles are products of intervals that tile the ranks: no filter leaves anything out, and an index is a variable, a
 * constant, or a partition `m1*M0 + m0`. What the search counts in closed form.
 */
export function isDense(w: Workload): boolean {
  return w.einsums.every(
    (e) =>
      e.selection === undefined &&
      e.density === 1 &&
      e.domain.some((conjunction) => conjunction.length === 0) &&
      accessesOf(e).every((a) => a.indices.every((index, d) => isPlain(w, a, index, d))),
  );
}

function isPlain(w: Workload, access: BoundAccess, index: BoundIndex, dimension: number): boolean {
  const { size, carried } = w.tensors[access.tensor]!.dimensions[dimension]!;
  if (index.divisor !== 1) return false;
  if (carried) return index.terms.length <= 1;
  if (index.offset !== 0) return false;
  const [first, second, ...more] = [...index.terms].sort((a, b) => b.coefficient - a.coefficient);
  if (first === undefined) return size === 1;
  const sizeOf = (term: typeof first): number => w.variables[term.variable]!.size;
  if (second === undefined) return first.coefficient === 1 && sizeOf(first) === size;
  const whole = sizeOf(first) === Math.ceil(size / first.coefficient);
  return more.length === 0 && second.coefficient === 1 && sizeOf(second) === first.coefficient && whole;
}

/** Variables that count inside the steps of another one, as m0 in `m1*M0 + m0`. Loops do not cut them. */
export function innerVariables(w: Workload): ReadonlySet<number> {
  const inner = new Set<number>();
  for (const e of w.einsums)
    for (const a of accessesOf(e))
      for (const { terms } of a.indices) {
        if (terms.length < 2) continue;
        inner.add(terms.reduce((least, t) => (t.coefficient < least.coefficient ? t : least)).variable);
      }
  return inner;
}
