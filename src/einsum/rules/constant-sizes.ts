import type { Diagnostic } from '../../diagnostic.ts';
import { evaluateArithmetic } from '../arithmetic.ts';
import type { Arithmetic } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

const hasNames = (a: Arithmetic): boolean => [...arithmeticParts(a)].some((p) => p.kind === 'name');

/** Mistakes of one code in those parts of sizes, indices and filters that have a value before any size is bound. */
export function* constantMistakes({ cascade }: Facts, code: Diagnostic['code']): Generator<Diagnostic> {
  const expressions: Arithmetic[] = [
    ...cascade.ranks.flatMap((r) => r.size ?? []),
    ...cascade.parameters.map((p) => p.value),
    ...cascade.einsums.flatMap((e) => [...arithmeticOf(e)]),
  ];
  for (const expression of expressions)
    for (const part of arithmeticParts(expression)) {
      if (part.kind !== 'call') continue;
      const divides = ['/', 'div', 'mod'].includes(part.operator) && part.operands.length === 2;
      const tested = hasNames(part)
        ? divides
          ? { ...part, operands: [one(part), part.operands[1]!] }
          : undefined
        : part;
      if (tested === undefined || tested.operands.some(hasNames)) continue;
      const value = evaluateArithmetic(tested, new Map());
      if (!value.ok) {
        yield* value.diagnostics.filter((d) => d.code === code);
        break;
      }
    }
}

/** Stands in for a dividend that is not known yet: dividing by zero is a mistake whatever is divided. */
const one = (call: Arithmetic): Arithmetic => ({ kind: 'number', value: 1, span: call.span });
