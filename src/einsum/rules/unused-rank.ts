import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { usedNames } from './used-names.ts';

export const unusedRank: Rule = function* (facts) {
  const used = usedNames(facts);
  for (const { name, span } of facts.cascade.ranks)
    if (!used.has(name) && !used.has(name.toLowerCase()))
      yield diagnostic('unused-rank', `rank "${name}" is used nowhere`, span, { severity: 'warning' });
};
