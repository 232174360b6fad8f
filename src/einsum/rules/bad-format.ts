import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { formatBits } from '../formats.ts';
import type { Rule } from '../rule.ts';

export const badFormat: Rule = function* ({ cascade }) {
  const seen = new Set<number>();
  for (const { format } of cascade.tensors) {
    if (format === undefined || formatBits.has(format.name) || seen.has(format.span.start)) continue;
    seen.add(format.span.start);
    const help = didYouMean(format.name, formatBits.keys()) ?? `known: ${[...formatBits.keys()].join(', ')}`;
    yield diagnostic('bad-format', `"${format.name}" is no number format`, format.span, { help });
  }
};
