import { stallCauses } from '../metrics.ts';
import type { CounterLayout } from './counters.ts';
import { type RunOptions, runEngine } from './engine.ts';
import { causeCount, type Tape } from './tape.ts';

export type BlockRun = {
  readonly ticks: number;
  /** As laid out by `CounterLayout`. */
  readonly totals: Float64Array;
  /** Operations that were walked, after folding. */
  readonly events: number;
};

/** Runs a tape on one instance and adds up what it did: bytes, busy ticks, and stalls by cause. */
export function runTape(tape: Tape, options: RunOptions & { readonly layout: CounterLayout }): BlockRun {
  const e = runEngine(tape, options);
  const { layout } = options;
  const totals = tape.bytes.slice();
  const add = (at: number, amount: number): void => {
    totals[at] = totals[at]! + amount;
  };
  tape.prices.forEach(({ compute }, p) => {
    const used = e.charges.classes[e.charges.classOf[p]!]!;
    used.forEach((r, i) => {
      const ticks = tape.paid[p]! * e.charges.holds[e.charges.firstHold[p]! + i]!;
      add(layout.busy(r), ticks);
      if (compute >= 0) add(layout.held(compute, r), ticks);
    });
  });
  for (let r = 0; r < tape.resources; r++) {
    stallCauses.forEach((cause, c) => {
      add(layout.stall(r, cause), e.stalls[r * causeCount + c]!);
    });
    add(layout.stall(r, e.heldBy[r]! < 0 ? 'idle' : 'tail'), e.now - e.freeAt[r]!);
  }
  return { ticks: e.now, totals, events: e.events };
}
