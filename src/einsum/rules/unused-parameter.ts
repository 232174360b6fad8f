import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { usedNames } from './used-names.ts';

export const unusedParameter: Rule = function* (facts) {
  const used = usedNames(facts);
  for (const { name, span } of facts.cascade.parameters)
    if (!used.has(name))
      yield diagnostic('unused-parameter', `parameter "${name}" is used nowhere`, span, { severity: 'warning' });
};
