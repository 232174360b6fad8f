import type { Course } from '../course.ts';
import type { Row } from '../dispatch.ts';

type Grid<T> = Pick<Course<T> & { kind: 'grid' }, 'inRow' | 'inFlight'>;

/** Steps, or several in a row, whose runs add up to something; some of them are taken off. */
type Sum<T> = readonly { readonly step: T; readonly times: number }[];

/** Periods of a row that are simulated at most before they are taken to repeat. */
const mostPeriods = 8;

/**
 * What a row of equal steps adds to its instance. Without persistence, that many runs of the step.
 *
 * A persistent instance has at most `inFlight` steps under way, so a row goes on in periods of as many. Once two
 * periods have taken equally long the rest is taken to do so too: a long row is a short one and so many periods.
 * After another step, what the two overlap by is taken off: what a run of both is shorter than a run of each.
 */
export function sumOfRow<T>(
  { before, step, length }: Row<T>,
  { inRow, inFlight }: Grid<T>,
  ticksOf: (step: T) => number,
): Sum<T> {
  if (inRow === undefined) return [{ step, times: length }];
  const row = (n: number): T => (n === 1 ? step : inRow(new Array<T>(n).fill(step)));
  const settled = length > 3 * inFlight ? settledAfter((periods) => ticksOf(row(periods * inFlight))) : length;
  const periods = Math.max(0, Math.floor(length / inFlight) - settled);
  const sum = [{ step: row(length - periods * inFlight), times: 1 }];
  if (periods > 0)
    sum.push(
      { step: row((settled + 1) * inFlight), times: periods },
      { step: row(settled * inFlight), times: -periods },
    );
  if (before === undefined) return sum;
  return [...sum, { step: inRow([before, step]), times: 1 }, { step: before, times: -1 }, { step, times: -1 }];
}

/** Periods of a row after which the next one takes as long as the last. */
function settledAfter(ticksOf: (periods: number) => number): number {
  const next = (periods: number): number => ticksOf(periods + 1) - ticksOf(periods);
  let periods = 2;
  while (periods < mostPeriods && next(periods) !== next(periods - 1)) periods++;
  return periods;
}
