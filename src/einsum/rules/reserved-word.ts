import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { reservedWords } from '../words.ts';

/** The parser refuses reserved words as names; this finds ranks whose index variable would be one. */
export const reservedWord: Rule = function* ({ cascade }) {
  for (const { name, span } of cascade.ranks) {
    const variable = name.toLowerCase();
    if (reservedWords.has(variable))
      yield diagnostic(
        'reserved-word',
        `the index variable of rank "${name}" would be "${variable}", which is a word of the language`,
        span,
      );
  }
};
