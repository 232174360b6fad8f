import type { Block, Branch, Keep, Loop } from '../../mapper/placed.ts';
import { copyEnvironment, type Environment, setEnvironment } from '../../mapper/tile.ts';
import type { Costs } from '../resources.ts';
import { enterStep } from '../runs.ts';
import { usualWork } from '../work-limit.ts';
import { type ComputeIssuer, createComputeIssuer } from './computes.ts';
import { counterLayout, createCounters } from './counters.ts';
import { advance, aroundOf, type Frame, nextStep, openFrame, type Program } from './frame.ts';
import { createIntList, pushInt } from './int-list.ts';
import { createKeepState, type Issuer, type Iteration, type KeepState, type Recorded, settle } from './issue.ts';
import { createRecall, type Recall } from './recall.ts';
import { createRepeater, type Repeater } from './repeat.ts';
import { structureOf } from './structure.ts';
import { codes, createOperationTable, emit, type Tape, type TapeLoop } from './tape.ts';
import { type Around, enterKeep, leaveKeeps } from './tiles.ts';

export type RecordOptions = {
  /** Recognise what repeats (default). Changes nothing but the length of the tape. */
  readonly repeats?: boolean;
  /** Takes each operation on its own, by position on the tape; nothing is then taken as a repetition. */
  readonly all?: Recorded[];
  /** Operations that are unlike all others: more throw `WorkLimit`. */
  readonly mostRecorded?: number;
};

/** A program and what runs it. */
type Recorder = {
  readonly program: Program;
  readonly issueCompute: ComputeIssuer;
  /** Undefined where repetitions are not looked for. */
  readonly repeatFrom: Repeater | undefined;
  readonly recall: Recall | undefined;
  /** Loops on the tape, and their numbers there. */
  readonly loops: TapeLoop[];
  readonly numbers: Map<Loop | undefined, number>;
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
  const numbers = new Map<Loop | undefined, number>();
  const issuer = createIssuer(costs, root, starts[0]!, numbers, options);
  const program: Program = { issuer, starts, frames: [], windows: new Map(), repeats: [], calls: [] };
  const repeating = options.repeats !== false && options.all === undefined;
  const recorder: Recorder = {
    program,
    issueCompute: createComputeIssuer(issuer),
    repeatFrom: repeating ? createRepeater(program) : undefined,
    recall: repeating ? createRecall(program) : undefined,
    loops: [],
    numbers,
  };
  const { frames } = program;
  numberLoop(recorder, undefined, root);
  frames.push(openFrame(program, undefined, root));
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) proceed(recorder, frame);
  pushInt(issuer.operations.firstWait, issuer.operations.waitBack.length);
  pushInt(issuer.operations.firstTouch, issuer.operations.touchKeep.length);
  return {
    code: issuer.code,
    repeats: program.repeats,
    calls: program.calls,
    operations: issuer.operations,
    prices: issuer.prices.prices,
    paid: issuer.prices.paid,
    bytes: issuer.counters.values,
    loops: recorder.loops,
    placed: costs.placed,
    ordered: costs.placed.ordered.map((unit) => costs.resources.ofUnit(unit)),
    resources: costs.resources.names.length,
  };
}

function createIssuer(
  costs: Costs,
  root: Block,
  start: Environment,
  numbers: ReadonlyMap<Loop | undefined, number>,
  { all, mostRecorded = usualWork.recorded }: RecordOptions,
): Issuer {
  const { placed, resources } = costs;
  const structure = structureOf(placed);
  const { einsums, keeps } = structure.inside(root);
  // What is produced here is waited for even where it is kept around the block.
  const isUsed = (k: Keep): boolean => keeps.includes(k) || einsums.some((e) => e.output.tensor === k.tensor);
  const states = placed.keeps.map((keep): KeepState | undefined =>
    // So is what uses that which it lies over.
    keep.room.some(isUsed) ? createKeepState(keep, placed.workload.tensors[keep.tensor]!) : undefined,
  );
  for (const state of states) if (state !== undefined) state.room = state.keep.room.map((k) => states[k.id]!);
  return {
    costs,
    structure,
    env: copyEnvironment(start),
    keeps: states,
    counters: createCounters(counterLayout(placed, resources)),
    live: [],
    sequence: 0,
    reach: [],
    code: createIntList(),
    operations: createOperationTable(),
    prices: { prices: [], paid: [], known: new Map(), transfers: [] },
    begun: [],
    loopNumber: (loop) => numbers.get(loop)!,
    all,
    mostRecorded,
  };
}

/** Gives a loop its number on the tape when it is met first. */
function numberLoop({ program, loops, numbers }: Recorder, loop: Loop | undefined, block: Block): void {
  if (numbers.has(loop)) return;
  const { issuer, frames } = program;
  const around = frames.at(-1);
  const name = loop === undefined ? '' : issuer.costs.placed.workload.variables[loop.variable]!.name;
  const awaitedBy = around === undefined || loop?.trailing === true ? -1 : issuer.loopNumber(around.loop);
  numbers.set(loop, loops.length);
  issuer.begun.push(0);
  loops.push({ name, inFlight: block.inFlight, awaitedBy });
}

/** Goes on by one branch, or to where an iteration begins or ends. */
function proceed(recorder: Recorder, frame: Frame): void {
  if (frame.phase < 0) {
    begin(recorder, frame);
    return;
  }
  const { issuer } = recorder.program;
  const iteration = frame.iteration!;
  if (frame.block.strict && iteration.operations.length + iteration.inner.length > 0) {
    emit(issuer.code, codes.barrier, issuer.loopNumber(frame.loop));
    settle(iteration);
  }
  const branch = frame.block.branches[frame.phase];
  frame.phase++;
  if (branch === undefined) end(recorder, frame);
  else runBranch(recorder, frame, branch);
}

