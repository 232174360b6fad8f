import type { Loop } from '../mapper/placed.ts';

/** Steps of a grid in their order; neighbours that take the same course together. */
export type Steps<T> = readonly { readonly step: T; readonly times: number }[];

/**
 * Cycles or ticks that a step adds to an instance that ran `before` last; undefined: nothing, or a step whose end the
 * next one waits for.
 */
export type Duration<T> = (step: T, before: T | undefined) => number;

export type Dispatched<T> = {
  /** When each instance is done, in the unit of the durations; 0 for one that got no step. */
  readonly ends: Float64Array;
  /** How often each step ran, by the step that the same instance ran before it; undefined: its first. */
  readonly follows: ReadonlyMap<T | undefined, ReadonlyMap<T, number>>;
};

/**
 * Gives the steps of a grid to the instances of a level:
 *
 * - `dynamic`: each in turn to the instance that is free first, as thread blocks and work queues do;
 * - `static`: step i to instance i mod n, in waves;
 * - `longest`: as `dynamic`, the longest steps first (LPT list scheduling, at most 4/3 - 1/3n of the shortest time);
 * - `contiguous`: to each instance in turn an equal share of neighbouring steps, the first shares one step longer where
 *   they do not come out even.
 *
 * Among instances that are free at once the lowest number goes first, among steps that are equally long the first.
 * Equal neighbours are given out together: the work grows with the runs of steps, not with the steps.
 */
export function dispatchSteps<T>(
  steps: Steps<T>,
  instances: number,
  dispatch: Loop['dispatch'],
  duration: Duration<T>,
): Dispatched<T> {
  const desk = createDesk(instances, duration);
  switch (dispatch) {
    case 'dynamic':
      giveToFirstFree(steps, desk, duration);
      break;
    case 'longest':
      giveToFirstFree(longestFirst(steps, duration), desk, duration);
      break;
    case 'static':
      giveInTurn(steps, desk);
      break;
    case 'contiguous':
      giveShares(steps, desk);
      break;
  }
  return desk;
}

/** Instances, what they have done so far, and a way to give one of them the same step so many times. */
type Desk<T> = Dispatched<T> & {
  readonly last: (T | undefined)[];
  readonly give: (instance: number, step: T, times: number) => void;
};

function createDesk<T>(instances: number, duration: Duration<T>): Desk<T> {
  const ends = new Float64Array(instances);
  const last = new Array<T | undefined>(instances).fill(undefined);
  const follows = new Map<T | undefined, Map<T, number>>();
  const add = (instance: number, step: T, before: T | undefined, times: number): void => {
    ends[instance] = ends[instance]! + times * duration(step, before);
    const row = follows.get(before) ?? new Map<T, number>();
    row.set(step, (row.get(step) ?? 0) + times);
    follows.set(before, row);
  };
  const give = (instance: number, step: T, times: number): void => {
    add(instance, step, last[instance], 1);
    if (times > 1) add(instance, step, step, times - 1);
    last[instance] = step;
  };
  return { ends, follows, last, give };
}

function giveInTurn<T>(steps: Steps<T>, { ends, give }: Desk<T>): void {
  const n = ends.length;
  let first = 0;
  for (const { step, times } of steps) {
    for (let i = 0; i < Math.min(times, n); i++) give((first + i) % n, step, Math.ceil((times - i) / n));
    first = (first + times) % n;
  }
}

function giveShares<T>(steps: Steps<T>, { ends, give }: Desk<T>): void {
  const n = ends.length;
  const total = steps.reduce((sum, { times }) => sum + times, 0);
  const share = (i: number): number => Math.floor(total / n) + (i < total % n ? 1 : 0);
  let instance = 0;
  let room = share(0);
  for (const { step, times } of steps)
    for (let left = times; left > 0; ) {
      while (room === 0) room = share(++instance);
      const now = Math.min(left, room);
      give(instance, step, now);
      left -= now;
      room -= now;
    }
}

function longestFirst<T>(steps: Steps<T>, duration: Duration<T>): Steps<T> {
  const sorted = steps
    .map((run) => ({ ...run, alone: duration(run.step, undefined) }))
    .sort((a, b) => b.alone - a.alone);
  const joined: { step: T; times: number }[] = [];
  for (const { step, times } of sorted) {
    const before = joined.at(-1);
    if (before?.step === step) before.times += times;
    else joined.push({ step, times });
  }
  return joined;
}

function giveToFirstFree<T>(steps: Steps<T>, desk: Desk<T>, duration: Duration<T>): void {
  const { ends, give } = desk;
  const n = ends.length;
  const heap = Array.from(ends, (_, i) => i);
  const isBefore = (a: number, b: number): boolean => ends[a]! < ends[b]! || (ends[a] === ends[b] && a < b);
  for (const { step, times } of steps) {
    for (let left = times; left > 0; ) {
      for (let i = Math.min(left, n); i > 0; i--, left--) {
        give(heap[0]!, step, 1);
        siftDown(heap, isBefore);
      }
      const rounds = Math.floor(left / n);
      if (rounds === 0 || !isLevel(desk, step, duration(step, step))) continue;
      for (let i = 0; i < n; i++) give(i, step, rounds);
      left -= rounds * n;
    }
  }
}

/** Whether every instance has just run this step, and runs it again before any runs it twice: then all go on alike. */
const isLevel = <T>({ ends, last }: Desk<T>, step: T, each: number): boolean =>
  last.every((l) => l === step) &&
  ends.reduce((a, b) => Math.max(a, b)) - ends.reduce((a, b) => Math.min(a, b)) <= each;

/** Restores the heap, first to be free first, after its first entry has got a step. */
function siftDown(heap: number[], isBefore: (a: number, b: number) => boolean): void {
  for (let i = 0; ; ) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2])
      if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
    if (least === i) return;
    [heap[i], heap[least]] = [heap[least]!, heap[i]!];
    i = least;
  }
}
