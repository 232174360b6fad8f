import { invariant } from '../../invariant.ts';
import { stallCauses } from '../metrics.ts';
import type { Resources } from '../resources.ts';
import { mostEvents, WorkLimit } from '../work-limit.ts';
import { type Charges, chargesOf } from './charges.ts';
import { Deadlock, namedWaits } from './deadlock.ts';
import {
  addDependent,
  createDependents,
  createFlight,
  type Dependents,
  type Flight,
  isEmpty,
  launch,
  states,
} from './flight.ts';
import { createFolder, type Folder } from './fold.ts';
import { createHeap, type Heap, popHeap, pushHeap } from './heap.ts';
import { causeNumber, codes, type Tape } from './tape.ts';

/** A running simulation. Times in ticks. */
export type Engine = {
  now: number;
  readonly tape: Tape;
  /** Columns of the tape's operations, by position. */
  readonly columns: Columns;
  readonly charges: Charges;
  readonly flight: Flight;
  readonly dependents: Dependents;
  /** When each resource was last released. */
  readonly freeAt: Float64Array;
  /** Operation that last held each resource; -1: none did. */
  readonly heldBy: Int32Array;
  /** By resource, then by cause. */
  readonly stalls: Float64Array;
  /** Ready operations by class, in the order of their turns. */
  readonly ready: readonly Heap[];
  readonly running: Heap;
  /** Operations that an ordered resource has yet to serve; undefined for the others. */
  readonly queues: readonly (Queue | undefined)[];
  readonly windows: readonly Window[];
  /** Tiles that each keep has gone on to, as far as issue goes. */
  readonly tiles: Float64Array;
  /** Turns given so far. */
  turns: number;
  /** The operation that was done last; -1: none yet. */
  lastDone: number;
  /** Next instruction. */
  at: number;
  /** Repeats and calls that are under way, innermost last. */
  readonly repeating: Repeating[];
  /** Operations that were started, folded ones not counted. */
  events: number;
  /** Operations that were folded. */
  skipped: number;
};

type Queue = { readonly items: number[]; first: number };

type Columns = Readonly<Record<'price' | 'loop' | 'late' | 'firstWait' | 'waitBack' | 'waitCause', Int32Array>>;

/** Iterations of a loop that are not over, in rings. */
type Window = {
  readonly mask: number;
  readonly inFlight: number;
  readonly awaitedBy: number;
  begun: number;
  /** Those that are over, up to the first that is not. */
  over: number;
  /** Operations and inner iterations that are waited for, and one for the end of its own issue. */
  readonly outstanding: Int32Array;
  /** Iteration of the loop around. */
  readonly around: Int32Array;
};

/** `at` is the place of the repeat or call on the tape, `of` its number. */
export type Repeating = { readonly at: number; readonly of: number; left: number; readonly history: unknown[] };

/** Sees a simulation go by. Operations by sequence number and position on the tape. */
export type Probe = {
  readonly onBegin?: (e: Engine) => void;
  readonly onIssue?: (sequence: number, operation: number) => void;
  /** It takes its resources. `after` is the operation whose end or release let it start, -1 if none did. */
  readonly onStart?: (sequence: number, operation: number, now: number, after: number, cause: number) => void;
  readonly onFinish?: (sequence: number, operation: number, now: number) => void;
  /** `times` periods were skipped, of so many ticks, operations and, by keep, tiles. */
  readonly onFold?: (repeat: number, times: number, ticks: number, operations: number, tiles: Float64Array) => void;
};

export type RunOptions = {
  readonly ticksPerCycle: number;
  /** How much longer each resource is held than with the ports to itself. */
  readonly factors: Float64Array;
  readonly resources: Resources;
  readonly folding: boolean;
  readonly probe?: Probe | undefined;
};

const order = causeNumber('order');
const unit = causeNumber('unit');
const port = causeNumber('port');
const ramp = causeNumber('ramp');
export const causeCount = stallCauses.length;

/**
 * Runs a tape as discrete events, to its end. A ready operation starts as soon as all that it holds is free; among
 * those that could, the one whose turn came first goes first. Time is counted in whole ticks.
 *
 * Throws `Deadlock` if operations wait for each other, `WorkLimit` if there are too many.
 */
