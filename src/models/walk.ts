import { isEmpty } from '../einsum/domain.ts';
import { factorsOf, variablesOf } from '../einsum/factors.ts';
import type { BoundEinsum } from '../einsum/workload.ts';
import type { Loop } from '../mapper/placed.ts';
import type { Environment } from '../mapper/tile.ts';
import { createFound, enter, lookUp } from './found.ts';
import { keyOf, type Shape, settledShape, stillShape } from './likeness.ts';
import { reachOf } from './reach.ts';
import { forEachRun } from './runs.ts';

/**
 * Exact sums over the iterations of a chain of nested loops, without walking them: those that are alike are evaluated once.
 */

/** True if one of the Einsums computes at some point of the environment. */
export function isActive(einsums: readonly BoundEinsum[], env: Environment): boolean {
  for (const e of einsums) if (!isEmpty(e.domain, e.variables, env)) return true;
  return false;
}

/** Sum of `leaf(env)` over the innermost iterations of a chain in which one of the Einsums computes. */
export function sumOverLeaves(
  loops: readonly Loop[],
  einsums: readonly BoundEinsum[],
  shape: Shape,
  env: Environment,
  width: number,
  leaf: (env: Environment, add: (i: number, amount: number) => void) => void,
): Float64Array {
  const isSorted = isProduct(einsums) && shape.pasts.length === 0;
  const inside = isSorted ? byFactor(loops, einsums) : loops;
  const still = stillShape(shape);
  const shapes = inside.map((_, depth) => (isSorted ? settledShape(still, inside.slice(depth)) : still));
  const reaches = [...inside, undefined].map((_, depth) => reachOf(einsums, inside.slice(depth)));
  const found = inside.map(() => createFound<Float64Array>());
  const descend = (depth: number): Float64Array => {
    const totals = new Float64Array(width);
    const loop = inside[depth];
    if (loop === undefined) {
      if (isActive(einsums, env))
        leaf(env, (i, amount) => {
          totals[i] = totals[i]! + amount;
        });
      return totals;
    }
    const key = isSorted && depth > 0 ? keyOf(shapes[depth]!, env, reaches[depth]) : undefined;
    const known = key && lookUp(found[depth]!, key);
    if (known !== undefined) return known;
    const visit = (_first: number, length: number): void => {
      const each = descend(depth + 1);
      for (let i = 0; i < width; i++) totals[i] = totals[i]! + length * each[i]!;
    };
    forEachRun(loop, shapes[depth]!, env, visit, reaches[depth + 1]);
    if (key !== undefined) enter(found[depth]!, key, totals);
    return totals;
  };
  return descend(0);
}

/** Whether the domain of some Einsum has several factors. */
export const isProduct = (einsums: readonly BoundEinsum[]): boolean =>
  einsums.some((e) => factorsOf(e.domain).length > 1);

/**
 * Loops whose order does not matter, those of a factor together: what one factor's loops lead to is seldom unlike what they led
 * to before.
 */
function byFactor(loops: readonly Loop[], einsums: readonly BoundEinsum[]): readonly Loop[] {
  const factors = einsums
    .map((e) => factorsOf(e.domain))
    .reduce((a, b) => (b.length > a.length ? b : a), [])
    .map(variablesOf);
  const place = (l: Loop): number => factors.findIndex((variables) => variables.has(l.variable));
  return loops.toSorted((a, b) => place(a) - place(b));
}
