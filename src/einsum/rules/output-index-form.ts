import { diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import { isInitialValue, nextVersion } from '../carried.ts';
import { isVariable } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** An Einsum says for each point what it is, so its output is indexed by plain variables, each once. */
export const outputIndexForm: Rule = function* (facts) {
  for (const { output, ...einsum } of facts.cascade.einsums) {
    if (isInitialValue({ output, ...einsum })) continue;
    const seen = new Set<string>();
    let carried: string | undefined;
    for (const index of output.indices) {
      const next = nextVersion(index);
      const variable = index.kind === 'name' ? index.name : next;
      const shown = printArithmetic(index);
      if (variable === undefined || !isVariable(facts, variable))
        yield diagnostic(
          'output-index-form',
          `"${output.tensor}" is produced at index "${shown}", but an output index is an index variable such as "m", or "m1+1" along an iterative rank`,
          index.span,
        );
      else if (seen.has(variable))
        yield diagnostic('output-index-form', `"${variable}" indexes "${output.tensor}" twice`, index.span, {
          help: 'use two ranks of the same size, and a filter for the diagonal',
        });
      else if (next !== undefined && carried !== undefined)
        yield diagnostic(
          'output-index-form',
          `"${output.tensor}" is carried along "${carried}" and "${next}", but a tensor is carried along one rank only`,
          index.span,
        );
      if (variable !== undefined) seen.add(variable);
      carried ??= next;
    }
  }
};
