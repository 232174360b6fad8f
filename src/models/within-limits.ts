import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import { Deadlock } from './cycle/deadlock.ts';
import { WorkLimit } from './work-limit.ts';

/** What a model makes of a mapping, or why it makes nothing: `deadlock`, or `too-much-work` where it would be at work for longer than anybody waits. */
export function withinWorkLimit<T>(
  mapping: { readonly name: string; readonly nameSpan: Span },
  help: string,
  work: () => T,
): Result<T> {
  try {
    return success(work());
  } catch (error) {
    if (error instanceof Deadlock) {
      const message = `mapping "${mapping.name}" cannot go on: ${error.message}`;
      const help = 'give the buffer more stages, let more iterations be in flight, or lag less';
      return failure([diagnostic('deadlock', message, mapping.nameSpan, { help })]);
    }
    if (!(error instanceof WorkLimit)) throw error;
    const message = `mapping "${mapping.name}" has too many distinct tiles: ${error.message}`;
    return failure([diagnostic('too-much-work', message, mapping.nameSpan, { help })]);
  }
}
