import { diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import { nextVersion } from '../carried.ts';
import { variablesIn } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

/** Of a carried tensor, an iteration sees the version before it and the one that it makes; after the loop, any. */
export const carriedIndex: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums)
    for (const { tensor, indices } of accessesOf(einsum)) {
      const dimension = facts.carried.get(tensor);
      const index = dimension && indices[dimension.position];
      if (dimension === undefined || index === undefined || variablesIn(facts, [index]).size === 0) continue;
      const { variable } = dimension;
      if ((index.kind === 'name' && index.name === variable) || nextVersion(index) === variable) continue;
      const last = facts.variables.get(variable) ?? variable;
      yield diagnostic(
        'carried-index',
        `"${tensor}" is carried along "${variable}", so it is read at "${variable}", "${variable}+1" or a constant such as "${last}", not at "${printArithmetic(index)}"`,
        index.span,
      );
    }
};
