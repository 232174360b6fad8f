import { diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import type { Rule } from '../rule.ts';

/** A tensor that is carried along an iterative rank starts from a value. */
export const missingInitialValue: Rule = function* ({ carried, producers, initialValues }) {
  for (const [tensor, { position, variable }] of carried) {
    const output = producers.get(tensor)?.einsum.output;
    if (output === undefined || initialValues.has(tensor)) continue;
    const indices = output.indices.map((index, i) => (i === position ? '0' : printArithmetic(index)));
    yield diagnostic(
      'missing-initial-value',
      `"${tensor}" is carried along "${variable}", but has no initial value`,
      output.span,
      { help: `write ${tensor}[${indices.join(', ')}] = 0, or another constant to start from` },
    );
  }
};
