import { diagnostic } from '../../diagnostic.ts';
import { isVariable, outputVariables, reducedVariables } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { arithmeticParts, filterSides } from '../traverse.ts';

/** A filter picks points of the iteration space, which the output and the operands span. */
export const filterVariable: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums) {
    if (einsum.filter === undefined) continue;
    const space = new Set([...outputVariables(facts, einsum), ...reducedVariables(facts, einsum)]);
    for (const side of filterSides(einsum.filter))
      for (const part of arithmeticParts(side))
        if (part.kind === 'name' && isVariable(facts, part.name) && !space.has(part.name)) {
          const message = `the filter uses "${part.name}", which neither "${einsum.output.tensor}" nor an operand is indexed by`;
          yield diagnostic('filter-variable', message, part.span, {
            help: `this Einsum runs over ${[...space].join(', ') || 'a single point'}`,
          });
        }
  }
};
