import type { BoundAccess } from '../../einsum/workload.ts';
import type { Keep, Loop } from '../../mapper/placed.ts';
import { accessBox, copyEnvironment, isIndexedBy, type TileBox } from '../../mapper/tile.ts';
import type { Frame, Program } from './frame.ts';
import { accessOf, isStored, moveBox } from './frozen.ts';
import { isUnder, type KeepState, liveOperations, type Recorded, regroupTouches, type Tile } from './issue.ts';
import { beginLooking, createPatience, type Patience } from './patience.ts';
import { createState, type State } from './state.ts';
import { codes, emit, kinds } from './tape.ts';
import { isSeen } from './touches.ts';

/** Called at the beginning of an iteration; may put those that repeat on the tape at once, and returns how many. */
export type Repeater = (frame: Frame) => number;

/**
 * Recognises iterations that repeat: when one begins where an earlier iteration of the same run began, up to a shift
 * in place, with the same operations possibly in flight, and nothing in between waits for what came before the loop,
 * then all iterations left in the run issue the same. They are put on the tape as a jump back.
 */
type Snapshot = {
  readonly step: number;
  readonly sequence: number;
  readonly code: number;
  /** Oldest operation that was waited for from the iteration that begins here to the next look. */
  reach: number;
  readonly state: Float64Array;
  readonly bytes: Float64Array;
  readonly paid: readonly number[];
};

/** What is known of a loop: which tiles and places its state depends on, and whether looking for repeats pays. */
type Subject = {
  readonly keeps: readonly KeepState[];
  /** Accesses inside that move along with the loop. */
  readonly moving: readonly BoundAccess[];
  readonly variables: readonly number[];
  readonly divided: readonly { readonly variable: number; readonly divisor: number }[];
  readonly patience: Patience;
};

/** Looks that are remembered: periods of up to this many iterations are recognised, or of times between looks. */
const longestPeriod = 4;
/** Where much is in flight a look takes long: there is one for each so many-th part of it that is recorded. */
const inFlightPerLook = 16;
const fewestSteps = 4;

export function createRepeater(program: Program): Repeater {
  const subjects = new Map<Loop, Subject>();
  const state = createState();
  const { issuer } = program;

  return (frame) => {
    const run = frame.runs[frame.run]!;
    const end = run.first + run.length;
    const depth = issuer.reach.length - 1;
    const reach = issuer.reach[depth]!;
    issuer.reach[depth] = Number.POSITIVE_INFINITY;
    const history = frame.history as Snapshot[];
    const last = history.at(-1);
    if (last !== undefined) last.reach = Math.min(last.reach, reach);
    // The last step of a run is recorded on its own: what follows it is of another kind.
    if (run.length < fewestSteps || end - 1 - frame.step < 1 || frame.begun === 0) return 0;
    // A look costs about as much as recording what is in flight.
    const perIteration = (issuer.sequence - frame.before) / frame.begun;
    if ((end - frame.step) * perIteration < issuer.live.length) return 0;
    const loop = frame.loop!;
    let subject = subjects.get(loop);
    if (subject === undefined) {
      subject = createSubject(program, frame, loop);
      subjects.set(loop, subject);
    }
    if (frame.begun === 1) beginLooking(subject.patience);
    if (subject.patience.waiting > 0) return 0;
    if (last !== undefined && issuer.sequence - last.sequence < issuer.live.length / inFlightPerLook) return 0;
    describe(program, frame, subject, state);
    let oldest = Number.POSITIVE_INFINITY;
    for (let h = history.length - 1; h >= 0; h--) {
      const old = history[h]!;
      oldest = Math.min(oldest, old.reach);
      if (old.step < run.first || oldest < frame.before) break;
      if (!state.equals(old.state)) continue;
      const period = frame.step - old.step;
      const last = Math.min(end - 1, firstMeeting(program, frame, subject, old.step, end));
      const times = Math.floor((last - frame.step) / period);
      history.length = 0;
      subject.patience.found = true;
      if (times <= 0) return 0;
      repeat(program, frame, old, times);
      shift(program, frame, subject.keeps, times * period * loop.tile);
      return times * period;
    }
    history.push({
      step: frame.step,
      sequence: issuer.sequence,
      code: issuer.code.length,
      reach: Number.POSITIVE_INFINITY,
      state: state.copy(),
      bytes: issuer.counters.values.slice(),
      paid: issuer.prices.paid.slice(),
    });
    if (history.length > longestPeriod) history.shift();
    return 0;
  };
}

