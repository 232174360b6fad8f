import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { Arithmetic } from '../ast.ts';
import { type Facts, isVariable } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

/** Sizes are known before any index variable runs, so they cannot depend on one. */
function* unknownInSize(size: Arithmetic, facts: Facts): Generator<Diagnostic> {
  for (const part of arithmeticParts(size)) {
    if (part.kind !== 'name' || facts.ranks.has(part.name) || facts.parameters.has(part.name)) continue;
    const rank = facts.variables.get(part.name);
    const candidates = [...facts.ranks.keys(), ...facts.parameters.keys()];
    const help = rank === undefined ? didYouMean(part.name, candidates) : `did you mean "${rank}"?`;
    const message = isVariable(facts, part.name)
      ? `"${part.name}" is an index variable, and a size cannot depend on one`
      : `"${part.name}" is neither a rank nor a parameter`;
    yield diagnostic('unknown-parameter', message, part.span, { help });
  }
}

/** Names in sizes, and upper-case names in indices and filters; reported at the first use of each. */
export const unknownParameter: Rule = function* (facts) {
  const { cascade, ranks, parameters } = facts;
  for (const { size } of cascade.ranks) if (size !== undefined) yield* unknownInSize(size, facts);
  for (const { value } of cascade.parameters) yield* unknownInSize(value, facts);
  const seen = new Set<string>();
  for (const einsum of cascade.einsums)
    for (const expression of arithmeticOf(einsum))
      for (const part of arithmeticParts(expression)) {
        if (part.kind !== 'name' || !/^[A-Z]/.test(part.name) || seen.has(part.name)) continue;
        if (ranks.has(part.name) || parameters.has(part.name)) continue;
        seen.add(part.name);
        const message = `"${part.name}" is neither a rank nor a parameter`;
        const lower = part.name.toLowerCase();
        const candidates = [...ranks.keys(), ...parameters.keys(), ...facts.variables.keys()];
        const help = facts.variables.has(lower) ? `did you mean "${lower}"?` : didYouMean(part.name, candidates);
        yield diagnostic('unknown-parameter', message, part.span, { help });
      }
};
