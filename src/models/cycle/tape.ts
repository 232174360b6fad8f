import type { PlacedMapping } from '../../mapper/placed.ts';
import { type StallCause, stallCauses } from '../metrics.ts';
import type { Use } from '../resources.ts';
import { WorkLimit } from '../work-limit.ts';
import { createIntList, type IntList, pushInt } from './int-list.ts';

/**
 * A block of the loop tree as a linear program of operations, in the order in which they are issued: what depends on
 * what, and where iterations begin and end. It says nothing of time, so one tape serves any speed of the ports.
 * Iterations that repeat up to a shift are on it once, with a jump back.
 */
export type Tape = {
  /** Instructions, `argument * 16 + code`. */
  readonly code: IntList;
  readonly repeats: readonly Repeat[];
  /** Where runs begin that are called again; they end with an instruction of their own. */
  readonly calls: readonly { readonly start: number }[];
  readonly operations: OperationTable;
  readonly prices: readonly Price[];
  /** How often each price is paid in the whole run. */
  readonly paid: readonly number[];
  /** Bytes and nothing else, as laid out by `CounterLayout`. */
  readonly bytes: Float64Array;
  /** The first stands for the block itself. */
  readonly loops: readonly TapeLoop[];
  readonly placed: PlacedMapping;
  /** Resources that serve operations in the order of their turns, one after the other. */
  readonly ordered: readonly number[];
  readonly resources: number;
};

export const codes = {
  operation: 0,
  begin: 1,
  end: 2,
  barrier: 3,
  turn: 4,
  repeat: 5,
  tile: 6,
  call: 7,
  return: 8,
} as const;

/** What is from `start` up to here comes `times` times more. */
export type Repeat = { readonly start: number; readonly times: number; readonly loop: number };

export type TapeLoop = {
  readonly name: string;
  /** Iterations that may be begun and not over. */
  readonly inFlight: number;
  /** Loop whose iteration is not over before those of this one are; -1: none waits. */
  readonly awaitedBy: number;
};

/** What an operation holds and for how long, in cycles with the ports to itself. Alike for all tiles of a shape. */
export type Price = {
  readonly uses: readonly Use[];
  /** From the release of the last resource to the result, with the ramp. */
  readonly latency_cycles: number;
  /** The part of the latency that is a ramp of a unit. */
  readonly ramp_cycles: number;
  /** The compute that pays it; -1 for transfers. */
  readonly compute: number;
};

export const kinds = ['compute', 'fill', 'drain'] as const;
export type OperationKind = (typeof kinds)[number];

/** By position of an operation on the tape. What it waits for stands at `firstWait[i]` up to `firstWait[i + 1]`. */
export type OperationTable = {
  readonly kind: IntList;
  /** Keep or compute. */
  readonly subject: IntList;
  readonly price: IntList;
  /** Loop whose current iteration waits for it; -1: none. */
  readonly loop: IntList;
  /** 1: its turn comes later, by an instruction. */
  readonly late: IntList;
  /** Of those that could start, the highest goes first. */
  readonly priority: IntList;
  readonly firstWait: IntList;
  /** Operations issued since the one that is waited for, itself counted. */
  readonly waitBack: IntList;
  readonly waitCause: IntList;
  readonly firstTouch: IntList;
  readonly touchKeep: IntList;
  /** Tiles of the keep since the one that is touched; -1: the one fetched ahead. */
  readonly touchBack: IntList;
  readonly touchWrites: IntList;
  readonly touchBytes: number[];
};

export const createOperationTable = (): OperationTable => ({
  kind: createIntList(),
  subject: createIntList(),
  price: createIntList(),
  loop: createIntList(),
  late: createIntList(),
  priority: createIntList(),
  firstWait: createIntList(),
  waitBack: createIntList(),
  waitCause: createIntList(),
  firstTouch: createIntList(),
  touchKeep: createIntList(),
  touchBack: createIntList(),
  touchWrites: createIntList(),
  touchBytes: [],
});

export const causeCount = stallCauses.length;
export const causeNumber = (cause: StallCause): number => stallCauses.indexOf(cause);

/** Arguments have 27 bits: what needs more is refused. */
export function emit(code: IntList, instruction: number, argument: number): void {
  if (argument >= 2 ** 27) throw new WorkLimit('an operation would wait for its turn behind more than 2^27 others');
  pushInt(code, argument * 16 + instruction);
}
