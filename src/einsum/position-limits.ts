import type { Box, Constraint, Domain, PositionLimit } from './workload.ts';

/**
 * How far the positions of what is selected go, as a domain says by conditions on single variables. What couples several, such
 * as a causal mask, leaves tiles as they are.
 */
export const positionLimits = (domain: Domain, positions: Iterable<number>, box: Box): readonly PositionLimit[] =>
  [...positions].map((variable) => ({
    variable,
    parts: domain.map((conjunction) => ({
      ...intervalOf(conjunction, variable, box),
      where: singleVariables(conjunction)
        .filter((v) => v !== variable)
        .map((v) => ({ variable: v, ...intervalOf(conjunction, v, box) })),
    })),
  }));

const isSingle = ({ terms }: Constraint): boolean => terms.length === 1 && Math.abs(terms[0]!.coefficient) === 1;

const singleVariables = (conjunction: readonly Constraint[]): readonly number[] => [
  ...new Set(conjunction.filter(isSingle).map((c) => c.terms[0]!.variable)),
];

/** `v + a >= 0` and `b - v >= 0` as [-a, b + 1). */
function intervalOf(conjunction: readonly Constraint[], variable: number, box: Box): { lo: number; hi: number } {
  let [lo, hi] = [box.lo[variable]!, box.hi[variable]!];
  for (const c of conjunction) {
    if (!isSingle(c) || c.terms[0]!.variable !== variable) continue;
    if (c.terms[0]!.coefficient > 0) lo = Math.max(lo, -c.offset);
    else hi = Math.min(hi, c.offset + 1);
  }
  return { lo, hi };
}

/** Narrows the interval of a variable to the positions that there are in a part of the space, of all parts that it meets. */
export function limitedInterval({ variable, parts }: PositionLimit, { lo, hi }: Box): readonly [number, number] {
  let [first, end] = [Number.POSITIVE_INFINITY, 0];
  for (const part of parts) {
    if (!part.where.every((w) => lo[w.variable]! < w.hi && hi[w.variable]! > w.lo)) continue;
    first = Math.min(first, part.lo);
    end = Math.max(end, part.hi);
  }
  const low = Math.min(hi[variable]!, Math.max(lo[variable]!, first));
  return [low, Math.max(low, Math.min(hi[variable]!, end))];
}
