import { coefficientOf, collectTerms, constraintRange, normalise } from './constraint.ts';
import type { Box, Constraint } from './workload.ts';

/** Exact integer Fourier-Motzkin elimination of one variable from a conjunction of constraints. */

/** The coefficients of the bounds on the variable that make its elimination inexact. */
export type Inexact = { readonly lower: number; readonly upper: number };

/**
 * Constraints on the other variables that hold exactly where some value of `variable` in [lo, hi)
 * satisfies all the given ones.
 */
export function eliminate(
  conjunction: readonly Constraint[],
  variable: number,
  lo: number,
  hi: number,
): readonly Constraint[] | Inexact {
  const lowers: Constraint[] = [];
  const uppers: Constraint[] = [];
  const kept: Constraint[] = [];
  for (const c of conjunction) {
    const coefficient = coefficientOf(c, variable);
    (coefficient > 0 ? lowers : coefficient < 0 ? uppers : kept).push(c);
  }
  lowers.push({ terms: [{ variable, coefficient: 1 }], offset: -lo });
  uppers.push({ terms: [{ variable, coefficient: -1 }], offset: hi - 1 });
  // An integer lies between all lower and all upper bounds iff one lies between each pair of them.
  for (const lower of lowers)
    for (const upper of uppers) {
      const pair = shadow(lower, upper, variable);
      if (pair === undefined) return { lower: coefficientOf(lower, variable), upper: -coefficientOf(upper, variable) };
      kept.push(pair);
    }
  return kept;
}

/**
 * Where some integer x satisfies both `a x + l >= 0` and `-b x + u >= 0`: `b l + a u >= 0` if a or b
 * is 1. With a = b the interval has length (l + u) / a, so a constant l + u >= a - 1 always holds an integer.
 */
function shadow(lower: Constraint, upper: Constraint, variable: number): Constraint | undefined {
  const a = coefficientOf(lower, variable);
  const b = -coefficientOf(upper, variable);
  const scaled = (c: Constraint, factor: number): Constraint['terms'] =>
    c.terms.map((t) => ({ variable: t.variable, coefficient: t.coefficient * factor }));
  const terms = collectTerms([...scaled(lower, b), ...scaled(upper, a)]);
  const sum = { terms, offset: lower.offset * b + upper.offset * a };
  if (!Number.isSafeInteger(sum.offset) || !terms.every((t) => Number.isSafeInteger(t.coefficient))) return undefined;
  if (a === 1 || b === 1) return sum;
  const alwaysOne = a === b && terms.length === 0 && lower.offset + upper.offset >= a - 1;
  return alwaysOne ? { terms: [], offset: 0 } : undefined;
}

/** Pairs of bounds can square the number of constraints at each step. */
const maxConstraints = 100;

/** Whether the conjunction has a point in the box; undefined where elimination alone cannot tell. */
export function hasPoint(
  conjunction: readonly Constraint[],
  variables: readonly number[],
  box: Box,
): boolean | undefined {
  let left: readonly Constraint[] = conjunction;
  const pending = new Set(variables);
  while (true) {
    const cutting: Constraint[] = [];
    for (const c of left) {
      const n = normalise(c);
      if (n === 'always') continue;
      if (n === 'never') return false;
      const { min, max } = constraintRange(n, box);
      if (max < 0) return false;
      if (min < 0) cutting.push(n);
    }
    if (cutting.length <= 1) return true;
    if (cutting.length > maxConstraints) return undefined;
    const next = eliminateOne(cutting, pending, box);
    if (next === undefined) return undefined;
    left = next;
  }
}

function eliminateOne(
  conjunction: readonly Constraint[],
  pending: Set<number>,
  box: Box,
): readonly Constraint[] | undefined {
  for (const v of pending) {
    if (conjunction.every((c) => coefficientOf(c, v) === 0)) continue;
    const rest = eliminate(conjunction, v, box.lo[v]!, box.hi[v]!);
    if ('lower' in rest) continue;
    pending.delete(v);
    return rest;
  }
  return undefined;
}