function createSubject(program: Program, frame: Frame, loop: Loop): Subject {
  const variables = new Set<number>();
  const visit = (block: Frame['block']): void => {
    for (const branch of block.branches) {
      if (branch.kind === 'compute') for (const v of branch.einsum.variables) variables.add(v);
      else visit(branch.block);
    }
  };
  visit(program.frames[0]!.block);
  return {
    keeps: program.issuer.keeps.filter((k) => k?.keep.above.includes(loop) === true) as KeepState[],
    moving: program.issuer.structure
      .inside(frame.block)
      .einsums.flatMap((e) => [e.output, ...e.operands])
      .filter((access) => isIndexedBy(access, loop.variable)),
    variables: [...variables],
    divided: divided(frame),
    patience: createPatience(),
  };
}

/**
 * The first step from here on that may touch what an operation from before the loop still writes, or lie over what it
 * still uses, and no step of the period, which begins at `from`, has touched: it has something to wait for that those
 * had not. That is in tiles that
 * are there for all of the loop; those inside come while it runs, up to one step ahead.
 */
function firstMeeting({ issuer }: Program, frame: Frame, subject: Subject, from: number, end: number): number {
  const { tensors } = issuer.costs.placed.workload;
  const loop = frame.loop!;
  const { variable, tile } = loop;
  const env = copyEnvironment(issuer.env);
  env.lo[variable] = frame.lo + from * tile;
  let first = end;
  for (const { sequence, touches } of liveOperations(issuer)) {
    if (sequence >= frame.before) break;
    for (const t of touches) {
      if (t.keep.above.includes(loop)) continue;
      const { keep } = t;
      const met = t.writes ? keep.room : keep.room.slice(keep.room.indexOf(keep) + 1);
      for (const access of subject.moving) {
        if (!met.some((k) => k.tensor === access.tensor)) continue;
        const tensor = tensors[access.tensor]!;
        const carried = tensor.dimensions.findIndex((d) => d.carried);
        const meets = (last: number): boolean => {
          env.hi[variable] = Math.min(frame.hi, frame.lo + (last + 1) * tile);
          return isSeen(t.box, accessBox(access, tensor, env, []), carried);
        };
        let [before, after] = [frame.step - 1, first];
        if (meets(before) || !meets(after)) continue;
        while (after - before > 1) {
          const middle = (before + after) >>> 1;
          if (meets(middle)) after = middle;
          else before = middle;
        }
        first = after - 1;
      }
    }
  }
  return first;
}

/** Puts what was recorded since the snapshot on the tape as many times again. */
function repeat({ issuer, repeats }: Program, frame: Frame, old: Snapshot, times: number): void {
  const { values } = issuer.counters;
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + times * (values[i]! - old.bytes[i]!);
  const { paid } = issuer.prices;
  for (let i = 0; i < paid.length; i++) paid[i] = paid[i]! + times * (paid[i]! - (old.paid[i] ?? 0));
  emit(issuer.code, codes.repeat, repeats.length);
  repeats.push({ start: old.code, times, loop: issuer.loopNumber(frame.loop) });
  const operations = times * (issuer.sequence - old.sequence);
  for (const operation of liveOperations(issuer))
    if (operation.sequence >= frame.before) operation.sequence += operations;
  issuer.sequence += operations;
}

/** Moves what may be in flight, and the tiles that are here, along with the loop. */
function shift(program: Program, frame: Frame, keeps: readonly KeepState[], by: number): void {
  const { issuer } = program;
  const loop = frame.loop!;
  const v = loop.variable;
  const { tensors } = issuer.costs.placed.workload;
  const distances = issuer.env.lo.map((_, u) => (u === v ? by : 0));
  const moved = new Set<TileBox>();
  const move = (access: BoundAccess, stored: boolean, box: TileBox): void => {
    if (!moved.has(box)) moveBox(box, access, tensors[access.tensor]!, stored, distances);
    moved.add(box);
  };
  const moveTile = (keep: Keep, tile: Tile | undefined): void => {
    if (tile === undefined) return;
    tile.lo[v] = tile.lo[v]! + by;
    tile.hi[v] = tile.hi[v]! + by;
    move(keep.accesses[0]!, true, tile.box);
  };
  for (const operation of liveOperations(issuer)) {
    if (operation.sequence < frame.before || !isUnder(operation, loop)) continue;
    operation.lo[v] = operation.lo[v]! + by;
    operation.hi[v] = operation.hi[v]! + by;
    for (const t of operation.touches) move(accessOf(t), isStored(t), t.box);
  }
  for (const k of keeps) {
    moveTile(k.keep, k.tile);
    moveTile(k.keep, k.ahead);
  }
  regroupTouches(issuer);
}

