import { diagnostic } from '../../diagnostic.ts';
import { isInitialValue } from '../carried.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

export const unusedTensor: Rule = function* ({ cascade, declarations }) {
  const read = new Set(cascade.einsums.flatMap((e) => [...accessesOf(e)].map((a) => a.tensor)));
  for (const { name, role, span } of cascade.tensors)
    if (role === 'input' && !read.has(name))
      yield diagnostic('unused-tensor', `input "${name}" is never read`, span, { severity: 'warning' });
  for (const einsum of cascade.einsums) {
    const { tensor, nameSpan } = einsum.output;
    if (isInitialValue(einsum) || read.has(tensor) || declarations.get(tensor)?.role === 'output') continue;
    const help = `if it is a result, write "output ${tensor}"`;
    yield diagnostic('unused-tensor', `"${tensor}" is produced but never read`, nameSpan, {
      severity: 'warning',
      help,
    });
  }
};
