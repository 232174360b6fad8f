import type { BoundAccess, BoundIndex } from '../../einsum/workload.ts';
import type { Loop } from '../../mapper/placed.ts';
import type { TileBox } from '../../mapper/tile.ts';
import { keyLength, writeKey } from '../likeness.ts';
import type { Frame, Program } from './frame.ts';
import { accessOf, type Frozen, freeze, isStored, partsUnder, thaw } from './frozen.ts';
import { type Iteration, type KeepState, liveOperations, type Recorded } from './issue.ts';
import { beginLooking, createPatience, type Patience } from './patience.ts';
import { createState } from './state.ts';
import { codes, emit, kinds } from './tape.ts';

/**
 * Loops that run again from where they ran from before, up to a shift in place, issue the same and leave the same
 * behind. Such a run is put on the tape as a call of the first one, and the state that it left is put in place.
 * So nested loops take as long to record as they have levels, not as their first iterations multiply to.
 */
export type Recall = {
  /** Puts the run of a loop that is about to begin on the tape as a call, if it can; else notes where it begins. */
  readonly callOrBegin: (frame: Frame) => boolean;
  /** A run has ended. */
  readonly end: (frame: Frame) => void;
};

/** Where a run begins, kept until it ends. */
export type Beginning = {
  readonly key: Float64Array;
  readonly code: number;
  readonly sequence: number;
  readonly lo: readonly number[];
  readonly bytes: Float64Array;
  readonly paid: readonly number[];
  /** What the loop around had waited for until then. */
  readonly reach: number;
};

/** What a run did. */
type Run = {
  readonly beginning: Beginning;
  readonly call: number;
  readonly operations: number;
  readonly bytes: Float64Array;
  readonly paid: readonly number[];
  /** Oldest operation that it waited for, from its first one. */
  readonly reach: number;
  readonly left: Frozen;
};

/** Runs of one loop that are remembered. */
const mostRemembered = 32;

