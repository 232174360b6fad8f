import type { Course } from '../course.ts';
import type { Row } from '../dispatch.ts';
import type { BlockRun } from './run.ts';

/** Runs that add up to something, some of them taken off. */
type Sum = readonly { readonly run: BlockRun; readonly times: number }[];

/**
 * What a row of equal steps adds to its instance. Without persistence, that many runs of the step.
 *
 * A persistent instance has at most `inFlight` steps under way, so what happens repeats after as many: a row of up to
 * three times `inFlight` is simulated, a longer one is one of these and so many more periods. After another step,
 * what the two overlap by is taken off, which is what one of each takes less than two that run alone.
 */
export function sumOfRow({ before, step, length }: Row<BlockRun>, { inRow, inFlight }: Grid): Sum {
  if (inRow === undefined) return [{ run: step, times: length }];
  const row = (n: number): BlockRun => (n === 1 ? step : inRow(new Array<BlockRun>(n).fill(step)));
  const periods = Math.max(0, Math.floor((length - 2 * inFlight) / inFlight));
  const sum = [{ run: row(length - periods * inFlight), times: 1 }];
  if (periods > 0) sum.push({ run: row(3 * inFlight), times: periods }, { run: row(2 * inFlight), times: -periods });
  if (before === undefined) return sum;
  return [...sum, { run: inRow([before, step]), times: 1 }, { run: before, times: -1 }, { run: step, times: -1 }];
}

type Grid = Pick<Course<BlockRun> & { kind: 'grid' }, 'inRow' | 'inFlight'>;
