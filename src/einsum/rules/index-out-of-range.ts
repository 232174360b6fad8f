import { diagnostic } from '../../diagnostic.ts';
import { evaluateArithmetic, printArithmetic } from '../arithmetic.ts';
import type { Arithmetic, Name } from '../ast.ts';
import { ranksOf, variablesIn } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

/** k of `M`, `M + k` or `M - k`: how far a constant index lies beyond the size of the rank. */
function beyond(index: Arithmetic, rank: Name): number | undefined {
  if (index.kind === 'name') return index.name === rank ? 0 : undefined;
  if (index.kind !== 'call' || (index.operator !== '+' && index.operator !== '-')) return undefined;
  const [base, shift] = index.operands;
  if (base?.kind !== 'name' || base.name !== rank || shift?.kind !== 'number') return undefined;
  return index.operator === '+' ? shift.value : -shift.value;
}

/** Constant indices that lie outside whatever the sizes are; the others are looked at when sizes are bound. */
export const indexOutOfRange: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums)
    for (const { tensor, indices } of accessesOf(einsum))
      for (const [i, rank] of (ranksOf(facts, tensor) ?? []).entries()) {
        const index = indices[i];
        if (index === undefined || variablesIn(facts, [index]).size > 0) continue;
        const value = evaluateArithmetic(index, new Map());
        const isCarried = facts.carried.get(tensor)?.position === i;
        const excess = beyond(index, rank) ?? -1;
        if (!(value.ok && value.value < 0) && excess < (isCarried ? 1 : 0)) continue;
        const last = isCarried ? rank : `${rank} - 1`;
        const message = `index "${printArithmetic(index)}" of "${tensor}" is out of range: its rank "${rank}" goes from 0 to ${last}`;
        yield diagnostic('index-out-of-range', message, index.span);
      }
};
