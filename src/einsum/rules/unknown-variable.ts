import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { Span } from '../../source.ts';
import type { Einsum, Name } from '../ast.ts';
import type { Rule } from '../rule.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

function* lowerCaseNames(e: Einsum): Generator<{ readonly name: Name; readonly span: Span }> {
  for (const expression of arithmeticOf(e))
    for (const part of arithmeticParts(expression)) if (part.kind === 'name' && !/^[A-Z]/.test(part.name)) yield part;
  yield* e.reduce?.variables.filter((v) => !/^[A-Z]/.test(v.name)) ?? [];
}

/** Reported at the first use of each name. */
export const unknownVariable: Rule = function* ({ cascade, variables, ranks, parameters }) {
  const seen = new Set<Name>();
  for (const einsum of cascade.einsums)
    for (const { name, span } of lowerCaseNames(einsum)) {
      if (variables.has(name) || ranks.has(name) || parameters.has(name) || seen.has(name)) continue;
      seen.add(name);
      const upper = name.toUpperCase();
      const message = `"${name}" is no index variable: there is no rank "${name.replace(/^./, (c) => c.toUpperCase())}"`;
      const help = parameters.has(upper) ? `did you mean "${upper}"?` : didYouMean(name, variables.keys());
      yield diagnostic('unknown-variable', message, span, { help });
    }
};
