import type { Range } from './table.ts';

/** Seconds of work in a batch: much more than to hand it on, and little to lose or to wait for. */
const batchSeconds = 1;
/** Shorter ones are not made to share the work out. */
const leastSeconds = 0.05;
/** Bounds the memory of rows that are under way. */
const mostPoints = 65536;
/** A batch has at most so many times the points of one that was measured. */
const growth = 4;

/** What is left of a sweep, cut into batches of about equal time; where they are cut changes no row. */
export type Batches = {
  /** The next batch, for one of so many workers; undefined when all is given out. */
  readonly next: (workers: number) => Range | undefined;
  /** Says what a batch took. */
  readonly measured: (range: Range, seconds: number) => void;
};

/** Cuts ranges, in order. */
export function openBatches(ranges: readonly Range[]): Batches {
  let left = ranges.reduce((sum, { count }) => sum + count, 0);
  let at = 0;
  let from = ranges[0]?.first ?? 0;
  let size = 1;
  let secondsOfPoint = Number.POSITIVE_INFINITY;
  const pointsOf = (seconds: number): number => Math.floor(seconds / secondsOfPoint);
  return {
    next: (workers) => {
      const range = ranges[at];
      if (range === undefined) return undefined;
      const end = range.first + range.count;
      // Towards the end batches become small, so that all workers end at about the same time.
      const share = Math.max(Math.ceil(left / (2 * workers)), pointsOf(leastSeconds));
      const count = Math.min(size, share, end - from);
      const batch = { first: from, count };
      left -= count;
      from += count;
      if (from === end) {
        at++;
        from = ranges[at]?.first ?? 0;
      }
      return batch;
    },
    measured: ({ count }, seconds) => {
      const cost = seconds / count;
      secondsOfPoint = Number.isFinite(secondsOfPoint) ? (secondsOfPoint + cost) / 2 : cost;
      // A short batch at the end of a range says little of how many points fit into a long one.
      size = Math.max(1, Math.min(pointsOf(batchSeconds), mostPoints, Math.max(size, growth * count)));
    },
  };
}
