import type { Result } from '../diagnostic.ts';
import type { OpenSweep } from './open-sweep.ts';
import type { Range, Rows } from './table.ts';

/** What evaluates ranges of points: threads of this process, or workers that take them from a queue. */
export type Executor = {
  /** How many ranges are evaluated at a time, at least 1; it changes where workers come and go. */
  readonly parallelism: () => number;
  /** Ranges that an earlier run has given out, of what is left: these need not be evaluated again. */
  readonly underWay: readonly Range[];
  /** A failure is of what is around, such as a queue that is gone; a bug of ours throws. */
  readonly evaluate: (range: Range) => Promise<Result<Evaluated>>;
  /** Gives up what is under way. */
  readonly stop: () => Promise<void>;
};

export type Evaluated = {
  readonly rows: Rows;
  /** What evaluating them took, without waiting for a worker. */
  readonly seconds: number;
  /** To be called when the rows are in the store. */
  readonly stored?: () => Promise<Result<void>>;
};

/** What evaluates the points of a sweep. */
export type Evaluator = Pick<OpenSweep, 'evaluate'>;

/** Evaluates a range and takes the time. */
export async function evaluateTimed(sweep: Evaluator, range: Range): Promise<Evaluated> {
  const began = performance.now();
  const rows = await sweep.evaluate(range);
  return { rows, seconds: (performance.now() - began) / 1000 };
}