export function createRecall(program: Program): Recall {
  const { issuer, frames, windows, calls } = program;
  const { placed } = issuer.costs;
  const { tensors } = placed.workload;
  const remembered = new Map<Loop, { readonly runs: Run[]; readonly patience: Patience }>();
  const state = createState();
  const divided = [...dividedIndices(program)];

  /** Where the loops stand that something is under; 0 for the others, which do not move it. */
  let movedStart = partsUnder(program, issuer.env.lo);

  /** Only loops around loops: for others a look costs more than it saves. */
  const isWorthwhile = (loop: Loop): boolean => loop.block.branches.some((b) => b.kind === 'loop');

  const callOrBegin = (frame: Frame): boolean => {
    const loop = frame.loop!;
    if (!isWorthwhile(loop) || frames.some((f) => f.late.length > 0)) return false;
    const memory = remembered.get(loop) ?? { runs: [], patience: createPatience() };
    remembered.set(loop, memory);
    const { runs, patience } = memory;
    if (runs.length === mostRemembered) beginLooking(patience);
    if (patience.waiting > 0 || !describe(frame)) return false;
    const run = runs.find((r) => state.equals(r.beginning.key));
    if (run !== undefined) {
      patience.found = true;
      replay(run);
      return true;
    }
    if (runs.length === mostRemembered) return false;
    const depth = issuer.reach.length - 1;
    frame.beginning = {
      key: state.copy(),
      code: issuer.code.length,
      sequence: issuer.sequence,
      lo: issuer.env.lo.slice(),
      bytes: issuer.counters.values.slice(),
      paid: issuer.prices.paid.slice(),
      reach: issuer.reach[depth] ?? Number.POSITIVE_INFINITY,
    };
    if (depth >= 0) issuer.reach[depth] = Number.POSITIVE_INFINITY;
    return false;
  };

  const end = (frame: Frame): void => {
    const { beginning } = frame;
    if (beginning === undefined) return;
    const depth = issuer.reach.length - 1;
    const reach = issuer.reach[depth] ?? Number.POSITIVE_INFINITY;
    if (depth >= 0) issuer.reach[depth] = Math.min(reach, beginning.reach);
    emit(issuer.code, codes.return, calls.length);
    const { paid } = issuer.prices;
    remembered.get(frame.loop!)!.runs.push({
      beginning,
      call: calls.push({ start: beginning.code }) - 1,
      operations: issuer.sequence - beginning.sequence,
      bytes: issuer.counters.values.map((v, i) => v - beginning.bytes[i]!),
      paid: paid.map((n, i) => n - (beginning.paid[i] ?? 0)),
      reach: reach - beginning.sequence,
      left: freeze(program),
    });
  };

  const replay = (run: Run): void => {
    emit(issuer.code, codes.call, run.call);
    const { values } = issuer.counters;
    run.bytes.forEach((bytes, i) => {
      values[i] = values[i]! + bytes;
    });
    run.paid.forEach((times, i) => {
      issuer.prices.paid[i] = issuer.prices.paid[i]! + times;
    });
    const { env, reach } = issuer;
    const distances = env.lo.map((lo, v) => lo - run.beginning.lo[v]!);
    const later = issuer.sequence - run.beginning.sequence;
    for (let d = 0; d < reach.length; d++) reach[d] = Math.min(reach[d]!, issuer.sequence + run.reach);
    issuer.sequence += run.operations;
    thaw(program, run.left, distances, later);
  };

  /** Writes the state that decides what a run of the loop issues; false if it is like no other. */
  const describe = (frame: Frame): boolean => {
    const { env } = issuer;
    const { shape } = issuer.structure.inside(frame.block);
    state.clear();
    const key = new Float64Array(keyLength(shape));
    writeKey(shape, env, key);
    for (const value of key) state.push(value);
    for (const { first, length } of frame.runs) {
      state.push(first);
      state.push(length);
    }
    if (!describeAround()) return false;
    for (const index of divided) state.push(indexRemainder(index, env.lo));
    const live = liveOperations(issuer);
    const positions = new Map(live.map((operation, i) => [operation, i]));
    movedStart = partsUnder(program, env.lo);
    state.push(live.length);
    for (const operation of live) describeOperation(operation, positions);
    for (const keep of issuer.keeps) if (keep !== undefined) describeKeep(keep);
    for (const [loop, window] of windows) {
      state.push(loop === undefined ? -1 : loop.id);
      state.push(window.length);
      for (const { number, operations, inner } of window) {
        state.push(issuer.begun[issuer.loopNumber(loop)]! - number);
        state.push(operations.reduce((n, o) => n + (o.done ? 0 : 1), 0));
        for (const i of inner)
          if (isOpen(i)) {
            state.push(issuer.loopNumber(i.loop));
            state.push(issuer.begun[issuer.loopNumber(i.loop)]! - i.number);
          }
        state.push(-1);
      }
    }
    return true;
  };

  /**
   * What comes next may be fetched ahead, in the innermost loop around that goes on: as that iteration is like this
   * one, what is used here is used there. False if it is not like this one.
   */
  const describeAround = (): boolean => {
    for (let f = frames.length - 1; f >= 0; f--) {
      const { loop, lo, hi, runs, run, step } = frames[f]!;
      const { first, length } = runs[run]!;
      if (step + 1 < first + length) {
        state.push(f);
        return true;
      }
      if (run + 1 < runs.length) return false;
      // It begins anew there.
      if (loop === undefined) continue;
      state.push(issuer.env.lo[loop.variable]! - lo);
      state.push(hi - lo);
    }
    state.push(-1);
    return true;
  };

  const describeOperation = (operation: Recorded, positions: ReadonlyMap<Recorded, number>): void => {
    state.push(issuer.sequence - operation.sequence);
    state.push(kinds.indexOf(operation.kind));
    state.push((operation.compute ?? operation.keep)!.id);
    state.push(operation.price);
    const { iteration } = operation;
    state.push(iteration === undefined ? -1 : issuer.loopNumber(iteration.loop));
    if (iteration !== undefined) state.push(issuer.begun[issuer.loopNumber(iteration.loop)]! - iteration.number);
    const { above } = (operation.compute ?? operation.keep)!;
    const start = movedStart(above);
    describeIntervals(operation, start);
    for (const t of operation.touches) {
      state.push(t.keep.id);
      state.push(issuer.keeps[t.keep.id]!.version - t.version);
      state.push(t.writes ? 1 : 0);
      describeBox(t.box, accessOf(t), isStored(t), start);
    }
    for (const { on } of operation.waits) if (!on.done) state.push(positions.get(on)!);
    state.push(-1);
  };

  const describeKeep = ({ keep, room, version, written, gap, dirty, tile, ahead }: KeepState): void => {
    state.push(version - written);
    state.push(room[0]!.version - version);
    state.push((gap ? 1 : 0) + (dirty ? 2 : 0));
    for (const t of [tile, ahead]) {
      state.push(t === undefined ? 0 : 1);
      if (t === undefined) continue;
      const start = movedStart(keep.above);
      describeBox(t.box, keep.accesses[0]!, true, start);
      describeIntervals(t, start);
    }
  };

  const describeIntervals = (
    of: { readonly lo: readonly number[]; readonly hi: readonly number[] },
    start: readonly number[],
  ): void => {
    for (let v = 0; v < start.length; v++) {
      state.push(of.lo[v]! - start[v]!);
      state.push(of.hi[v]! - of.lo[v]!);
    }
  };

  /** A box relative to where the loops stand. */
  const describeBox = (box: TileBox, access: BoundAccess, stored: boolean, start: readonly number[]): void =>
    access.indices.forEach((index, d) => {
      const base = stored && tensors[access.tensor]!.dimensions[d]!.carried ? 0 : startOf(index, start);
      state.push(box[2 * d]! - base);
      state.push(box[2 * d + 1]! - box[2 * d]!);
    });

  return { callOrBegin, end };
}

/** Whether an iteration may not be over. */
const isOpen = ({ operations, inner }: Iteration): boolean => operations.some((o) => !o.done) || inner.some(isOpen);

/** Value of an index, as far as the part of a divisor that it stands in. */
const startOf = (index: BoundIndex, lo: readonly number[]): number =>
  Math.floor(index.terms.reduce((sum, t) => sum + t.coefficient * lo[t.variable]!, index.offset) / index.divisor);

/** Indices with a divisor: where they stand within it matters. */
function* dividedIndices({ issuer }: Program): Iterable<BoundIndex> {
  for (const { einsum } of issuer.costs.placed.computes)
    for (const access of [einsum.output, ...einsum.operands])
      for (const index of access.indices) if (index.divisor !== 1) yield index;
}

const indexRemainder = (index: BoundIndex, lo: readonly number[]): number =>
  index.terms.reduce((sum, t) => sum + t.coefficient * lo[t.variable]!, index.offset) % index.divisor;
