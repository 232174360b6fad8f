import { constraintRange } from './constraint.ts';
import { copyBox, countCoupled, countingSteps } from './coupled-count.ts';
import { hasPoint } from './elimination.ts';
import { factorsOf, variablesOf } from './factors.ts';
import type { Box, Constraint, Domain } from './workload.ts';

/**
 * Questions about a domain in a box: how many points, whether any, on which part a constraint cuts.
 * A box covers all variables of the workload; only those named are enumerated. `domain-algebra.ts` builds domains.
 */

/**
 * Number of integer points of the domain in the box: exact up to 2^53, rounded above it (a product of
 * extents only once). No loop over extents unless three or more variables are coupled.
 */
export function countPoints(domain: Domain, variables: readonly number[], box: Box): number {
  const factors = factorsOf(domain);
  const count = (factor: Domain, of: readonly number[]): number =>
    factor.reduce((total, conjunction) => total + countConjunction(conjunction, of, box), 0);
  if (factors.length === 1) return count(domain, variables);
  const mentioned = factors.map(variablesOf);
  const free = variables.filter((v) => !mentioned.some((of) => of.has(v)));
  return exactProduct([
    ...free.map((v) => box.hi[v]! - box.lo[v]!),
    ...factors.map((factor, i) =>
      count(
        factor,
        variables.filter((v) => mentioned[i]!.has(v)),
      ),
    ),
  ]);
}

function countConjunction(conjunction: readonly Constraint[], variables: readonly number[], box: Box): number {
  const cutting = cuttingConstraints(conjunction, variables, box);
  if (cutting === 'empty') return 0;
  const coupled = new Set(cutting.flatMap((c) => c.terms.map((t) => t.variable)));
  const factors = variables.filter((v) => !coupled.has(v)).map((v) => box.hi[v]! - box.lo[v]!);
  if (cutting.length > 0)
    factors.push(
      countCoupled(
        cutting,
        variables.filter((v) => coupled.has(v)),
        copyBox(box),
      ),
    );
  return exactProduct(factors);
}

/** Product of whole numbers, rounded only once where it is above 2^53. */
function exactProduct(factors: readonly number[]): number {
  const plain = factors.reduce((a, b) => a * b, 1);
  if (plain <= Number.MAX_SAFE_INTEGER) return plain;
  return Number(factors.reduce((a, b) => a * BigInt(b), 1n));
}

/** Whether the domain has no integer point in the box: interval arithmetic where that decides, else exact. */
export const isEmpty = (domain: Domain, variables: readonly number[], box: Box): boolean =>
  factorsOf(domain).some((factor) => isFactorEmpty(factor, variables, box));

function isFactorEmpty(domain: Domain, variables: readonly number[], box: Box): boolean {
  return domain.every((conjunction) => {
    const cutting = cuttingConstraints(conjunction, variables, box);
    if (cutting === 'empty') return true;
    // One constraint alone is satisfied at the corner of its maximum.
    return cutting.length > 1 && isCoupledEmpty(conjunction, cutting, variables, box);
  });
}

/** What was found for conjunctions: boxes that differ by a shift along which the conditions hold alike are asked once. */
const known = new WeakMap<readonly Constraint[], Map<string, boolean>>();
const mostKnown = 1000;

function isCoupledEmpty(
  conjunction: readonly Constraint[],
  cutting: readonly Constraint[],
  variables: readonly number[],
  box: Box,
): boolean {
  const coupled = variables.filter((v) => cutting.some((c) => c.terms.some((t) => t.variable === v)));
  // Two variables have a closed form; more are eliminated where that is exact, else counted.
  const isCounted = (): boolean => countCoupled(cutting, coupled, copyBox(box)) === 0;
  if (coupled.length <= 2) return isCounted();
  const key = [
    ...cutting.flatMap((c) => [conjunction.indexOf(c), constraintRange(c, box).min]),
    ...coupled.map((v) => box.hi[v]! - box.lo[v]!),
  ].join(' ');
  const ofConjunction = known.get(conjunction) ?? new Map<string, boolean>();
  known.set(conjunction, ofConjunction);
  let found = ofConjunction.get(key);
  if (found === undefined) {
    const decided = hasPoint(cutting, coupled, box);
    found = decided === undefined ? isCounted() : !decided;
    if (ofConjunction.size < mostKnown) ofConjunction.set(key, found);
  }
  return found;
}

/** The constraints that hold in a part of the box only; 'empty' if one holds nowhere or an extent is 0. */
function cuttingConstraints(
  conjunction: readonly Constraint[],
  variables: readonly number[],
  box: Box,
): readonly Constraint[] | 'empty' {
  for (const v of variables) if (box.lo[v]! >= box.hi[v]!) return 'empty';
  let cutting: Constraint[] | undefined;
  for (const c of conjunction) {
    const { min, max } = constraintRange(c, box);
    if (max < 0) return 'empty';
    if (min < 0) {
      cutting ??= [];
      cutting.push(c);
    }
  }
  return cutting ?? [];
}

/** Loop steps that `countPoints` would take; callers refuse a domain that would take too many. */
export const countingCost = (domain: Domain, variables: readonly number[], box: Box): number =>
  domain.reduce((steps, conjunction) => steps + countingSteps(conjunction, variables, copyBox(box)), 0);

/** The whole range of every variable of the given sizes. */
export const wholeBox = (sizes: readonly number[]): Box => ({ lo: sizes.map(() => 0), hi: [...sizes] });
