import { diagnostic } from '../../diagnostic.ts';
import type { Einsum } from '../ast.ts';
import { isInitialValue } from '../carried.ts';
import type { Rule } from '../rule.ts';

export const producedTwice: Rule = function* ({ cascade }) {
  const first = { value: new Map<string, Einsum>(), initial: new Map<string, Einsum>() };
  for (const einsum of cascade.einsums) {
    const { tensor, span } = einsum.output;
    const initial = isInitialValue(einsum);
    const seen = initial ? first.initial : first.value;
    const earlier = seen.get(tensor);
    if (earlier === undefined) seen.set(tensor, einsum);
    else
      yield diagnostic(
        'produced-twice',
        initial ? `"${tensor}" has two initial values` : `"${tensor}" is produced by two Einsums`,
        span,
        {
          related: [{ span: earlier.span, message: 'the first is here' }],
          help: initial ? undefined : 'give the second one a name of its own',
        },
      );
  }
};
