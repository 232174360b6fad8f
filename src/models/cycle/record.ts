import type { BoundAccess } from '../../einsum/workload.ts';
import type { Block, Branch, Compute, Loop } from '../../mapper/placed.ts';
import { accessBox, copyEnvironment, type Environment, setEnvironment, type TileBox } from '../../mapper/tile.ts';
import { accessLatency, type ComputeCost, type Costs, computeCost, rampCycles } from '../resources.ts';
import { wasVisited } from '../visited.ts';
import { enterStep, forEachRun, isActive, keyLength, type Shape, writeKey } from '../walk.ts';
import { counterLayout, createCounters } from './counters.ts';
import { createIntList, pushInt } from './int-list.ts';
import {
  createKeepState,
  createOperation,
  type Issuer,
  type Iteration,
  type KeepState,
  priceOf,
  type Recorded,
  settle,
  submit,
  touch,
  waitForStage,
  waitForWriters,
} from './issue.ts';
import { type Beginning, createRecall } from './recall.ts';
import { createRepeater } from './repeat.ts';
import { structureOf } from './structure.ts';
import { codes, createOperationTable, emit, type Repeat, type Tape, type TapeLoop } from './tape.ts';
import { type Around, enterKeep, leaveKeeps } from './tiles.ts';

/** A loop (or the block itself) that is being run. */
export type Frame = {
  readonly loop: Loop | undefined;
  readonly block: Block;
  readonly lo: number;
  readonly hi: number;
  /** Runs of steps that behave alike, in which something is computed. */
  readonly runs: readonly { readonly first: number; readonly length: number }[];
  run: number;
  /** The current step. */
  step: number;
  /** -1 before the step begins, then the next branch. */
  phase: number;
  iteration: Iteration | undefined;
  /** Iterations begun in this activation. */
  begun: number;
  /** Operations that came before this activation. */
  readonly before: number;
  /** Late operations whose turns have not come, with the iteration that they are of. */
  readonly late: { readonly operation: Recorded; readonly begun: number; readonly lag: number }[];
  readonly history: unknown[];
  /** Set while it is recorded to be called again. */
  beginning: Beginning | undefined;
};

/** The issuer's state and the loops around. */
export type Program = {
  readonly issuer: Issuer;
  readonly frames: readonly Frame[];
  /** Iterations that may not be over, by loop. */
  readonly windows: ReadonlyMap<Loop | undefined, Iteration[]>;
  readonly repeats: Repeat[];
};

/** The cost of a compute on the last shape of tile that it had. */
type Known = { readonly shape: Shape; readonly key: Float64Array; costs: readonly (Priced | undefined)[] };
type Priced = { readonly price: number; readonly counted: ComputeCost };

export type RecordOptions = {
  /** Recognise what repeats (default). Changes nothing but the length of the tape. */
  readonly repeats?: boolean;
  /** Takes each operation on its own, by position on the tape; nothing is then taken as a repetition. */
  readonly all?: Recorded[];
};

/**
 * Records the operations of a block in program order: fills when a tile changes, computes, drains when a produced
 * tile is replaced. What must wait for what is stated in dependences; pipelines and sequences in where iterations
 * begin and end. The block is run once for each of `starts`, each time with empty buffers; with several, as many are
 * under way as its pipeline allows.
 *
 * Throws `WorkLimit` if too many operations are unlike all others.
 */
