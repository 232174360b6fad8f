import type { Diagnostic } from '../../diagnostic.ts';
import { divisionByZero, evaluateArithmetic, isDivision, isInfix } from '../arithmetic.ts';
import type { Arithmetic } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

const hasNames = (a: Arithmetic): boolean => [...arithmeticParts(a)].some((p) => p.kind === 'name');

/** The mistake in a part of an expression that has a value before any size is bound. */
function mistakeIn(part: Arithmetic): Diagnostic | undefined {
  if (part.kind !== 'call') return undefined;
  const divisor = isInfix(part) && isDivision(part.operator) ? part.operands[1] : undefined;
  if (divisor !== undefined && !hasNames(divisor)) {
    const value = evaluateArithmetic(divisor, new Map());
    if (value.ok && value.value === 0) return divisionByZero(part);
  }
  if (hasNames(part)) return undefined;
  const value = evaluateArithmetic(part, new Map());
  return value.ok ? undefined : value.diagnostics[0];
}

/** The first mistake of each size, index and filter, where it is of this code. */
export function* constantMistakes({ cascade }: Facts, code: Diagnostic['code']): Generator<Diagnostic> {
  const expressions: Arithmetic[] = [
    ...cascade.ranks.flatMap((r) => r.size ?? []),
    ...cascade.parameters.map((p) => p.value),
    ...cascade.einsums.flatMap((e) => [...arithmeticOf(e)]),
  ];
  for (const expression of expressions)
    for (const part of arithmeticParts(expression)) {
      const mistake = mistakeIn(part);
      if (mistake === undefined) continue;
      if (mistake.code === code) yield mistake;
      break;
    }
}
