import { diagnostic } from '../../diagnostic.ts';
import { ranksOf } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

export const rankArity: Rule = function* (facts) {
  const { cascade, declarations, producers } = facts;
  for (const einsum of cascade.einsums)
    for (const { tensor, indices, span } of [einsum.output, ...accessesOf(einsum)]) {
      const ranks = ranksOf(facts, tensor);
      if (ranks === undefined || ranks.length === indices.length) continue;
      const at = declarations.get(tensor)?.span ?? producers.get(tensor)?.einsum.output.span;
      const count = `${ranks.length} ${ranks.length === 1 ? 'rank' : 'ranks'}`;
      const message = `"${tensor}" has ${count} [${ranks.join(', ')}], but is indexed with ${indices.length}`;
      yield diagnostic('rank-arity', message, span, {
        related: at === undefined ? [] : [{ span: at, message: 'its ranks come from here' }],
      });
    }
};
