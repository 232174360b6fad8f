import type { Compute, Keep, Loop } from '../../mapper/placed.ts';
import type { TileBox } from '../../mapper/tile.ts';
import type { StallCause } from '../metrics.ts';

/** What an operation holds and for how long, in ticks. Alike for all tiles of a shape. */
export type Cost = {
  readonly resources: readonly number[];
  /** Ticks that each of `resources` is held. */
  readonly holds: readonly number[];
  /** Longest of `holds`. */
  readonly longest: number;
  /** Ticks from the release of the last resource to the result. */
  readonly latency: number;
  /** The part of `latency` that is a ramp of a unit. */
  readonly ramp: number;
};

/** One operation of the event program: a tile filled, drained or computed. Times are in ticks. */
export type Task = {
  readonly sequence: number;
  readonly kind: 'fill' | 'drain' | 'compute';
  readonly keep: Keep | undefined;
  readonly compute: Compute | undefined;
  readonly cost: Cost;
  /** Intervals of the loops, by variable, when the operation was issued. */
  readonly lo: number[];
  readonly hi: number[];
  /** Iterations that are not over before this operation is. */
  readonly iterations: readonly Iteration[];
  readonly touches: Touch[];
  readonly dependents: Task[];
  readonly causes: StallCause[];
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
  /** Which tile of the keep, counted from 1. */
  readonly version: number;
  /** Part of the tensor, carried dimensions included. */
  readonly box: TileBox;
  /** Operand of the compute that the box is of, -1 for its output, -2 for a whole tile or a piece of one. */
  readonly operand: number;
};

/** One iteration of a loop that has begun; it is over when it is closed and nothing is outstanding. */
export type Iteration = { outstanding: number; closed: boolean };

export const isOver = (i: Iteration): boolean => i.closed && i.outstanding === 0;

/** A tile of a keep and the intervals of the loops that it is for. */
export type Tile = { readonly box: TileBox; readonly lo: number[]; readonly hi: number[] };

/** What a keep holds while the program is issued. */
export type KeepState = {
  readonly keep: Keep;
  /** The tensor's carried dimension; -1 if it has none. */
  readonly carried: number;
  /** Counts the tiles that have been here. */
  version: number;
  /** The tile that is here. */
  tile: Tile | undefined;
  /** The next tile, whose fill has been issued ahead. */
  ahead: Tile | undefined;
  /** Some compute has written to it. */
  dirty: boolean;
  /** Touches by operations that are not done, and some that are (they are dropped when met). */
  touches: Touch[];
};

/** The loop of a compute or keep that an operation belongs to. */
export const isUnder = (task: Task, loop: Loop): boolean => (task.compute ?? task.keep)!.above.includes(loop);
