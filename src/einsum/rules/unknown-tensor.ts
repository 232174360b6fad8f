import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

/** A tensor that is read exists as an input or as the output of an Einsum. Reported at the first use of each name. */
export const unknownTensor: Rule = function* ({ cascade, declarations, producers, initialValues }) {
  const seen = new Set<string>();
  for (const einsum of cascade.einsums)
    for (const { tensor, nameSpan } of accessesOf(einsum)) {
      if (declarations.has(tensor) || producers.has(tensor) || initialValues.has(tensor) || seen.has(tensor)) continue;
      seen.add(tensor);
      yield diagnostic('unknown-tensor', `"${tensor}" is neither an input nor produced by an Einsum`, nameSpan, {
        help: didYouMean(tensor, [...declarations.keys(), ...producers.keys()]),
      });
    }
};
