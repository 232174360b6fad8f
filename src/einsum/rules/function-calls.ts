import type { Diagnostic } from '../../diagnostic.ts';
import { callMistake } from '../arithmetic.ts';
import type { Arithmetic } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

/** Mistaken calls in all arithmetic of a cascade, of one code. */
export function* mistakenCalls({ cascade }: Facts, code: Diagnostic['code']): Generator<Diagnostic> {
  const expressions: Arithmetic[] = [
    ...cascade.ranks.flatMap((r) => r.size ?? []),
    ...cascade.parameters.map((p) => p.value),
    ...cascade.einsums.flatMap((e) => [...arithmeticOf(e)]),
  ];
  for (const expression of expressions)
    for (const part of arithmeticParts(expression)) {
      const mistake = part.kind === 'call' ? callMistake(part) : undefined;
      if (mistake?.code === code) yield mistake;
    }
}
