import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import type { Arithmetic } from '../ast.ts';
import { type Facts, variablesIn } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf, filterSides } from '../traverse.ts';

/** The part that keeps an expression from being affine in the index variables, if there is one. */
function obstacle(a: Arithmetic, facts: Facts): Arithmetic | undefined {
  if (a.kind === 'number') return Number.isInteger(a.value) ? undefined : a;
  if (a.kind === 'name' || variablesIn(facts, [a]).size === 0) return undefined;
  const [first, second] = a.operands;
  if (a.operator === '+' || a.operator === '-')
    return a.operands.map((operand) => obstacle(operand, facts)).find((o) => o !== undefined);
  if (a.operator !== '*' || first === undefined || second === undefined) return a;
  const factors = [first, second].filter((factor) => variablesIn(facts, [factor]).size > 0);
  return factors.length > 1 ? a : (obstacle(factors[0]!, facts) ?? fraction([first, second]));
}

const fraction = (operands: readonly Arithmetic[]): Arithmetic | undefined =>
  operands.find((o) => o.kind === 'number' && !Number.isInteger(o.value));

function why(part: Arithmetic): { readonly reason: string; readonly help: string | undefined } {
  const shown = `"${printArithmetic(part)}"`;
  if (part.kind === 'number') return { reason: `${shown} is not an integer`, help: undefined };
  const operator = part.kind === 'call' ? part.operator : '';
  if (operator === '*') return { reason: `${shown} multiplies index variables`, help: undefined };
  const reason = `${shown} takes "${operator}" of an index variable`;
  const partition = 'partition the rank, as in rank M1 = ceil(M / M0) with m1*M0 + m0 for m';
  return { reason, help: operator === 'div' || operator === 'mod' || operator === '/' ? partition : undefined };
}

function* inOne(a: Arithmetic, allowed: string, facts: Facts): Generator<Diagnostic> {
  const part = obstacle(a, facts);
  if (part === undefined) return;
  const { reason, help } = why(part);
  yield diagnostic('not-affine', `${reason}, but ${allowed}`, part.span, { help });
}

/** Indices and filters are affine, so that the points of an iteration space can be counted exactly. */
export const notAffine: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums) {
    for (const { indices } of accessesOf(einsum))
      for (const index of indices) {
        const [dividend, divisor] = index.kind === 'call' && index.operator === 'div' ? index.operands : [];
        const whole = dividend !== undefined && divisor !== undefined && variablesIn(facts, [divisor]).size === 0;
        const allowed = 'an index is a sum of integer multiples of index variables, or such a sum "div" a size';
        yield* inOne(whole ? dividend : index, allowed, facts);
      }
    const sides = einsum.filter === undefined ? [] : [...filterSides(einsum.filter)];
    const allowed = 'a filter compares sums of integer multiples of index variables';
    // The other side of a comparison most often has the same mistake.
    yield* sides.flatMap((side) => [...inOne(side, allowed, facts)]).slice(0, 1);
  }
};
