import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { formatList, numberFormats } from '../number-format.ts';
import type { Rule } from '../rule.ts';

export const badFormat: Rule = function* ({ cascade }) {
  const seen = new Set<number>();
  for (const { format } of cascade.tensors) {
    if (format === undefined || numberFormats.has(format.name) || seen.has(format.span.start)) continue;
    seen.add(format.span.start);
    const help = didYouMean(format.name, numberFormats.keys()) ?? `known: ${formatList}`;
    yield diagnostic('bad-format', `"${format.name}" is no number format`, format.span, { help });
  }
};
