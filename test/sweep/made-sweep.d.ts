import type { Result } from '../../src/diagnostic.ts';
import type { OpenSweep, SweepTexts } from '../../src/sweep/open-sweep.ts';

/** What the text of a made-up experiment says, as JSON. */
export type Made = {
  readonly points: number;
  /** Every so many-th point is not in the space. */
  readonly everySkipped?: number;
  /** Evaluating it throws, or ends the thread. */
  readonly crashAt?: number;
  readonly endAt?: number;
  /** What a point takes, waiting. */
  readonly milliseconds?: number;
  /** What a point takes, computing. */
  readonly microseconds?: number;
};

export type MadeSweep = Pick<OpenSweep, 'columns' | 'points' | 'evaluate'>;

export const openSweep: (texts: SweepTexts) => Promise<Result<MadeSweep>>;
