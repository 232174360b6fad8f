import { invariant } from '../../invariant.ts';
import { type RunOptions, runEngine } from './engine.ts';
import type { Fold, Observer, Operation } from './observer.ts';
import { probeFor } from './probe.ts';
import type { Tape } from './tape.ts';

/**
 * The operations of a block as they ran, and the folds between them.
 *
 * Seen without its folded periods a run is itself a run, of a program that is shorter: its clock and its count of
 * operations stand still while periods are skipped. Times and numbers in this *walked* form have no gaps, and what
 * was under way at a fold goes on after it. So a question about a run is asked of the walked one, and the answer for
 * each period that was recorded is repeated.
 */
export type Timeline = {
  /** In the order in which they started; `sequence`, `after`, versions of tiles and times are walked ones. */
  readonly operations: readonly Operation[];
  readonly folds: readonly WalkedFold[];
  /** Of the whole run, folded periods counted in. */
  readonly ticks: number;
  /** Position of each operation by its walked sequence; -1: not kept. */
  readonly positions: Int32Array;
  /** Longest time from the start of an operation to its finish. */
  readonly longest: number;
  /** False if the run went on after the last operation that is kept. */
  readonly complete: boolean;
};

/** A fold between two operations: the period that was recorded just before it comes `times` times more. */
export type WalkedFold = {
  readonly times: number;
  readonly loop: string;
  /** Ticks and operations of a period, periods folded inside it counted in. */
  readonly ticks: number;
  readonly operations: number;
  /** The recorded period: positions of its first operation and of the one after its last. */
  readonly from: number;
  readonly to: number;
  /** Folds before this one that lie outside its period. */
  readonly outer: number;
  /** Walked times of the recorded period. */
  readonly begin: number;
  readonly end: number;
};

/** Operations of one block that are kept at most: they take some 400 bytes each. */
const mostKept = 1_000_000;

/** Runs a tape and keeps what it does. */
export function timelineOf(tape: Tape, options: RunOptions): Timeline {
  const { observer, finish } = recordTimeline();
  const { now } = runEngine(tape, { ...options, probe: probeFor(observer, tape) });
  observer.onEnd?.(now);
  return finish();
}

/** Keeps what an observer sees of one block, up to so many operations. */
export function recordTimeline(most = mostKept): {
  readonly observer: Observer;
  readonly finish: () => Timeline;
} {
  const operations: Operation[] = [];
  const folds: WalkedFold[] = [];
  const skipped = { ticks: 0, operations: 0, tiles: [] as number[] };
  let ticks = 0;
  let longest = 0;
  let complete = true;

  const onOperation = (o: Operation): void => {
    if (operations.length >= most) complete = false;
    if (!complete) return;
    const touches = o.touches.map((t) => ({ ...t, version: t.version - (skipped.tiles[t.keep.id] ?? 0) }));
    longest = Math.max(longest, o.finish - o.start);
    operations.push({
      ...o,
      sequence: o.sequence - skipped.operations,
      start: o.start - skipped.ticks,
      finish: o.finish - skipped.ticks,
      after: o.after < 0 ? -1 : o.after - skipped.operations,
      touches,
    });
  };

  const onFold = (fold: Fold): void => {
    if (!complete) return;
    const { from, outer } = findPeriod(folds, operations.length, fold.operations);
    const inner = folds.slice(outer);
    const end = fold.start - skipped.ticks;
    const begin = end - fold.ticks + inner.reduce((n, f) => n + f.times * f.ticks, 0);
    const { times, loop, operations: each } = fold;
    const to = operations.length;
    folds.push({ times, loop, ticks: fold.ticks, operations: each, from, to, outer, begin, end });
    skipped.ticks += times * fold.ticks;
    skipped.operations += times * each;
    for (let k = 0; k < fold.tiles.length; k++) skipped.tiles[k] = (skipped.tiles[k] ?? 0) + times * fold.tiles[k]!;
  };

  const finish = (): Timeline => {
    const last = operations.reduce((most, o) => Math.max(most, o.sequence), -1);
    invariant(last < operations.length || !complete, 'an operation was never seen');
    const positions = new Int32Array(last + 1).fill(-1);
    operations.forEach((o, i) => {
      positions[o.sequence] = i;
    });
    return { operations, folds, ticks, positions, longest, complete };
  };

  return {
    observer: {
      onOperation,
      onFold,
      onEnd: (t) => {
        ticks = t;
      },
    },
    finish,
  };
}

/** Where the period begins that ends with the last operation so far and has so many, folded ones counted in. */
function findPeriod(
  folds: readonly WalkedFold[],
  end: number,
  operations: number,
): { readonly from: number; readonly outer: number } {
  let left = operations;
  let at = end;
  let outer = folds.length;
  while (outer > 0 && left > at - folds[outer - 1]!.to) {
    const inner = folds[--outer]!;
    left -= at - inner.to + inner.times * inner.operations;
    at = inner.to;
    invariant(left >= 0, 'a period begins inside another that was folded');
  }
  invariant(left <= at, 'a period was folded that never ran');
  return { from: at - left, outer };
}

/** An operation as it ran: `later` ticks after its walked start; `repeated`: in a period that was folded. */
export type Occurrence = { readonly operation: Operation; readonly later: number; readonly repeated: boolean };

/**
 * The operations that run at some time in `from` <= t < `to`, in the order in which they start. `unfold`: with those of
 * folded periods.
 */
export function* operationsBetween(
  timeline: Timeline,
  from: number,
  to: number,
  unfold: boolean,
): Generator<Occurrence, void> {
  const { operations, folds, longest } = timeline;
  /** A stretch of the walked run with the folds in it. True once it is past the window. */
  function* stretch(stretched: Stretch, later: number, repeated: boolean): Generator<Occurrence, boolean> {
    let at = stretched.from;
    let behind = later;
    for (let f = stretched.firstFold; f <= stretched.lastFold; f++) {
      const next = f < stretched.lastFold ? folds[f]! : undefined;
      for (; at < (next?.to ?? stretched.to); at++) {
        const operation = operations[at]!;
        const start = operation.start + behind;
        if (start >= to) return true;
        // What takes no time is in the window if it begins there.
        if (start >= from || operation.finish + behind > from) yield { operation, later: behind, repeated };
      }
      if (next === undefined) continue;
      const inner = folds.slice(next.outer, f).reduce((n, g) => n + g.times * g.ticks, 0);
      const start = next.begin + behind - inner;
      // Periods that end too early are passed over.
      const passed = Math.floor((from - longest - start) / Math.max(1, next.ticks));
      const period = { from: next.from, to: next.to, firstFold: next.outer, lastFold: f };
      for (let copy = Math.max(1, passed); unfold && copy <= next.times; copy++)
        if (yield* stretch(period, behind - inner + copy * next.ticks, true)) return true;
      behind += next.times * next.ticks;
    }
    return false;
  }
  yield* stretch({ from: 0, to: operations.length, firstFold: 0, lastFold: folds.length }, 0, false);
}

/** Positions of operations and folds. */
type Stretch = {
  readonly from: number;
  readonly to: number;
  readonly firstFold: number;
  readonly lastFold: number;
};
