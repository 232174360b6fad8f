import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';

export const inputAssigned: Rule = function* ({ cascade, declarations }) {
  for (const { output } of cascade.einsums) {
    const declared = declarations.get(output.tensor);
    if (declared?.role === 'input')
      yield diagnostic('input-assigned', `"${output.tensor}" is an input, so no Einsum can produce it`, output.span, {
        related: [{ span: declared.span, message: 'it is declared here' }],
      });
  }
};
