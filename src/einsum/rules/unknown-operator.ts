import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { operators, reductionWords } from '../operators.ts';
import type { Rule } from '../rule.ts';
import { expressionParts } from '../traverse.ts';

export const unknownOperator: Rule = function* ({ cascade }) {
  const words = [...reductionWords.keys()].filter((word) => /^\w/.test(word));
  for (const { reduce, body } of cascade.einsums) {
    if (reduce !== undefined && !operators.has(reduce.operator))
      yield diagnostic('unknown-operator', `there is no operator "${reduce.operator}" to reduce with`, reduce.span, {
        help: didYouMean(reduce.operator, [...words, ...reducing]),
      });
    for (const part of expressionParts(body)) {
      if (part.kind !== 'map' || operators.has(part.operator)) continue;
      const help = words.includes(part.operator)
        ? `a reduction names index variables: ${part.operator}(m) ...`
        : didYouMean(part.operator, operators.keys());
      yield diagnostic('unknown-operator', `there is no operator "${part.operator}"`, part.span, { help });
    }
  }
};

const reducing = [...operators].filter(([, o]) => o.identity !== undefined).map(([name]) => name);
