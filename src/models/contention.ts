import type { Course } from './course.ts';
import { type Dispatched, dispatchedEnds, dispatchSteps, type Row, type Steps } from './dispatch.ts';
import type { Costs } from './resources.ts';

/**
 * Contention of instances for the ports that they share: processor sharing, in the mean field. A port serves all
 * transfers that are under way at once, each with an equal part of its bandwidth, and each instance meets the others
 * as they are on average.
 *
 * If a port works for a share U of a grid's time, each of the N - 1 others is met with U / N, and a transfer takes
 *
 *     f = 1 / (1 - U (N - 1) / N)
 *
 * times as long as with the port to itself: 1 / (1 - U), the response of a processor-sharing queue whatever the sizes of
 * transfers (Kleinrock, Queueing Systems II, 1976, section 4.4), less the part that an instance adds to U itself. An idle
 * port slows nothing down, f = 1. A saturated one gives each instance an N-th of its bandwidth, f = N, and the grid then
 * takes its bytes over the bandwidth. U follows from the time that the grid takes, so f is a fixed point.
 *
 * The mean does not see that a grid begins with a burst: all instances want their first tiles at once, and the last of
 * them gets its own when all have been served, whatever f. That difference is added once. Afterwards the instances are
 * out of step; bursts that they have because they fall into step again are not seen, nor that fewer of them are left when
 * steps of unlike lengths end.
 */
export type Contended<T> = {
  /** By resource: how many times longer it is held than with the port to itself. */
  readonly slowdown: Float64Array;
  readonly result: T;
  /** What the grid takes: more than the run by the burst at its beginning, and if that is too short for its slowdown. */
  readonly time: number;
};

/** The time of a grid and the one that its slowdown goes with are to differ by no more than this part of it. */
const tolerance = 1e-3;
/** More runs are not spent on that. */
const mostRuns = 12;

/**
 * Runs a grid with the slowdown that goes with the time that it takes. `work` is how long each resource works for all
 * instances together, with the port to itself and in the unit of `timeOf`, and `first` for what all fetch before they
 * begin to compute; 0 for what they do not share.
 *
 * The time is found from both sides: a run that takes longer than its slowdown goes with is an answer, on the slow side;
 * and so is one that takes less, with the time that its slowdown goes with. Where the run jumps from one to the other, as
 * schedules do, the second is what a port that is at its limit makes of it. Either is at least as long as the most
 * loaded port works.
 */
export function underContention<T>(
  work: Float64Array,
  first: Float64Array,
  instances: number,
  run: (slowdown: Float64Array) => T,
  timeOf: (result: T) => number,
): Contended<T> {
  const most = work.reduce((a, b) => Math.max(a, b), 0);
  const even = new Float64Array(work.length).fill(1);
  const alone = run(even);
  if (most === 0 || instances === 1) return { slowdown: even, result: alone, time: timeOf(alone) };

  const others = (instances - 1) / instances;
  const slowdownIn = (w: number, time: number): number => 1 / (1 - (w / time) * others);
  const tried = (assumed: number): Trial<T> => {
    const slowdown = work.map((w) => slowdownIn(w, assumed));
    const result = run(slowdown);
    const burst = first.reduce((most, w, r) => Math.max(most, w * (1 - slowdown[r]! / instances)), 0);
    const took = timeOf(result) + burst;
    const worst = slowdownIn(most, assumed);
    return { slowdown, result, time: Math.max(took, assumed), assumed, excess: took - assumed, worst };
  };
  let slow = tried(Math.max(most, timeOf(alone)));
  let fast: Trial<T> | undefined;
  for (let runs = 2; runs < mostRuns && slow.excess > tolerance * slow.assumed; runs++) {
    if (fast !== undefined && fast.assumed - slow.assumed <= tolerance * slow.assumed) break;
    const next: Trial<T> = tried(
      fast === undefined ? slow.time : Math.max(most, (most * others) / (1 - 1 / between(fast, slow))),
    );
    if (next.excess < 0) fast = next;
    else slow = next;
  }
  return fast !== undefined && fast.time < slow.time ? fast : slow;
}

/** A run as if the grid took the assumed time. */
type Trial<T> = Contended<T> & {
  readonly assumed: number;
  /** What the run took beyond that. */
  readonly excess: number;
  /** Slowdown of the most loaded port. */
  readonly worst: number;
};

/** Slowdown at which the excess would vanish if it grew evenly from one trial to the other, not too near to either. */
function between(fast: Trial<unknown>, slow: Trial<unknown>): number {
  const part = fast.excess / (fast.excess - slow.excess);
  return fast.worst + Math.min(0.95, Math.max(0.05, part)) * (slow.worst - fast.worst);
}

/** A step of a grid; `late`: of the last wave, in which some instances have nothing left to do. */
export type Part<T> = { readonly step: T; readonly late: boolean };

type Grid<T> = Course<T> & { kind: 'grid' };

/** What a model says of the steps of a grid. `R` is what it makes of one at some slowdown. */
type GridModel<T, R> = {
  /** Time that a step, and what it fetches before it computes, holds each resource with the port to itself. */
  readonly work: (step: T) => Float64Array;
  readonly first: (step: T) => Float64Array;
  readonly run: (step: T, slowdown: Float64Array) => R;
  /** Time that a row of steps adds to its instance. */
  readonly duration: (row: Row<Part<T>>, parts: Parts<T, R>) => number;
};