export function recordBlock(
  costs: Costs,
  root: Block,
  starts: readonly Environment[],
  options: RecordOptions = {},
): Tape {
  const { tensors } = costs.placed.workload;
  const structure = structureOf(costs.placed);
  const env = copyEnvironment(starts[0]!);
  const keeps: (KeepState | undefined)[] = costs.placed.keeps.map(() => undefined);
  const loopNumbers = new Map<Loop | undefined, number>();
  const loops: TapeLoop[] = [];
  const counters = createCounters(counterLayout(costs.placed, costs.resources));
  const issuer: Issuer = {
    costs,
    structure,
    env,
    keeps,
    counters,
    live: [],
    sequence: 0,
    reach: [],
    code: createIntList(),
    operations: createOperationTable(),
    prices: { prices: [], paid: [], known: new Map(), transfers: [] },
    begun: [],
    loopNumber: (loop) => loopNumbers.get(loop)!,
    all: options.all,
  };
  const { inside, shapeOfCompute } = structure;
  // What is produced here is waited for even where it is kept around the block.
  const { einsums: computed, keeps: below } = inside(root);
  for (const keep of costs.placed.keeps)
    if (below.includes(keep) || computed.some((e) => e.output.tensor === keep.tensor))
      keeps[keep.id] = createKeepState(keep, tensors[keep.tensor]!);

  const known: Known[] = shapeOfCompute.map((shape) => ({
    shape,
    key: new Float64Array(keyLength(shape)).fill(Number.NaN),
    costs: [],
  }));
  const key = known.map((k) => new Float64Array(k.key.length));

  /** Cost of a compute where the loops stand; undefined if nothing is computed there. */
  const price = (compute: Compute, updates: boolean): Priced | undefined => {
    const memory = known[compute.id]!;
    const now = key[compute.id]!;
    writeKey(memory.shape, env, now);
    if (!isEqual(now, memory.key)) {
      memory.key.set(now);
      const active = isActive([compute.einsum], env);
      memory.costs = [false, true].map((u) => (active ? priceAnew(compute, u) : undefined));
    }
    return memory.costs[updates ? 1 : 0];
  };

  const priceAnew = (compute: Compute, updates: boolean): Priced => {
    const counted = computeCost(costs, compute, env, updates);
    const latency = compute.operands.reduce((most, k) => Math.max(most, accessLatency(costs, k, undefined)), 0);
    const ramp_cycles = rampCycles(costs.placed, compute);
    const paid = { uses: counted.uses, latency_cycles: latency + ramp_cycles, ramp_cycles, compute: compute.id };
    return { price: priceOf(issuer.prices, paid), counted };
  };

  const issueCompute = (compute: Compute): void => {
    const { einsum } = compute;
    const updates = wasVisited(structure.pastOfCompute[compute.id]!, env);
    const priced = price(compute, updates);
    if (priced === undefined) return;
    const operation = createOperation(
      issuer,
      'compute',
      { compute },
      priced.price,
      compute.trailing ? undefined : awaiting(),
    );
    counters.addCompute(compute.id, priced.counted, updates);
    for (let i = 0; i < compute.operands.length; i++) {
      const state = keeps[compute.operands[i]!.id];
      if (state === undefined) continue;
      const box = boxOf(einsum.operands[i]!);
      waitForWriters(operation, state, box);
      touch(issuer, operation, state, false, box, i, state.version);
    }
    const state = keeps[compute.output.id];
    if (state !== undefined) {
      const box = boxOf(einsum.output);
      waitForWriters(operation, state, box);
      waitForStage(operation, state, state.version);
      touch(issuer, operation, state, true, box, -1, state.version);
      state.dirty = true;
    }
    const frame = frames.at(-1)!;
    submit(issuer, operation, compute.lag > 0);
    if (compute.lag > 0) frame.late.push({ operation, begun: frame.begun, lag: compute.lag });
  };

  const boxOf = (access: BoundAccess): TileBox => accessBox(access, tensors[access.tensor]!, env, []);

  // Control

  const frames: Frame[] = [];
  const windows = new Map<Loop | undefined, Iteration[]>();
  const repeats: Repeat[] = [];
  const program: Program = { issuer, frames, windows, repeats };
  const calls: { start: number }[] = [];
  const repeating = options.repeats !== false && options.all === undefined;
  const repeatFrom = repeating ? createRepeater(program) : undefined;
  const recall = repeating ? createRecall(program, calls) : undefined;

  const numberOf = (loop: Loop | undefined, block: Block): number => {
    const found = loopNumbers.get(loop);
    if (found !== undefined) return found;
    const around = frames.at(-1);
    const name = loop === undefined ? '' : costs.placed.workload.variables[loop.variable]!.name;
    const awaitedBy = around === undefined || loop?.trailing === true ? -1 : loopNumbers.get(around.loop)!;
    loopNumbers.set(loop, loops.length);
    issuer.begun.push(0);
    return loops.push({ name, inFlight: block.inFlight, awaitedBy }) - 1;
  };

  const openFrame = (loop: Loop | undefined, block: Block): Frame => {
    const runs: { first: number; length: number }[] = [];
    if (loop === undefined) runs.push({ first: 0, length: starts.length });
    else
      forEachRun(loop, inside(block).shape, env, (first, length) => {
        if (isActive(inside(block).einsums, env)) runs.push({ first, length });
      });
    numberOf(loop, block);
    return {
      loop,
      block,
      lo: loop === undefined ? 0 : env.lo[loop.variable]!,
      hi: loop === undefined ? 1 : env.hi[loop.variable]!,
      runs,
      run: 0,
      step: runs[0]?.first ?? 0,
      phase: -1,
      iteration: undefined,
      begun: 0,
      before: issuer.sequence,
      late: [],
      history: [],
      beginning: undefined,
    };
  };

  /** Next step after the current one, or undefined. */
  const following = (frame: Frame): number | undefined => {
    const run = frame.runs[frame.run]!;
    if (frame.step + 1 < run.first + run.length) return frame.step + 1;
    return frame.runs[frame.run + 1]?.first;
  };

  const around = (frame: Frame): Around => ({
    loop: frame.loop,
    lo: frame.lo,
    hi: frame.hi,
    next: frame.loop === undefined ? undefined : following(frame),
  });

  /** The iteration that waits for what is issued now; what is around it waits for it, unless it trails. */
  const awaiting = (): Iteration | undefined => frames.findLast((f) => f.iteration !== undefined)?.iteration;

  const proceed = (frame: Frame): void => {
    if (frame.phase < 0) {
      begin(frame);
      return;
    }
    const { block } = frame;
    const iteration = frame.iteration!;
    if (block.strict && iteration.operations.length + iteration.inner.length > 0) {
      emit(issuer.code, codes.barrier, issuer.loopNumber(frame.loop));
      settle(iteration);
    }
    const branch = block.branches[frame.phase];
    frame.phase++;
    if (branch === undefined) end(frame);
    else runBranch(branch);
  };

  const runBranch = (branch: Branch): void => {
    if (branch.kind === 'compute') {
      issueCompute(branch);
      return;
    }
    const opened = openFrame(branch, branch.block);
    if (opened.runs.length === 0 || recall?.callOrBegin(opened)) return;
    frames.push(opened);
    issuer.reach.push(Number.POSITIVE_INFINITY);
  };

  const begin = (frame: Frame): void => {
    const { loop, block } = frame;
    const window = windows.get(loop) ?? [];
    windows.set(loop, window);
    while (window.length >= block.inFlight) settle(window.shift()!);
    if (loop !== undefined) {
      enterStep(loop, frame.lo, frame.hi, frame.step, env);
      const jump = repeatFrom?.(frame) ?? 0;
      if (jump > 0) {
        frame.step += jump;
        enterStep(loop, frame.lo, frame.hi, frame.step, env);
      }
    } else {
      setEnvironment(env, starts[frame.step]!);
      for (const state of keeps) {
        if (state === undefined) continue;
        state.tile = undefined;
        state.ahead = undefined;
      }
    }
    openIteration(frame, window);
    if (block.keeps.length > 0) {
      const loopsAround = frames.map(around);
      for (const keep of block.keeps) enterKeep(issuer, keeps[keep.id]!, loopsAround, frame.iteration);
    }
    frame.phase = 0;
  };

  const openIteration = (frame: Frame, window: Iteration[]): void => {
    const loop = issuer.loopNumber(frame.loop);
    frame.begun++;
    frame.iteration = { loop: frame.loop, number: issuer.begun[loop]!++, operations: [], inner: [] };
    window.push(frame.iteration);
    emit(issuer.code, codes.begin, loop);
    if (frame.loop === undefined || frame.loop.trailing) return;
    frames.at(-2)!.iteration!.inner.push(frame.iteration);
  };

  const end = (frame: Frame): void => {
    const { loop } = frame;
    const { drains } = inside(frame.block);
    if (drains.length > 0) leaveKeeps(issuer, drains, around(frame), frame.iteration);
    const next = loop === undefined ? undefined : following(frame);
    giveTurns(frame, next === undefined);
    emit(issuer.code, codes.end, issuer.loopNumber(loop));
    frame.phase = -1;
    frame.iteration = undefined;
    if (loop === undefined) {
      frame.step++;
      if (frame.step === starts.length) frames.pop();
      return;
    }
    if (next === undefined) {
      env.lo[loop.variable] = frame.lo;
      env.hi[loop.variable] = frame.hi;
      frames.pop();
      issuer.reach.pop();
      recall?.end(frame);
      return;
    }
    const run = frame.runs[frame.run]!;
    if (next >= run.first + run.length) frame.run++;
    frame.step = next;
  };

  /**
   * The turns of late operations come at the end of an iteration as many later as they lag, or of the last one; a step
   * of a grid is the last of its own, with or without others after it.
   */
  const giveTurns = (frame: Frame, last: boolean): void => {
    const { late } = frame;
    let kept = 0;
    for (const entry of late) {
      if (!last && entry.begun + entry.lag > frame.begun) late[kept++] = entry;
      else emit(issuer.code, codes.turn, issuer.sequence - entry.operation.sequence);
    }
    late.length = kept;
  };

  frames.push(openFrame(undefined, root));
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) proceed(frame);
  pushInt(issuer.operations.firstWait, issuer.operations.waitBack.length);
  pushInt(issuer.operations.firstTouch, issuer.operations.touchKeep.length);
  return {
    code: issuer.code,
    repeats,
    calls,
    operations: issuer.operations,
    prices: issuer.prices.prices,
    paid: issuer.prices.paid,
    bytes: counters.values,
    loops,
    placed: costs.placed,
    ordered: costs.placed.ordered.map((unit) => costs.resources.ofUnit(unit)),
    resources: costs.resources.names.length,
  };
}

const isEqual = (a: Float64Array, b: Float64Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