function runBranch(recorder: Recorder, frame: Frame, branch: Branch): void {
  const { program, recall } = recorder;
  if (branch.kind === 'compute') {
    const operation = recorder.issueCompute(branch, branch.trailing ? undefined : frame.iteration);
    if (operation !== undefined && branch.lag > 0) frame.late.push({ operation, begun: frame.begun, lag: branch.lag });
    return;
  }
  numberLoop(recorder, branch, branch.block);
  if (frame.lag > 0 && !moveTo(program, frame, branch.lag)) return;
  const opened = openFrame(program, branch, branch.block);
  if (opened.runs.length === 0 || recall?.callOrBegin(opened)) return;
  program.frames.push(opened);
  program.issuer.reach.push(Number.POSITIVE_INFINITY);
}

/** Moves the loop to where it was so many iterations ago; false if there is no such step. */
function moveTo({ issuer }: Program, frame: Frame, lag: number): boolean {
  const place = frame.trail[lag];
  if (place === undefined) return false;
  Object.assign(frame, place);
  enterStep(frame.loop!, frame.lo, frame.hi, frame.step, issuer.env);
  return true;
}

/** Begins the iteration of the frame's step, or, of those that repeat, of the first after them. */
function begin({ program, repeatFrom }: Recorder, frame: Frame): void {
  const { issuer, windows, frames, starts } = program;
  const { loop, block, lo, hi } = frame;
  const window = windows.get(loop) ?? [];
  windows.set(loop, window);
  while (window.length >= block.inFlight) settle(window.shift()!);
  if (loop === undefined) beginBlock(issuer, starts[frame.step]!);
  else if (!frame.over) {
    enterStep(loop, lo, hi, frame.step, issuer.env);
    const jump = repeatFrom?.(frame) ?? 0;
    frame.step += jump;
    frame.trail.forEach((place, i) => {
      frame.trail[i] = place && { ...place, step: place.step + jump };
    });
    if (jump > 0) enterStep(loop, lo, hi, frame.step, issuer.env);
  }
  frame.trail.unshift(frame.over ? undefined : { run: frame.run, step: frame.step });
  if (frame.trail.length > frame.lag + 1) frame.trail.pop();
  openIteration(program, frame, window);
  if (block.keeps.length > 0) {
    const around = (): readonly Around[] => frames.map(aroundOf);
    for (const keep of block.keeps) enterKeep(issuer, issuer.keeps[keep.id]!, around, frame.iteration);
  }
  frame.phase = 0;
}

/** The block begins anew, with empty buffers. */
function beginBlock({ env, keeps }: Issuer, start: Environment): void {
  setEnvironment(env, start);
  for (const state of keeps) {
    if (state === undefined) continue;
    state.tile = undefined;
    state.ahead = undefined;
  }
}

function openIteration({ issuer, frames }: Program, frame: Frame, window: Iteration[]): void {
  const loop = issuer.loopNumber(frame.loop);
  frame.begun++;
  frame.iteration = { loop: frame.loop, number: issuer.begun[loop]!++, operations: [], inner: [] };
  window.push(frame.iteration);
  emit(issuer.code, codes.begin, loop);
  if (frame.loop === undefined || frame.loop.trailing) return;
  frames.at(-2)!.iteration!.inner.push(frame.iteration);
}

function end({ program, recall }: Recorder, frame: Frame): void {
  const { issuer, frames } = program;
  const { loop } = frame;
  if (frame.lag === 0) leaveBlock(issuer, frame, frame.block);
  else
    for (const branch of frame.block.branches)
      if (branch.kind === 'loop' && moveTo(program, frame, branch.lag)) leaveBlock(issuer, frame, branch.block);
  if (frame.trail[0] !== undefined) Object.assign(frame, frame.trail[0]);
  const next = frame.over ? undefined : nextStep(frame);
  giveTurns(issuer, frame, loop === undefined || next === undefined);
  emit(issuer.code, codes.end, issuer.loopNumber(loop));
  frame.phase = -1;
  frame.iteration = undefined;
  if (next !== undefined) {
    advance(frame, next);
    return;
  }
  frame.over = true;
  // Branches that lag have yet to come to the last steps.
  if (frame.trail.slice(0, frame.lag).some((place) => place !== undefined)) return;
  frames.pop();
  if (loop === undefined) return;
  issuer.env.lo[loop.variable] = frame.lo;
  issuer.env.hi[loop.variable] = frame.hi;
  issuer.reach.pop();
  recall?.end(frame);
}

/** Drains the tiles of a block, and of those inside, that the next step from where the frame stands replaces. */
function leaveBlock(issuer: Issuer, frame: Frame, block: Block): void {
  const { drains } = issuer.structure.inside(block);
  if (drains.length > 0) leaveKeeps(issuer, drains, aroundOf(frame), frame.iteration);
}

/**
 * The turns of late operations come at the end of an iteration as many later as they lag, or of the last one; a step
 * of a grid is the last of its own, with or without others after it.
 */
function giveTurns(issuer: Issuer, { late, begun }: Frame, last: boolean): void {
  let kept = 0;
  for (const entry of late) {
    if (!last && entry.begun + entry.lag > begun) late[kept++] = entry;
    else emit(issuer.code, codes.turn, issuer.sequence - entry.operation.sequence);
  }
  late.length = kept;
}
