import type { Loop } from '../mapper/placed.ts';

/** Steps of a grid in their order; neighbours that take the same course together. */
export type Steps<T> = readonly { readonly step: T; readonly times: number }[];

/** Equal steps that one instance runs in a row, directly after another step; undefined: as the first thing it does. */
export type Row<T> = { readonly before: T | undefined; readonly step: T; readonly length: number };

/** Cycles or ticks that a row adds to its instance. */
export type Duration<T> = (row: Row<T>) => number;

export type Dispatched<T> = {
  /** When each instance is done, in the unit of the durations; 0 for one that got no step. */
  readonly ends: Float64Array;
  /** The rows that instances ran, and how often each. */
  readonly rows: readonly (Row<T> & { readonly times: number })[];
  /** Those of the instance that ends last (of several the first), in their order. */
  readonly last: readonly Row<T>[];
};

type Ends = Dispatched<unknown>['ends'];

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
  if (steps.length === 1) return dispatchEqual(steps[0]!, instances, duration);
  const desk = createDesk(instances, duration, true);
  giveOut(steps, dispatch, duration, desk);
  const { ends } = desk;
  const last = ends.reduce((latest, end, i) => (end > ends[latest]! ? i : latest), 0);
  return { ends, rows: countRows(desk), last: rowsOf(desk.instances[last]!) };
}

/** When each instance is done; which rows it ran is not kept. */
export function dispatchedEnds<T>(
  steps: Steps<T>,
  instances: number,
  dispatch: Loop['dispatch'],
  duration: Duration<T>,
): Ends {
  if (steps.length === 1) return dispatchEqual(steps[0]!, instances, duration).ends;
  const desk = createDesk(instances, duration, false);
  giveOut(steps, dispatch, duration, desk);
  return desk.ends;
}

function giveOut<T>(steps: Steps<T>, dispatch: Loop['dispatch'], duration: Duration<T>, desk: Desk<T>): void {
  switch (dispatch) {
    case 'dynamic':
      giveToFirstFree(steps, desk);
      break;
    case 'longest':
      giveToFirstFree(longestFirst(steps, duration), desk);
      break;
    case 'static':
      giveInTurn(steps, desk);
      break;
    case 'contiguous':
      giveShares(steps, desk);
      break;
  }
}

/** Equal steps: whoever gives them out, each instance gets as many, the first of them one more where they do not come out even. */
function dispatchEqual<T>({ step, times }: Steps<T>[number], instances: number, duration: Duration<T>): Dispatched<T> {
  const ends = new Float64Array(instances);
  const rows: { before: undefined; step: T; length: number; times: number }[] = [];
  const more = times % instances;
  const least = Math.floor(times / instances);
  const give = (length: number, from: number, to: number): void => {
    if (length === 0 || from === to) return;
    const row = { before: undefined, step, length };
    ends.fill(duration(row), from, to);
    rows.push({ ...row, times: to - from });
  };
  give(least + 1, 0, more);
  give(least, more, instances);
  return { ends, rows, last: rows.slice(0, 1).map(({ times: _, ...row }) => row) };
}

/** What an instance is doing. */
type Instance<T> = {
  /** The row that it runs now, which grows, and when that began. */
  row: { before: T | undefined; step: T; length: number } | undefined;
  begin: number;
  readonly past: Row<T>[];
};

type Desk<T> = {
  readonly ends: Float64Array;
  readonly instances: readonly Instance<T>[];
  /** Gives an instance the same step so many times. */
  readonly give: (instance: number, step: T, times: number) => void;
};

function createDesk<T>(count: number, duration: Duration<T>, keepsRows: boolean): Desk<T> {
  const ends = new Float64Array(count);
  const instances = Array.from(ends, (): Instance<T> => ({ row: undefined, begin: 0, past: [] }));
  const give = (i: number, step: T, times: number): void => {
    const instance = instances[i]!;
    const { row } = instance;
    if (row?.step === step) row.length += times;
    else {
      instance.begin = ends[i]!;
      if (row === undefined || keepsRows) {
        if (row !== undefined) instance.past.push(row);
        instance.row = { before: row?.step, step, length: times };
      } else {
        row.before = row.step;
        row.step = step;
        row.length = times;
      }
    }
    ends[i] = instance.begin + duration(instance.row!);
  };
  return { ends, instances, give };
}

const rowsOf = <T>({ past, row }: Instance<T>): readonly Row<T>[] => (row === undefined ? past : [...past, row]);

function countRows<T>({ instances }: Desk<T>): Dispatched<T>['rows'] {
  const counted = new Map<T | undefined, Map<T, Map<number, number>>>();
  for (const instance of instances)
    for (const { before, step, length } of rowsOf(instance)) {
      const after = counted.get(before) ?? new Map<T, Map<number, number>>();
      const lengths = after.get(step) ?? new Map<number, number>();
      counted.set(before, after.set(step, lengths.set(length, (lengths.get(length) ?? 0) + 1)));
    }
  return [...counted].flatMap(([before, after]) =>
    [...after].flatMap(([step, lengths]) => [...lengths].map(([length, times]) => ({ before, step, length, times }))),
  );
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
    .map((run) => ({ ...run, alone: duration({ before: undefined, step: run.step, length: 1 }) }))
    .sort((a, b) => b.alone - a.alone);
  const joined: { step: T; times: number }[] = [];
  for (const { step, times } of sorted) {
    const before = joined.at(-1);
    if (before?.step === step) before.times += times;
    else joined.push({ step, times });
  }
  return joined;
}

function giveToFirstFree<T>(steps: Steps<T>, desk: Desk<T>): void {
  const { ends, give } = desk;
  const n = ends.length;
  const heap = Int32Array.from(ends, (_, i) => i);
  for (const { step, times } of steps)
    for (let left = times; left > 0; ) {
      let shortest = Number.POSITIVE_INFINITY;
      for (let i = Math.min(left, n); i > 0; i--, left--) {
        const first = heap[0]!;
        const begin = ends[first]!;
        give(first, step, 1);
        shortest = Math.min(shortest, ends[first]! - begin);
        siftDown(heap, ends);
      }
      const rounds = Math.floor(left / n);
      if (rounds === 0 || !isLevel(desk, step, shortest)) continue;
      for (let i = 0; i < n; i++) give(i, step, rounds);
      left -= rounds * n;
      heap.sort((a, b) => (isBefore(ends, a, b) ? -1 : 1));
    }
}

/** Whether every instance has just run this step, and runs it again before any runs it twice: then all go on alike. */
const isLevel = <T>({ ends, instances }: Desk<T>, step: T, each: number): boolean =>
  instances.every(({ row }) => row?.step === step) &&
  ends.reduce((a, b) => Math.max(a, b)) - ends.reduce((a, b) => Math.min(a, b)) <= each;

/** Whether an instance is free first. */
const isBefore = (ends: Ends, a: number, b: number): boolean => ends[a]! < ends[b]! || (ends[a] === ends[b] && a < b);

/** Restores the heap, first to be free first, after its first entry has got a step. */
function siftDown(heap: Int32Array, ends: Ends): void {
  const entry = heap[0]!;
  let i = 0;
  for (let child = 1; child < heap.length; child = 2 * i + 1) {
    if (child + 1 < heap.length && isBefore(ends, heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(ends, heap[child]!, entry)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = entry;
}
