import { diagnostic } from '../../diagnostic.ts';
import type { Rule } from '../rule.ts';

export const noOutput: Rule = function* ({ cascade }) {
  if (cascade.tensors.some((t) => t.role === 'output')) return;
  const last = cascade.einsums.at(-1)?.output;
  const help = last === undefined ? undefined : `write "output ${last.tensor}" to keep the last one's result`;
  yield diagnostic('no-output', `cascade "${cascade.name}" declares no output`, cascade.nameSpan, { help });
};
