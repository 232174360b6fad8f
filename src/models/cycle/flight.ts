/**
 * Operations in flight: issued and not done. Columns are rings, by sequence number modulo a power of two, so that
 * nothing is allocated while a simulation runs. Times are in ticks.
 */
export type Flight = {
  mask: number;
  /** Sequence number of the oldest that may not be done. */
  oldest: number;
  /** Sequence number of the next one to be issued. */
  next: number;
  /** Position on the tape. */
  operation: Int32Array;
  state: Uint8Array;
  /** How many operations it waits for. */
  pending: Int32Array;
  /** Units serve by turns, smallest first; -1: it has not come. */
  turn: Int32Array;
  /** Iteration of its loop that waits for it. */
  iteration: Int32Array;
  readyAt: Float64Array;
  readyCause: Uint8Array;
  /** The part of the wait before it was ready that is a ramp. */
  readyRamp: Float64Array;
  /** The operation that made it ready; -1: none. */
  readyBy: Int32Array;
  finishAt: Float64Array;
  /** First of those that wait for it, in `Dependents`; -1: none. */
  dependents: Int32Array;
};

export const states = { waiting: 0, ready: 1, running: 2, done: 3 } as const;

export const createFlight = (): Flight => ({ mask: 63, oldest: 0, next: 0, ...columns(64) });

const columns = (size: number): Omit<Flight, 'mask' | 'oldest' | 'next'> => ({
  operation: new Int32Array(size),
  state: new Uint8Array(size),
  pending: new Int32Array(size),
  turn: new Int32Array(size),
  iteration: new Int32Array(size),
  readyAt: new Float64Array(size),
  readyCause: new Uint8Array(size),
  readyRamp: new Float64Array(size),
  readyBy: new Int32Array(size),
  finishAt: new Float64Array(size),
  dependents: new Int32Array(size),
});

/** Whether nothing is in flight. */
export function isEmpty(f: Flight): boolean {
  while (f.oldest < f.next && f.state[f.oldest & f.mask] === states.done) f.oldest++;
  return f.oldest === f.next;
}

/** Makes room for one more; returns its place. */
export function launch(f: Flight): number {
  if (f.state[f.oldest & f.mask] === states.done) isEmpty(f);
  if (f.next - f.oldest > f.mask) grow(f);
  return f.next++ & f.mask;
}

function grow(f: Flight): void {
  const old = f.mask;
  const mask = 2 * (old + 1) - 1;
  const larger = columns(mask + 1);
  for (const name of Object.keys(larger) as (keyof typeof larger)[]) {
    const from = f[name];
    const to = larger[name];
    for (let s = f.oldest; s < f.next; s++) to[s & mask] = from[s & old]!;
  }
  Object.assign(f, larger, { mask });
}

/** Who waits for whom: lists of operations, linked through places that are used again. */
export type Dependents = {
  sequence: Int32Array;
  cause: Uint8Array;
  next: Int32Array;
  /** First place that is free. */
  free: number;
};

export function createDependents(): Dependents {
  const list: Dependents = { sequence: new Int32Array(0), cause: new Uint8Array(0), next: new Int32Array(0), free: -1 };
  growDependents(list, 64);
  return list;
}

function growDependents(list: Dependents, size: number): void {
  const old = list.next.length;
  const grown = { sequence: new Int32Array(size), cause: new Uint8Array(size), next: new Int32Array(size) };
  grown.sequence.set(list.sequence);
  grown.cause.set(list.cause);
  grown.next.set(list.next);
  for (let i = old; i < size; i++) grown.next[i] = i + 1 < size ? i + 1 : -1;
  Object.assign(list, grown, { free: old });
}

/** Adds to the list that begins at `head`; returns its new beginning. */
export function addDependent(list: Dependents, head: number, sequence: number, cause: number): number {
  if (list.free < 0) growDependents(list, 2 * list.next.length);
  const at = list.free;
  list.free = list.next[at]!;
  list.sequence[at] = sequence;
  list.cause[at] = cause;
  list.next[at] = head;
  return at;
}
