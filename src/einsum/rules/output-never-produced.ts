import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';

/** An output, or a declared intermediate tensor, without an Einsum. */
export const outputNeverProduced: Rule = function* ({ cascade, producers, initialValues, declarations }) {
  for (const { name, role, span } of cascade.tensors) {
    if (role === 'input' || producers.has(name) || initialValues.has(name)) continue;
    const read = new Set(cascade.einsums.flatMap((e) => [...accessesOf(e)].map((a) => a.tensor)));
    const spare = [...producers.keys()].filter((p) => !read.has(p) && !declarations.has(p));
    const what = role === 'output' ? 'output' : 'tensor';
    const near = didYouMean(name, spare);
    yield diagnostic('output-never-produced', `${what} "${name}" is produced by no Einsum`, span, {
      help: near?.startsWith('did') ? near : undefined,
    });
  }
};
