import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';

/** The ranks of an input can come from nowhere else; those of other tensors come from the Einsum that produces them. */
export const missingRanks: Rule = function* ({ cascade }) {
  for (const { name, role, ranks, span } of cascade.tensors)
    if (role === 'input' && ranks === undefined)
      yield diagnostic('missing-ranks', `input "${name}" is declared without its ranks`, span, {
        help: `write ${name}[M, E] with the ranks that it has, or ${name}[] if it has none`,
      });
};
