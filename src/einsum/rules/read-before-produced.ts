import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';
import { readsEarlierVersion } from './recurrence.ts';

/** The order of the text is the order of execution; only an earlier version of a carried tensor may be read ahead. */
export const readBeforeProduced: Rule = function* (facts) {
  for (const [position, einsum] of facts.cascade.einsums.entries())
    for (const access of accessesOf(einsum)) {
      const producer = facts.producers.get(access.tensor);
      if (producer === undefined || producer.position < position || readsEarlierVersion(facts, access)) continue;
      const itself = producer.position === position;
      const carried = facts.carried.get(access.tensor);
      const previous = carried && `read the version before with the index "${carried.variable}"`;
      yield diagnostic(
        'read-before-produced',
        itself ? `"${access.tensor}" is defined through itself` : `"${access.tensor}" is read before it is produced`,
        access.span,
        {
          related: itself ? [] : [{ span: producer.einsum.output.span, message: 'it is produced here' }],
          help:
            previous ??
            (itself ? 'a running value needs an iterative rank: X[m+1] = ... X[m] ...' : 'move that Einsum up'),
        },
      );
    }
};