export function runEngine(tape: Tape, options: RunOptions): Engine {
  const e = createEngine(tape, options);
  const folder = options.folding ? createFolder(e) : undefined;
  const { probe } = options;
  const { running, flight } = e;
  probe?.onBegin?.(e);
  for (;;) {
    const issued = issue(e, folder, probe);
    startReady(e, options.resources, probe);
    const next = nextTime(e);
    if (next === Number.POSITIVE_INFINITY) {
      if (!isEmpty(flight) || !issued) throw new Deadlock(namedWaits(e, options.resources));
      return e;
    }
    e.now = next;
    while (running.length > 0 && running.keys[0]! <= next) finish(e, popHeap(running), probe);
  }
}

function createEngine(tape: Tape, { ticksPerCycle, factors }: RunOptions): Engine {
  const charges = chargesOf(tape, ticksPerCycle, factors);
  return {
    now: 0,
    tape,
    columns: {
      price: tape.operations.price.values,
      loop: tape.operations.loop.values,
      late: tape.operations.late.values,
      firstWait: tape.operations.firstWait.values,
      waitBack: tape.operations.waitBack.values,
      waitCause: tape.operations.waitCause.values,
    },
    charges,
    flight: createFlight(),
    dependents: createDependents(),
    freeAt: new Float64Array(tape.resources),
    heldBy: new Int32Array(tape.resources).fill(-1),
    stalls: new Float64Array(tape.resources * causeCount),
    ready: charges.classes.map(createHeap),
    running: createHeap(),
    queues: Array.from({ length: tape.resources }, (_, r) =>
      tape.ordered.includes(r) ? { items: [], first: 0 } : undefined,
    ),
    windows: tape.loops.map(({ inFlight, awaitedBy }) => {
      const size = 2 ** Math.ceil(Math.log2(inFlight + 1));
      const outstanding = new Int32Array(size);
      return { mask: size - 1, inFlight, awaitedBy, begun: 0, over: 0, outstanding, around: new Int32Array(size) };
    }),
    tiles: new Float64Array(tape.placed.keeps.length),
    turns: 0,
    lastDone: -1,
    at: 0,
    repeating: [],
    events: 0,
    skipped: 0,
  };
}

// Issue

/** Issues what can be issued now. True when everything has been. */
function issue(e: Engine, folder: Folder | undefined, probe: Probe | undefined): boolean {
  const { tape } = e;
  const code = tape.code.values;
  const { length } = tape.code;
  while (e.at < length) {
    const instruction = code[e.at]!;
    const argument = instruction >> 4;
    switch (instruction & 15) {
      case codes.operation:
        issueOperation(e, argument, probe);
        break;
      case codes.begin:
        if (!beginIteration(e, argument)) return false;
        break;
      case codes.end:
        release(e, argument, e.windows[argument]!.begun - 1);
        break;
      case codes.barrier: {
        const window = e.windows[argument]!;
        if (window.outstanding[(window.begun - 1) & window.mask]! > 1) return false;
        break;
      }
      case codes.turn:
        giveTurn(e, e.flight.next - argument);
        break;
      case codes.tile:
        e.tiles[argument]!++;
        break;
      case codes.repeat:
        if (repeat(e, argument, folder, probe)) continue;
        break;
      case codes.call:
        e.repeating.push({ at: e.at, of: argument, left: 0, history: [] });
        e.at = tape.calls[argument]!.start;
        continue;
      case codes.return:
        returnFrom(e, argument);
    }
    e.at++;
  }
  return true;
}

/** Jumps back if there are repetitions left. */
function repeat(e: Engine, index: number, folder: Folder | undefined, probe: Probe | undefined): boolean {
  const { start, times } = e.tape.repeats[index]!;
  let top = e.repeating.at(-1);
  if (top?.at !== e.at) {
    top = { at: e.at, of: index, left: times, history: [] };
    e.repeating.push(top);
  }
  if (folder !== undefined && top.left > 1) top.left -= folder(top, probe);
  if (top.left === 0) {
    e.repeating.pop();
    return false;
  }
  top.left--;
  e.at = start;
  return true;
}

/** Goes back to where a run was called, if it was: the end of its first one is passed over. */
function returnFrom(e: Engine, call: number): void {
  const top = e.repeating.at(-1);
  if (top === undefined || top.of !== call || (e.tape.code.values[top.at]! & 15) !== codes.call) return;
  e.repeating.pop();
  e.at = top.at;
}

