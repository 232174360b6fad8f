import { diagnostic } from '../../diagnostic.ts';
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
    const written = `${word}(${listed.join(', ')})`;
    const [message, help] =
      lacking.length === 0
        ? [`"${written}" reduces nothing: "${output.tensor}" has every variable of the operands`, 'leave it out']
        : [
            `"${written}" must list the variables that "${output.tensor}" lacks: ${lacking.join(', ')}`,
            `write ${word}(${lacking.join(', ')}), or index "${output.tensor}" by what shall stay`,
          ];
    yield diagnostic('reduce-mismatch', message, reduce.span, { help });
  }
};
