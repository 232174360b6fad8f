import type { Compute, Keep } from '../../mapper/placed.ts';
import type { StallCause } from '../metrics.ts';

/** One operation as it ran. Times in ticks from the start of the block; folded iterations are counted in. */
export type Operation = {
  /** Place in program order, folded iterations counted in. */
  readonly sequence: number;
  readonly kind: 'fill' | 'drain' | 'compute';
  readonly keep: Keep | undefined;
  readonly compute: Compute | undefined;
  /** When it takes its resources. */
  readonly start: number;
  /** Positions in `machineResources(machine).names`. */
  readonly resources: readonly number[];
  /** Ticks that each of `resources` is held. */
  readonly holds: readonly number[];
  /** When its result is there: the longest hold and the latency after the start. */
  readonly finish: number;
  /** The part of the latency that is a ramp of a unit. */
  readonly ramp: number;
  /** Sequence of the operation whose end or release let this one start (-1: the start of the block), and why it had to wait for it. */
  readonly after: number;
  readonly cause: StallCause;
  /** Tiles touched: `version` counts the tiles of a keep from 1, `bytes` are those of the whole tile. */
  readonly touches: readonly {
    readonly keep: Keep;
    readonly version: number;
    readonly writes: boolean;
    readonly bytes: number;
  }[];
};

/** Iterations that were skipped because they repeat: `times` periods of `ticks` and `operations` each, after `start`. */
export type Fold = {
  readonly start: number;
  readonly ticks: number;
  readonly operations: number;
  readonly times: number;
  readonly loop: string;
  /** Tiles that came into each keep, by id, in a period. */
  readonly tiles: ArrayLike<number>;
};

/** Sees a block run. Operations of folded iterations are not reported; those that follow count on as if they had been. */
export type Observer = {
  readonly onBegin?: (block: { readonly label: string }) => void;
  /** Operations come in the order in which they start. */
  readonly onOperation?: (operation: Operation) => void;
  readonly onFold?: (fold: Fold) => void;
  readonly onEnd?: (ticks: number) => void;
};