function issueOperation(e: Engine, operation: number, probe: Probe | undefined): void {
  const { flight: f, columns: table } = e;
  const place = launch(f);
  const sequence = f.next - 1;
  f.operation[place] = operation;
  f.state[place] = states.waiting;
  f.dependents[place] = -1;
  const loop = table.loop[operation]!;
  if (loop >= 0) {
    const window = e.windows[loop]!;
    f.iteration[place] = window.begun - 1;
    window.outstanding[(window.begun - 1) & window.mask]!++;
  }
  let pending = 0;
  const last = table.firstWait[operation + 1]!;
  for (let w = table.firstWait[operation]!; w < last; w++) {
    const on = sequence - table.waitBack[w]!;
    if (on < f.oldest) continue;
    const its = on & f.mask;
    if (f.state[its] === states.done) continue;
    f.dependents[its] = addDependent(e.dependents, f.dependents[its]!, sequence, table.waitCause[w]!);
    pending++;
  }
  f.pending[place] = pending;
  f.turn[place] = -1;
  probe?.onIssue?.(sequence, operation);
  if (table.late[operation] === 0) giveTurn(e, sequence);
}

/** From now on the operation takes its place among those that are served. */
function giveTurn(e: Engine, sequence: number): void {
  const { flight: f } = e;
  const place = sequence & f.mask;
  f.turn[place] = e.turns++;
  if (e.tape.ordered.length > 0)
    for (const r of e.charges.classes[classOf(e, place)]!) e.queues[r]?.items.push(sequence);
  if (f.pending[place] === 0) makeReady(e, sequence, place, order, 0, e.lastDone);
}

const classOf = (e: Engine, place: number): number => e.charges.classOf[e.columns.price[e.flight.operation[place]!]!]!;

function makeReady(e: Engine, sequence: number, place: number, cause: number, rampTicks: number, by: number): void {
  const { flight: f } = e;
  f.state[place] = states.ready;
  f.readyAt[place] = e.now;
  f.readyCause[place] = cause;
  f.readyRamp[place] = rampTicks;
  f.readyBy[place] = by;
  pushHeap(e.ready[classOf(e, place)]!, sequence, f.turn[place]!);
}

/** False if too many iterations of the loop are not over. */
function beginIteration(e: Engine, loop: number): boolean {
  const window = e.windows[loop]!;
  if (window.begun - window.over >= window.inFlight) return false;
  const place = window.begun++ & window.mask;
  window.outstanding[place] = 1;
  if (window.awaitedBy >= 0) {
    const around = e.windows[window.awaitedBy]!;
    window.around[place] = around.begun - 1;
    around.outstanding[(around.begun - 1) & around.mask]!++;
  }
  return true;
}

/** One less is waited for by an iteration; if it is over then, by the one around it, too. */
function release(e: Engine, loop: number, iteration: number): void {
  const window = e.windows[loop]!;
  const place = iteration & window.mask;
  if (--window.outstanding[place]! > 0) return;
  while (window.over < window.begun && window.outstanding[window.over & window.mask] === 0) window.over++;
  if (window.awaitedBy >= 0) release(e, window.awaitedBy, window.around[place]!);
}

// Time

/** Starts all that can start now. */
function startReady(e: Engine, resources: Resources, probe: Probe | undefined): void {
  const { ready } = e;
  for (;;) {
    let best = -1;
    let turn = Number.POSITIVE_INFINITY;
    for (let c = 0; c < ready.length; c++) {
      const heap = ready[c]!;
      if (heap.length === 0 || heap.keys[0]! >= turn || !isFree(e, c, heap.items[0]!)) continue;
      best = c;
      turn = heap.keys[0]!;
    }
    if (best < 0) return;
    start(e, popHeap(ready[best]!), best, resources, probe);
  }
}

function isFree(e: Engine, c: number, sequence: number): boolean {
  const { freeAt, now } = e;
  const used = e.charges.classes[c]!;
  for (let i = 0; i < used.length; i++) if (freeAt[used[i]!]! > now) return false;
  return e.tape.ordered.length === 0 || isNext(e, used, sequence);
}

