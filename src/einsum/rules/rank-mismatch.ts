import { diagnostic } from '../../diagnostic.ts';
import { nextVersion } from '../carried.ts';
import { isVariable, ranksOf, sameRank } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

/**
 * A rank is indexed by its own variable, by that of a rank defined as the same, or by arithmetic. In one
 * Einsum each confusion is reported once.
 */
export const rankMismatch: Rule = function* (facts) {
  const { cascade, declarations, producers, initialValues, variables } = facts;
  for (const einsum of cascade.einsums) {
    const seen = new Set<string>();
    for (const { tensor, indices } of [einsum.output, ...accessesOf(einsum)]) {
      const ranks = ranksOf(facts, tensor) ?? [];
      for (const [i, rank] of ranks.entries()) {
        const index = indices[i];
        const variable = index?.kind === 'name' ? index.name : index && nextVersion(index);
        if (index === undefined || variable === undefined || !isVariable(facts, variable)) continue;
        const own = variables.get(variable)!;
        // An affine operand index `p+1` may shift into any rank; as an output it is the carried dimension.
        const shifted = index.kind !== 'name' && einsum.output.tensor !== tensor;
        const pair = `${variable} ${rank}`;
        if (shifted || seen.has(pair) || sameRank(facts, own, rank)) continue;
        seen.add(pair);
        const declared = declarations.get(tensor)?.ranks === undefined ? undefined : declarations.get(tensor);
        const at = declared?.span ?? (producers.get(tensor)?.einsum ?? initialValues.get(tensor))?.output.span;
        const verb = declared === undefined ? 'produced' : 'declared';
        const message = `"${tensor}" is ${verb} with ranks [${ranks.join(', ')}], but its rank "${rank}" is indexed by "${variable}"`;
        yield diagnostic('rank-mismatch', message, index.span, {
          related: at === undefined ? [] : [{ span: at, message: `it is ${verb} here` }],
          help: `write "${rank.toLowerCase()}", or declare "rank ${own} = ${rank}" if both mean the same`,
        });
      }
    }
  }
};
