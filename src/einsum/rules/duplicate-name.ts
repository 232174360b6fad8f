import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import type { Span } from '../../source.ts';
import type { Rule } from '../rule.ts';

type Named = { readonly name: string; readonly span: Span };

function* repeats(declared: readonly Named[], what: string): Generator<Diagnostic> {
  const first = new Map<string, Named>();
  for (const d of declared) {
    const earlier = first.get(d.name);
    if (earlier === undefined) first.set(d.name, d);
    else
      yield diagnostic('duplicate-name', `${what} "${d.name}" is declared twice`, d.span, {
        related: [{ span: earlier.span, message: 'it is declared here' }],
      });
  }
}

export const duplicateName: Rule = function* ({ cascade }) {
  yield* repeats([...cascade.ranks, ...cascade.parameters], 'rank or parameter');
  yield* repeats(cascade.tensors, 'tensor');
  const owner = new Map<string, Named>();
  for (const rank of cascade.ranks) {
    const variable = rank.name.toLowerCase();
    const earlier = owner.get(variable);
    if (earlier === undefined) owner.set(variable, rank);
    else if (earlier.name !== rank.name)
      yield diagnostic(
        'duplicate-name',
        `ranks "${earlier.name}" and "${rank.name}" would share the index variable "${variable}"`,
        rank.span,
        { related: [{ span: earlier.span, message: `"${earlier.name}" is declared here` }] },
      );
  }
};
