import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { Rule } from '../rule.ts';

/** Reported at the first use of each name. */
export const unknownRank: Rule = function* ({ cascade, ranks, parameters }) {
  const seen = new Set<string>();
  for (const tensor of cascade.tensors)
    for (const { name, span } of tensor.ranks ?? []) {
      if (ranks.has(name) || seen.has(name)) continue;
      seen.add(name);
      const message = parameters.has(name)
        ? `"${name}" in the ranks of "${tensor.name}" is a parameter, not a rank`
        : `tensor "${tensor.name}" has a rank "${name}", which is not declared`;
      const help = didYouMean(name, ranks.keys());
      yield diagnostic('unknown-rank', message, span, { help });
    }
};
