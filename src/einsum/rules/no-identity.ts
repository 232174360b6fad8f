import { diagnostic } from '../../diagnostic.ts';
import { operators, reductionWord } from '../operators.ts';
import type { Rule } from '../rule.ts';

export const noIdentity: Rule = function* ({ cascade }) {
  const allowed = [...operators].filter(([, o]) => o.identity !== undefined).map(([name]) => reductionWord(name));
  for (const { reduce, output } of cascade.einsums) {
    const operator = reduce && operators.get(reduce.operator);
    if (reduce === undefined || operator === undefined || operator.identity !== undefined) continue;
    yield diagnostic(
      'no-identity',
      `"${output.tensor}" is reduced with "${reduce.operator}", which is not associative or has no identity`,
      reduce.span,
      { help: `a reduction can use ${allowed.join(', ')}` },
    );
  }
};