function isNext(e: Engine, used: Int32Array, sequence: number): boolean {
  for (const r of used) {
    const queue = e.queues[r];
    if (queue !== undefined && queue.items[queue.first] !== sequence) return false;
  }
  return true;
}

function start(e: Engine, sequence: number, c: number, resources: Resources, probe: Probe | undefined): void {
  const { flight: f, charges, freeAt, now } = e;
  if (++e.events > mostEvents)
    throw new WorkLimit(`more than ${mostEvents} operations would have to be simulated one by one`);
  const place = sequence & f.mask;
  const operation = f.operation[place]!;
  const price = e.columns.price[operation]!;
  const used = charges.classes[c]!;
  const readyAt = f.readyAt[place]!;
  let blocker = -1;
  if (now > readyAt) for (const r of used) if (freeAt[r] === now) blocker = r;
  const afterReady = blocker < 0 ? order : resources.kinds[blocker] === 'unit' ? unit : port;
  if (probe?.onStart !== undefined) {
    const waited = now > readyAt;
    const after = blocker < 0 ? f.readyBy[place]! : e.heldBy[blocker]!;
    probe.onStart(sequence, operation, now, after, waited ? afterReady : f.readyCause[place]!);
  }
  const first = charges.firstHold[price]!;
  for (let i = 0; i < used.length; i++) {
    const r = used[i]!;
    const since = freeAt[r]!;
    if (since < now) {
      if (readyAt > since) addWait(e, r, place, readyAt - since);
      const waited = now - Math.max(since, readyAt);
      if (waited > 0) e.stalls[r * causeCount + afterReady]! += waited;
    }
    freeAt[r] = now + charges.holds[first + i]!;
    e.heldBy[r] = sequence;
  }
  if (e.tape.ordered.length > 0) leaveQueues(e, used);
  f.state[place] = states.running;
  f.finishAt[place] = now + charges.durations[price]!;
  pushHeap(e.running, sequence, f.finishAt[place]!);
}

/** The resource stood still until the operation was ready. */
function addWait(e: Engine, r: number, place: number, ticks: number): void {
  const { flight: f, stalls } = e;
  const ramped = Math.min(ticks, f.readyRamp[place]!);
  stalls[r * causeCount + ramp]! += ramped;
  stalls[r * causeCount + f.readyCause[place]!]! += ticks - ramped;
}

function leaveQueues(e: Engine, used: Int32Array): void {
  for (const r of used) {
    const queue = e.queues[r];
    if (queue === undefined) continue;
    queue.first++;
    if (queue.first < 1024) continue;
    queue.items.splice(0, queue.first);
    queue.first = 0;
  }
}

function finish(e: Engine, sequence: number, probe: Probe | undefined): void {
  const { flight: f, dependents, charges, columns } = e;
  const place = sequence & f.mask;
  const operation = f.operation[place]!;
  f.state[place] = states.done;
  e.lastDone = sequence;
  const rampTicks = charges.ramps[columns.price[operation]!]!;
  for (let d = f.dependents[place]!; d >= 0; ) {
    const after = dependents.next[d]!;
    const its = dependents.sequence[d]!;
    const next = its & f.mask;
    if (--f.pending[next]! === 0 && f.turn[next]! >= 0)
      makeReady(e, its, next, dependents.cause[d]!, rampTicks, sequence);
    dependents.next[d] = dependents.free;
    dependents.free = d;
    d = after;
  }
  const loop = columns.loop[operation]!;
  if (loop >= 0) release(e, loop, f.iteration[place]!);
  probe?.onFinish?.(sequence, operation, e.now);
}

/** When something happens next: a result is there, or a ready operation has all that it holds. */
function nextTime(e: Engine): number {
  const { running, ready, freeAt, now } = e;
  let next = running.length > 0 ? running.keys[0]! : Number.POSITIVE_INFINITY;
  for (let c = 0; c < ready.length; c++) {
    if (ready[c]!.length === 0) continue;
    const used = e.charges.classes[c]!;
    let free = 0;
    for (let i = 0; i < used.length; i++) if (freeAt[used[i]!]! > free) free = freeAt[used[i]!]!;
    if (free > now && free < next) next = free;
  }
  invariant(next >= now, 'time runs backwards');
  return next;
}
