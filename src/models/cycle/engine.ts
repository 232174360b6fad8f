import type { Resources } from '../resources.ts';
import { usualWork } from '../work-limit.ts';
import { type Charges, chargesOf } from './charges.ts';
import { Deadlock, namedWaits } from './deadlock.ts';
import { createDependents, createFlight, type Dependents, type Flight, isEmpty } from './flight.ts';
import { createFolder } from './fold.ts';
import { createHeap, type Heap, popHeap } from './heap.ts';
import { issue } from './play.ts';
import { finish, nextTime, startReady } from './serve.ts';
import { causeCount, type Tape } from './tape.ts';

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
  readonly mostWalked: number;
  /** Operations that were folded. */
  skipped: number;
};

type Queue = { readonly items: number[]; first: number };

type Columns = Readonly<
  Record<'price' | 'loop' | 'late' | 'priority' | 'firstWait' | 'waitBack' | 'waitCause', Int32Array>
>;

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
  /** Operations that are walked at most; not given: the usual. */
  readonly mostWalked?: number | undefined;
  readonly probe?: Probe | undefined;
};

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

function createEngine(tape: Tape, { ticksPerCycle, factors, mostWalked = usualWork.walked }: RunOptions): Engine {
  const charges = chargesOf(tape, ticksPerCycle, factors);
  return {
    now: 0,
    tape,
    columns: {
      price: tape.operations.price.values,
      loop: tape.operations.loop.values,
      late: tape.operations.late.values,
      priority: tape.operations.priority.values,
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
    mostWalked,
    skipped: 0,
  };
}
