import { diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import { isInitialValue } from '../carried.ts';
import { isVariable } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** `RM[b,h,0,p] = -inf`: the constant 0 at the carried dimension, plain variables elsewhere, a constant to start from. */
export const initialValueForm: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums) {
    if (!isInitialValue(einsum)) continue;
    const { output, reduce, body, filter } = einsum;
    const constants = output.indices.filter((index) => index.kind === 'number');
    const other = output.indices.find(
      (index) => index.kind !== 'number' && !(index.kind === 'name' && isVariable(facts, index.name)),
    );
    const wrong = constants.find((index) => index.value !== 0) ?? constants[1];
    if (wrong !== undefined) {
      const message = `an output index can be a constant only in an initial value, where it is one 0, not "${printArithmetic(wrong)}"`;
      yield diagnostic('initial-value-form', message, wrong.span, {
        help: `write ${output.tensor}[..., 0, ...] = -inf`,
      });
    } else if (other !== undefined) {
      const message = `beside its 0, an initial value is indexed by plain variables, not "${printArithmetic(other)}"`;
      yield diagnostic('initial-value-form', message, other.span);
    } else if (body.kind !== 'constant' || reduce !== undefined || filter !== undefined) {
      const message = `the initial value of "${output.tensor}" (its index 0) is a constant, without reduction or filter`;
      yield diagnostic('initial-value-form', message, einsum.span, { help: 'write a number, inf or -inf' });
    }
  }
};
