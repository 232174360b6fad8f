import type { Box, Constraint } from './workload.ts';

/**
 * One affine constraint on integer variables, `sum of coefficient x variable + offset >= 0`, and what can
 * be said of it alone. Its terms are of distinct variables.
 */

export type Term = Constraint['terms'][number];

/** What a constraint becomes once written canonically. */
export type Normalised = Constraint | 'always' | 'never';

function gcd(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Adds up terms of the same variable, drops zeros, and sorts by variable. */
export function collectTerms(terms: readonly Term[]): readonly Term[] {
  if (areCollected(terms)) return terms;
  const sum: { variable: number; coefficient: number }[] = [];
  for (const { variable, coefficient } of terms.toSorted((a, b) => a.variable - b.variable)) {
    const last = sum.at(-1);
    if (last?.variable === variable) last.coefficient += coefficient;
    else sum.push({ variable, coefficient });
  }
  return sum.every((t) => t.coefficient !== 0) ? sum : sum.filter((t) => t.coefficient !== 0);
}

function areCollected(terms: readonly Term[]): boolean {
  for (let i = 0; i < terms.length; i++)
    if (terms[i]!.coefficient === 0 || (i > 0 && terms[i - 1]!.variable >= terms[i]!.variable)) return false;
  return true;
}

/**
 * Canonical form: terms by variable, coefficients without a common factor. As the variables are
 * integers, `g x + o >= 0` is `x + floor(o / g) >= 0`.
 */
export function normalise(c: Constraint): Normalised {
  const terms = collectTerms(c.terms);
  if (terms.length === 0) return c.offset >= 0 ? 'always' : 'never';
  const factor = terms.reduce((g, t) => gcd(g, t.coefficient), 0);
  if (factor === 1) return terms === c.terms ? c : { terms, offset: c.offset };
  return {
    terms: terms.map((t) => ({ variable: t.variable, coefficient: t.coefficient / factor })),
    offset: Math.floor(c.offset / factor),
  };
}

/** Holds exactly where `c` does not: `not (e >= 0)` is `-e - 1 >= 0`. */
export const opposite = (c: Constraint): Constraint => ({
  terms: c.terms.map((t) => ({ variable: t.variable, coefficient: -t.coefficient })),
  offset: -c.offset - 1,
});

/** Least and greatest value of the left side over the box; both are reached at a corner of it. */
export function constraintRange(c: Constraint, box: Box): { readonly min: number; readonly max: number } {
  let min = c.offset;
  let max = c.offset;
  for (const { variable, coefficient } of c.terms) {
    const first = coefficient * box.lo[variable]!;
    const last = coefficient * (box.hi[variable]! - 1);
    min += coefficient > 0 ? first : last;
    max += coefficient > 0 ? last : first;
  }
  return { min, max };
}

export function coefficientOf({ terms }: Constraint, variable: number): number {
  for (let i = 0; i < terms.length; i++) if (terms[i]!.variable === variable) return terms[i]!.coefficient;
  return 0;
}

/** The constraint with a variable given a value. */
export function fix(c: Constraint, variable: number, value: number): Constraint {
  const coefficient = coefficientOf(c, variable);
  if (coefficient === 0) return c;
  return { terms: c.terms.filter((t) => t.variable !== variable), offset: c.offset + coefficient * value };
}

/** The sum of coefficient x variable at a point, which is given by position in the workload's variables. */
export function linearAt(terms: readonly Term[], point: readonly number[]): number {
  let value = 0;
  for (let i = 0; i < terms.length; i++) value += terms[i]!.coefficient * point[terms[i]!.variable]!;
  return value;
}

export const holdsAt = (c: Constraint, point: readonly number[]): boolean => c.offset + linearAt(c.terms, point) >= 0;
