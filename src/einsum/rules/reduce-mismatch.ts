import { diagnostic } from '../../diagnostic.ts';
import { spanning } from '../../source.ts';
import { reducedVariables } from '../facts.ts';
import { reductionWord } from '../operators.ts';
import type { Rule } from '../rule.ts';

/** A reduction that is written out lists exactly the variables that the output lacks. */
export const reduceMismatch: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums) {
    const { reduce, output } = einsum;
    if (reduce === undefined) continue;
    const listed = reduce.variables.map((v) => v.name);
    const lacking = [...reducedVariables(facts, einsum)];
    const same = new Set(listed).size === listed.length && listed.length === lacking.length;
    if (same && listed.every((v) => lacking.includes(v))) continue;
    const word = reductionWord(reduce.operator);
    const has = lacking.length === 0 ? 'no variable of the operands' : lacking.join(', ');
    const message = `"${word}(${listed.join(', ')})" must list what "${output.tensor}" lacks: ${has}`;
    const [first, last] = [reduce.variables[0], reduce.variables.at(-1)];
    const at = first && last ? spanning(first.span, last.span) : output.span;
    const help =
      lacking.length === 0
        ? 'leave the reduction out'
        : `write ${word}(${lacking.join(', ')}), or index "${output.tensor}" by what shall stay`;
    yield diagnostic('reduce-mismatch', message, at, { help });
  }
};
