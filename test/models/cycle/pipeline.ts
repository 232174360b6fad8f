import type { Keep } from '../../../src/mapper/placed.ts';
import type { Fold, Operation } from '../../../src/models/cycle/observer.ts';
import { recordTimeline, type Timeline } from '../../../src/models/cycle/timeline.ts';

/** What each iteration of a test loop does: operations that wait for others, of this iteration or of earlier ones. */
export type Step = {
  readonly kind: Operation['kind'];
  readonly resource: number;
  readonly hold: number;
  readonly latency: number;
  readonly waits: readonly { readonly step: number; readonly back: number }[];
  /** The keep whose tile of this iteration it touches. */
  readonly keep: Keep;
  readonly bytes: number;
};

/**
 * Runs a loop with at most `inFlight` iterations under way, each resource in program order: slow and obvious. Gives the
 * operations in the order in which they start.
 */
export function runLoop(steps: readonly Step[], iterations: number, inFlight: number): readonly Operation[] {
  const all: Operation[] = [];
  const releases = new Map<number, { readonly at: number; readonly by: number }>();
  for (let i = 0; i < iterations; i++)
    for (const step of steps) {
      const waits = step.waits.filter((w) => w.back <= i).map((w) => all[(i - w.back) * steps.length + w.step]!);
      if (i >= inFlight) waits.push(...all.slice((i - inFlight) * steps.length, (i - inFlight + 1) * steps.length));
      let start = 0;
      let after = -1;
      let cause: Operation['cause'] = 'order';
      for (const w of waits)
        if (w.finish > start) {
          start = w.finish;
          after = w.sequence;
          cause = w.kind === 'compute' ? 'operand' : 'transfer';
        }
      const release = releases.get(step.resource);
      if (release !== undefined && release.at > start) {
        start = release.at;
        after = release.by;
        cause = 'unit';
      }
      const sequence = all.length;
      releases.set(step.resource, { at: start + step.hold, by: sequence });
      all.push({
        sequence,
        kind: step.kind,
        keep: step.keep,
        compute: undefined,
        start,
        resources: [step.resource],
        holds: [step.hold],
        finish: start + step.hold + step.latency,
        ramp: 0,
        after,
        cause,
        touches: [{ keep: step.keep, version: i + 1, writes: step.kind === 'fill', bytes: step.bytes }],
      });
    }
  return all.sort((a, b) => a.start - b.start || a.sequence - b.sequence);
}

const endOf = (operations: readonly Operation[]): number => operations.reduce((t, o) => Math.max(t, o.finish), 0);

/** The timeline of operations and folds, as an engine would report them. */
export function timelineOf(
  operations: readonly Operation[],
  folds: readonly { readonly before: number; readonly fold: Fold }[] = [],
  ticks = endOf(operations),
): Timeline {
  const { observer, finish } = recordTimeline();
  for (let i = 0; i <= operations.length; i++) {
    for (const { before, fold } of folds) if (before === i) observer.onFold!(fold);
    if (i < operations.length) observer.onOperation!(operations[i]!);
  }
  observer.onEnd!(ticks);
  return finish();
}

/**
 * The same run with the iterations in its middle folded, where it has become periodic; undefined if it never does.
 * Leaves some iterations at the end.
 */
export function foldLoop(operations: readonly Operation[], steps: number, inFlight: number): Timeline | undefined {
  const starts: number[] = [];
  for (const o of operations) starts[o.sequence] = o.start;
  const iterations = starts.length / steps;
  const rest = inFlight + 2;
  for (let period = 1; period <= 4; period++) {
    /** Whether iteration i runs as the one a period before it did, so many ticks later. */
    const repeats = (i: number, ticks: number): boolean =>
      starts.slice(i * steps, (i + 1) * steps).every((t, s) => t - starts[(i - period) * steps + s]! === ticks);
    for (let at = inFlight + 2 * period; at < iterations - rest - period; at++) {
      const ticks = starts[at * steps]! - starts[(at - period) * steps]!;
      let last = at - inFlight;
      while (last < iterations && repeats(last, ticks)) last++;
      const times = Math.floor((Math.min(last, iterations) - at - rest) / period);
      if (ticks === 0 || times < 1 || last < iterations) continue;
      const start = starts[at * steps]!;
      const before = operations.filter((o) => o.start < start).length;
      const each = period * steps;
      const kept = operations.filter((_, i) => i < before || i >= before + times * each);
      const tiles = new Array<number>(16).fill(period);
      const fold = { start, ticks, operations: each, times, loop: 'm', tiles };
      return timelineOf(kept, [{ before, fold }], endOf(operations));
    }
  }
  return undefined;
}
