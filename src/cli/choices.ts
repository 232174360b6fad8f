import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';

/** One of some words, or a diagnostic with what may have been meant. */
export function choose<T extends string>(option: string, text: string, words: readonly T[]): Result<T> {
  const chosen = words.find((w) => w === text);
  if (chosen !== undefined) return success(chosen);
  const help = didYouMean(text, words);
  return failure([diagnostic('bad-choice', `${option} "${text}" is none of ${words.join(', ')}`, undefined, { help })]);
}