/** The state that decides what is issued next, with places relative to the loops. */
function describe(program: Program, frame: Frame, subject: Subject, out: State): void {
  const { env } = program.issuer;
  const loop = frame.loop!;
  out.clear();
  const live = liveOperations(program.issuer);
  out.push(live.length);
  for (const operation of live) describeOperation(program, frame, subject, operation, out);
  for (const state of program.issuer.keeps) {
    if (state === undefined) continue;
    out.push(state.dirty ? 1 : 0);
    out.push(state.room[0]!.version - state.version);
  }
  for (const k of subject.keeps) {
    for (const tile of [k.tile, k.ahead]) {
      out.push(tile === undefined ? 0 : 1);
      if (tile === undefined) continue;
      for (const v of subject.variables) {
        if (!k.keep.accesses.some((a) => isIndexedBy(a, v))) continue;
        out.push(tile.lo[v]! - env.lo[v]!);
        out.push(tile.hi[v]! - tile.lo[v]!);
      }
    }
  }
  for (const [inner, window] of program.windows)
    if (inner === loop || inner?.above.includes(loop) === true) out.push(window.length);
  for (const { operation, begun } of frame.late) {
    out.push(program.issuer.sequence - operation.sequence);
    out.push(frame.begun - begun);
  }
  for (const place of frame.trail) out.push(place?.run === frame.run ? frame.step - place.step : -1);
  for (const { variable, divisor } of subject.divided) out.push(env.lo[variable]! % divisor);
}

/** Those that came before the loop stand still; the others move along with it. */
function describeOperation(program: Program, frame: Frame, subject: Subject, operation: Recorded, out: State): void {
  const { env, keeps, sequence } = program.issuer;
  const loop = frame.loop!;
  if (operation.sequence < frame.before) {
    out.push(operation.sequence);
    // Whether its stage has been taken again; if not, somebody has yet to wait for it.
    for (const { keep, version } of operation.touches)
      if (keep.above.includes(loop)) out.push(Math.min(keeps[keep.id]!.version - version, keep.stages));
    return;
  }
  out.push(sequence - operation.sequence);
  out.push(kinds.indexOf(operation.kind));
  out.push((operation.compute ?? operation.keep)!.id);
  out.push(operation.price);
  const { iteration } = operation;
  if (iteration === undefined) out.push(-1);
  else {
    const number = program.issuer.loopNumber(iteration.loop);
    out.push(number);
    out.push(program.issuer.begun[number]! - iteration.number);
  }
  const moving = isUnder(operation, loop) ? loop.variable : -1;
  for (const v of subject.variables) {
    out.push(v === moving ? operation.lo[v]! - env.lo[v]! : operation.lo[v]!);
    out.push(operation.hi[v]! - operation.lo[v]!);
  }
  for (const t of operation.touches) {
    out.push((keeps[t.keep.id]?.version ?? 0) - t.version);
    out.push(t.writes ? 1 : 0);
  }
  for (const { on } of operation.waits) if (!on.done) out.push(sequence - on.sequence);
  out.push(-1);
}

/** Variables that an index divides: where they stand within a divisor matters. */
function divided(frame: Frame): readonly { readonly variable: number; readonly divisor: number }[] {
  const found: { variable: number; divisor: number }[] = [];
  const visit = (block: Frame['block']): void => {
    for (const branch of block.branches) {
      if (branch.kind === 'loop') visit(branch.block);
      else
        for (const access of [branch.einsum.output, ...branch.einsum.operands])
          for (const index of access.indices)
            if (index.divisor !== 1)
              for (const t of index.terms) found.push({ variable: t.variable, divisor: index.divisor });
    }
  };
  visit(frame.block);
  return found;
}
