import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';

/** One of some words, or a diagnostic with what may have been meant. */
export function choose<T extends string>(option: string, text: string, words: readonly T[]): Result<T> {
  const chosen = words.find((w) => w === text);
  if (chosen !== undefined) return success(chosen);
  const help = didYouMean(text, words);
  return failure([diagnostic('bad-choice', `${option} "${text}" is none of ${words.join(', ')}`, undefined, { help })]);
}

/** Some of some words, with commas between them. */
export function chooseSeveral<T extends string>(option: string, text: string, words: readonly T[]): Result<T[]> {
  const chosen = text.split(',').map((one) => choose(option, one.trim(), words));
  const wrong = chosen.flatMap((c) => (c.ok ? [] : c.diagnostics));
  return wrong.length > 0 ? failure(wrong) : success(chosen.flatMap((c) => (c.ok ? [c.value] : [])));
}

/** A share that is given on the command line, below 1. */
export function readShare(option: string, text: string): Result<number> {
  if (/^0(\.\d{1,9})?$/.test(text)) return success(Number(text));
  return failure([diagnostic('bad-choice', `${option} "${text}" is no share of 0 up to 1, such as 0.001`, undefined)]);
}

/** A count that is given on the command line. */
export function readCount(option: string, text: string): Result<number> {
  if (/^[1-9]\d{0,8}$/.test(text)) return success(Number(text));
  return failure([diagnostic('bad-choice', `${option} "${text}" is no whole number of 1 to 999999999`, undefined)]);
}
