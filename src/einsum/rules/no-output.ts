import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';

export const noOutput: Rule = function* ({ cascade, declarations }) {
  if (cascade.tensors.some((t) => t.role === 'output')) return;
  const last = cascade.einsums.findLast((e) => !declarations.has(e.output.tensor))?.output;
  const help = last === undefined ? undefined : `write "output ${last.tensor}" to keep the last one's result`;
  yield diagnostic(
    'no-output',
    `cascade "${cascade.name}" ${cascade.einsums.length === 0 ? 'has no Einsum and' : 'declares'} no output`,
    cascade.nameSpan,
    { help },
  );
};
