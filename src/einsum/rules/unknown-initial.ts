import { diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import type { Rule } from '../rule.ts';

/** An initial value belongs to a carried tensor, and names the same variables as the Einsum that carries it. */
export const unknownInitial: Rule = function* ({ initialValues, carried, producers, declarations }) {
  for (const [tensor, { output, span }] of initialValues) {
    if (declarations.get(tensor)?.role === 'input') continue;
    const producer = producers.get(tensor)?.einsum;
    const dimension = carried.get(tensor);
    if (producer === undefined || dimension === undefined) {
      const message = `"${tensor}" has an initial value, but no Einsum carries it on: none produces it at an index such as "m1+1"`;
      const related = producer === undefined ? [] : [{ span: producer.output.span, message: 'it is produced here' }];
      yield diagnostic('unknown-initial', message, span, { related });
      continue;
    }
    const expected = producer.output.indices.map((index, i) =>
      i === dimension.position ? '0' : printArithmetic(index),
    );
    const written = output.indices.map(printArithmetic);
    if (expected.join() !== written.join())
      yield diagnostic(
        'unknown-initial',
        `the initial value of "${tensor}" is at [${written.join(', ')}], but its first version is at [${expected.join(', ')}]`,
        output.span,
        { related: [{ span: producer.output.span, message: `it is carried along "${dimension.variable}" here` }] },
      );
  }
};
