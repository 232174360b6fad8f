import type { Compute, Keep, Loop } from '../../mapper/placed.ts';
import type { StallCause } from '../metrics.ts';

/** One operation of the event program: a tile filled, drained or computed. Times are in ticks. */
export type Task = {
  readonly sequence: number;
  readonly kind: 'fill' | 'drain' | 'compute';
  readonly keep: Keep | undefined;
  readonly compute: Compute | undefined;
  /** Small number that tells nodes of the mapping apart, for comparing states. */
  readonly node: number;
  readonly resources: readonly number[];
  /** Ticks that each of `resources` is held. */
  readonly holds: readonly number[];
  /** Longest of `holds`. */
  readonly longest: number;
  /** Ticks from the release of the last resource to the result. */
  readonly latency: number;
  /** The part of `latency` that is a ramp of a unit. */
  readonly ramp: number;
  /** Intervals of the loops, by variable, when the operation was issued. */
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  /** Issued from a trailing branch: yields to all others. */
  readonly trailing: boolean;
  /** Iterations that are not over before this operation is. */
  readonly iterations: readonly Iteration[];
  readonly touches: readonly Touch[];
  readonly dependents: { readonly task: Task; readonly cause: StallCause }[];
  /** Operations that must end first and have not. */
  pending: number;
  state: 'waiting' | 'ready' | 'running' | 'done';
  readyAt: number;
  readyCause: StallCause;
  readyRamp: number;
  finishAt: number;
  /** Position among the operations in flight, set when states are compared. */
  place: number;
};

/** One tile that an operation reads or writes. */
export type Touch = {
  readonly keep: Keep;
  readonly task: Task;
  readonly writes: boolean;
  readonly version: number;
  /** Part of the tensor, carried dimensions included. */
  readonly box: Float64Array;
  /** Access that the box comes from, for shifting it. */
  readonly access: number;
};

/** One iteration of a loop that has begun; it is over when it is closed and nothing is outstanding. */
export type Iteration = {
  readonly loop: Loop | undefined;
  readonly sequence: number;
  outstanding: number;
  closed: boolean;
};

export const isOver = (i: Iteration): boolean => i.closed && i.outstanding === 0;

/** A tile of a keep and the intervals of the loops that it is for. */
export type Ahead = { readonly box: Float64Array; readonly lo: Float64Array; readonly hi: Float64Array };

/** What a keep holds while the program is issued. */
export type KeepState = {
  readonly keep: Keep;
  /** Counts the tiles that have been here. */
  version: number;
  /** The tile that is here, or undefined. */
  box: Float64Array | undefined;
  /** Intervals of the loops when it came. */
  lo: Float64Array;
  hi: Float64Array;
  /** The next tile, whose fill has been issued ahead. */
  ahead: Ahead | undefined;
  /** Some compute has written to it. */
  dirty: boolean;
  /** Touches by operations that are not done, and some that are (they are dropped when met). */
  touches: Touch[];
};
