import type { Block, Loop } from '../../mapper/placed.ts';
import type { Environment } from '../../mapper/tile.ts';
import { mostLag } from '../reach.ts';
import { forEachRun } from '../runs.ts';
import { isActive } from '../walk.ts';
import type { Issuer, Iteration, Recorded } from './issue.ts';
import type { Beginning } from './recall.ts';
import type { Repeat } from './tape.ts';
import type { Around } from './tiles.ts';

/** A loop (or the block itself) that is being run. */
export type Frame = {
  readonly loop: Loop | undefined;
  readonly block: Block;
  /** Interval of the loop's variable around it. */
  readonly lo: number;
  readonly hi: number;
  /** Runs of steps that behave alike, in which something is computed. */
  readonly runs: readonly { readonly first: number; readonly length: number }[];
  run: number;
  /** The current step. */
  step: number;
  /** -1 before the step begins, then the next branch. */
  phase: number;
  /** All steps have begun. */
  over: boolean;
  iteration: Iteration | undefined;
  /** Iterations begun in this activation. */
  begun: number;
  /** Operations that came before this activation. */
  readonly before: number;
  /** Late operations whose turns have not come, with the iteration that they are of. */
  readonly late: { readonly operation: Recorded; readonly begun: number; readonly lag: number }[];
  readonly history: unknown[];
  /** By how many iterations the last branch lags. */
  readonly lag: number;
  /** Where the latest iterations stand, the current one first, as far back as branches lag; undefined: after the last. */
  readonly trail: (Place | undefined)[];
  /** Set while it is recorded to be called again. */
  beginning: Beginning | undefined;
};

/** A step, by its run. */
type Place = { readonly run: number; readonly step: number };

/** The issuer's state and the loops around. */
export type Program = {
  readonly issuer: Issuer;
  /** Where each run of the block begins. */
  readonly starts: readonly Environment[];
  readonly frames: Frame[];
  /** Iterations that may not be over, by loop. */
  readonly windows: Map<Loop | undefined, Iteration[]>;
  readonly repeats: Repeat[];
  readonly calls: { readonly start: number }[];
};

/** The frame of a loop, or of the block itself, that is about to run where the loops stand. */
export function openFrame({ issuer, starts }: Program, loop: Loop | undefined, block: Block): Frame {
  const { env, structure } = issuer;
  const { shape, einsums } = structure.inside(block);
  const runs: { first: number; length: number }[] = [];
  if (loop === undefined) runs.push({ first: 0, length: starts.length });
  else
    forEachRun(loop, shape, env, (first, length) => {
      if (isActive(einsums, env)) runs.push({ first, length });
    });
  return {
    loop,
    block,
    lo: loop === undefined ? 0 : env.lo[loop.variable]!,
    hi: loop === undefined ? 1 : env.hi[loop.variable]!,
    runs,
    run: 0,
    step: runs[0]?.first ?? 0,
    phase: -1,
    over: false,
    iteration: undefined,
    begun: 0,
    before: issuer.sequence,
    late: [],
    history: [],
    lag: mostLag(block),
    trail: [],
    beginning: undefined,
  };
}

/** Next step after the current one, or undefined. */
export function nextStep({ runs, run, step }: Frame): number | undefined {
  const { first, length } = runs[run]!;
  return step + 1 < first + length ? step + 1 : runs[run + 1]?.first;
}

/** Goes on to the next step. */
export function advance(frame: Frame, next: number): void {
  const { first, length } = frame.runs[frame.run]!;
  if (next >= first + length) frame.run++;
  frame.step = next;
}

/** A frame as far as tiles are concerned. */
export const aroundOf = (frame: Frame): Around => ({
  loop: frame.loop,
  lo: frame.lo,
  hi: frame.hi,
  next: frame.loop === undefined ? undefined : nextStep(frame),
});