type PartOf<T> = (step: T, late: boolean) => Part<T>;

export type Parts<T, R> = { readonly partOf: PartOf<T>; readonly resultOf: (part: Part<T>) => R };

type ContendedGrid<T, R> = Parts<T, R> & {
  readonly time: number;
  /** What the instances do, for who looks at it. */
  readonly dispatched: () => Dispatched<Part<T>>;
  readonly slowdownOf: (part: Part<T>) => Float64Array;
  /** Time that shared ports work, by resource, and that for which instances hold them, each served at a part. */
  readonly work: Float64Array;
  readonly slowed: () => Float64Array;
};

/**
 * A grid under contention. Its last wave, where that leaves instances without a step, is a contention of its own: fewer
 * meet there.
 */
export function contendedGrid<T, R>(grid: Grid<T>, model: GridModel<T, R>): ContendedGrid<T, R> {
  const { costs, instances, dispatch } = grid;
  const partOf = createParts<T>();
  const { full, late } = splitWaves(grid, partOf);
  const settle = (steps: Steps<Part<T>>, first: Float64Array) =>
    underContention(
      sharedWork(costs, steps, ({ step }) => model.work(step)),
      first,
      Math.min(instances, countOf(steps)),
      (slowdown) => {
        const resultOf = remember((part: Part<T>) => model.run(part.step, slowdown));
        const parts = { partOf, resultOf };
        const ends = dispatchedEnds(steps, instances, dispatch, (row) => model.duration(row, parts));
        return { resultOf, ends };
      },
      ({ ends }) => largest(ends),
    );
  const early = settle(
    full,
    sharedWork(costs, firstOf(full, instances), ({ step }) => model.first(step)),
  );
  const last = settle(late, new Float64Array(costs.sharers.length));
  const slowdownOf = (part: Part<T>): Float64Array => (part.late ? last : early).slowdown;
  const resultOf = (part: Part<T>): R => (part.late ? last : early).result.resultOf(part);
  const all = [...full, ...late];
  const duration = (row: Row<Part<T>>): number => model.duration(row, { partOf, resultOf });
  const ends = late.length === 0 ? early.result.ends : dispatchedEnds(all, instances, dispatch, duration);
  const waits = [early, last].reduce((sum, { time, result }) => sum + time - largest(result.ends), 0);
  const work = sharedWork(costs, all, ({ step }) => model.work(step));
  const slowedWork = remember((part: Part<T>) => model.work(part.step).map((w, r) => w * slowdownOf(part)[r]!));
  return {
    time: Math.max(largest(ends) + waits, largest(work)),
    dispatched: () => dispatchSteps(all, instances, dispatch, duration),
    resultOf,
    partOf,
    slowdownOf,
    work,
    slowed: () => sharedWork(costs, all, slowedWork),
  };
}

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);

const countOf = (steps: Steps<unknown>): number => steps.reduce((n, { times }) => n + times, 0);

/** Each part is one object, so that equal parts are known. */
function createParts<T>(): PartOf<T> {
  const early = remember((step: T): Part<T> => ({ step, late: false }));
  const late = remember((step: T): Part<T> => ({ step, late: true }));
  return (step, isLate) => (isLate ? late : early)(step);
}

function remember<A, B>(of: (a: A) => B): (a: A) => B {
  const known = new Map<A, B>();
  return (a) => {
    let found = known.get(a);
    if (found === undefined) {
      found = of(a);
      known.set(a, found);
    }
    return found;
  };
}

/** The steps of whole waves, and those of a last one that is not whole; where the order tells which they are. */
function splitWaves<T>(
  { steps, instances, dispatch }: Grid<T>,
  partOf: PartOf<T>,
): { readonly full: Steps<Part<T>>; readonly late: Steps<Part<T>> } {
  const count = countOf(steps);
  const inOrder = dispatch === 'dynamic' || dispatch === 'static';
  const whole = inOrder && count > instances ? count - (count % instances) : count;
  const full: { step: Part<T>; times: number }[] = [];
  const late: { step: Part<T>; times: number }[] = [];
  let left = whole;
  for (const { step, times } of steps) {
    const now = Math.min(left, times);
    left -= now;
    if (now > 0) full.push({ step: partOf(step, false), times: now });
    if (now < times) late.push({ step: partOf(step, true), times: times - now });
  }
  return { full, late };
}

/** So many of the steps, from the first. */
function firstOf<T>(steps: Steps<T>, count: number): Steps<T> {
  let left = count;
  return steps.flatMap(({ step, times }) => {
    const now = Math.min(left, times);
    left -= now;
    return now > 0 ? [{ step, times: now }] : [];
  });
}

/** Time that the ports which the instances share work for steps together, by resource; 0 for all else. */
export function sharedWork<T>(
  { sharers, resources }: Costs,
  steps: Steps<T>,
  heldBy: (step: T) => Float64Array,
): Float64Array {
  const work = new Float64Array(sharers.length);
  for (const { step, times } of steps) {
    const held = heldBy(step);
    for (let r = 0; r < work.length; r++)
      if (sharers[r]! > 1 && resources.kinds[r] === 'port') work[r] = work[r]! + times * held[r]!;
  }
  return work;
}
