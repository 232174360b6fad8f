import type { BoundAccess, BoundEinsum, BoundIndex } from '../../einsum/workload.ts';
import { invariant } from '../../invariant.ts';
import type { Block, Branch, Compute, Keep, Loop } from '../../mapper/placed.ts';
import {
  accessBox,
  type Environment,
  isIndexedBy,
  sharedVolume,
  tensorBytes,
  tileBox,
  volume,
} from '../../mapper/tile.ts';
import {
  accessLatency,
  type ComputeCost,
  type Costs,
  computeCost,
  drainUses,
  fillUses,
  rampCycles,
  type Use,
} from '../resources.ts';
import { isStoredBy } from '../traffic.ts';
import { enterStep, forEachRun, isActive, type Shape, shapeOf, stepCount } from '../walk.ts';
import type { Counters } from './counters.ts';
import { type Iteration, isOver, type KeepState, type Task, type Touch } from './task.ts';
import { wasVisited } from './visited.ts';

/** What the issuer of operations asks of the engine. */
export type Sink = {
  readonly now: () => number;
  /** Takes an operation whose `pending` has been set. */
  readonly issue: (task: Task) => void;
};

/** Called at the beginning of an iteration; may move on over iterations that repeat, and returns how many. */
export type Folder = (frame: Frame, program: Program) => number;

/** A loop (or the root) that is being run. */
export type Frame = {
  readonly loop: Loop | undefined;
  readonly block: Block;
  readonly lo: number;
  readonly hi: number;
  /** Runs of steps that behave alike, in which something is computed. */
  readonly runs: readonly Run[];
  run: number;
  /** Next step to begin. */
  step: number;
  /** -1 before the step begins, then the next branch. */
  phase: number;
  iteration: Iteration | undefined;
  /** Iterations begun in this activation. */
  begun: number;
  readonly history: unknown[];
};

export type Run = { readonly first: number; readonly length: number };

/** The issuer's state, open to the folder. */
export type Program = {
  readonly costs: Costs;
  readonly env: Environment;
  readonly keeps: ReadonlyMap<Keep, KeepState>;
  readonly counters: Counters;
  readonly frames: readonly Frame[];
  /** Issues what can be issued now. True when everything has been. */
  readonly advance: () => boolean;
  readonly live: () => readonly Task[];
};

type Window = { queue: Iteration[]; sequence: number };

/**
 * Issues the operations of a loop tree in program order, as far ahead as its pipelines allow: fills when a tile
 * changes, computes, drains when a produced tile is replaced. What must wait for what is stated in dependences.
 */
export function createProgram(
  costs: Costs,
  root: Block,
  start: Environment,
  ticksPerCycle: number,
  counters: Counters,
  sink: Sink,
  fold: Folder | undefined,
): Program {
  const p = costs.placed;
  const { tensors, variables } = p.workload;
  const sizes = variables.map((v) => v.size);
  const env: Environment = { lo: Float64Array.from(start.lo), hi: Float64Array.from(start.hi) };
  const keeps = new Map<Keep, KeepState>();
  const windows = new Map<Loop, Window>();
  const shapes = new Map<Block, { einsums: readonly BoundEinsum[]; shape: Shape; keeps: readonly Keep[] }>();
  const nextPlace: Environment = { lo: new Float64Array(env.lo.length), hi: new Float64Array(env.lo.length) };
  const cuts = new Map<Keep, Cut | null>();
  let sequence = 0;
  const live: Task[] = [];
  const compact = (): readonly Task[] => {
    let kept = 0;
    for (let i = 0; i < live.length; i++) {
      const task = live[i]!;
      if (task.state !== 'done') live[kept++] = task;
    }
    live.length = kept;
    return live;
  };

  const inside = (block: Block): { einsums: readonly BoundEinsum[]; shape: Shape; keeps: readonly Keep[] } => {
    const known = shapes.get(block);
    if (known !== undefined) return known;
    const einsums: BoundEinsum[] = [];
    const below: Keep[] = [];
    collect(block, einsums, below);
    const entry = { einsums, shape: shapeOf(einsums, tensors), keeps: below };
    shapes.set(block, entry);
    return entry;
  };
  for (const keep of inside(root).keeps)
    keeps.set(keep, {
      keep,
      version: 0,
      box: undefined,
      lo: new Float64Array(0),
      hi: new Float64Array(0),
      ahead: undefined,
      dirty: false,
      touches: [],
    });

  const toTicks = (cycles: number): number => Math.ceil(cycles * ticksPerCycle - 1e-9);

  // Dependences

  const dependOn = (task: Task, on: Task, cause: Task['readyCause']): void => {
    if (on.state === 'done' || on === task) return;
    on.dependents.push({ task, cause });
    task.pending++;
  };

  /** Touches of operations that are not done; drops the others in place. */
  const liveTouches = (state: KeepState): readonly Touch[] => {
    const { touches } = state;
    let kept = 0;
    for (let i = 0; i < touches.length; i++) {
      const t = touches[i]!;
      if (t.task.state !== 'done') touches[kept++] = t;
    }
    touches.length = kept;
    return touches;
  };

  const overlaps = (a: Float64Array, b: Float64Array, dimensions: number): boolean => {
    for (let d = 0; d < dimensions; d++) if (a[2 * d + 1]! <= b[2 * d]! || b[2 * d + 1]! <= a[2 * d]!) return false;
    return true;
  };

  /** The task waits for all that writes the part of the tile that it touches. */
  const waitForWriters = (task: Task, state: KeepState, box: Float64Array): void => {
    const dimensions = tensors[state.keep.tensor]!.dimensions.length;
    for (const t of liveTouches(state))
      if (t.writes && overlaps(t.box, box, dimensions))
        dependOn(task, t.task, t.task.kind === 'compute' ? 'operand' : 'transfer');
  };

  /** The task writes into a stage that earlier tiles have had: it waits for all that still uses them. */
  const waitForStage = (task: Task, state: KeepState, version: number): void => {
    for (const t of liveTouches(state)) if (t.version <= version - state.keep.stages) dependOn(task, t.task, 'slot');
  };

  const touch = (
    task: Task,
    state: KeepState,
    writes: boolean,
    box: Float64Array,
    access: number,
    version: number,
  ): void => {
    const record: Touch = { keep: state.keep, task, writes, version, box, access };
    state.touches.push(record);
    (task.touches as Touch[]).push(record);
  };

  const createTask = (
    kind: Task['kind'],
    keep: Keep | undefined,
    compute: Compute | undefined,
    uses: readonly Use[],
    latencyCycles: number,
    ramp: number,
    iterations: readonly Iteration[],
  ): Task => {
    const holds = uses.map((u) => toTicks(u.cycles));
    const rampTicks = toTicks(ramp);
    const task: Task = {
      sequence: sequence++,
      kind,
      keep,
      compute,
      node: compute !== undefined ? compute.id : p.computes.length + 2 * keep!.id + (kind === 'fill' ? 0 : 1),
      resources: uses.map((u) => u.resource),
      holds,
      longest: holds.reduce((a, b) => Math.max(a, b), 0),
      latency: toTicks(latencyCycles) + rampTicks,
      ramp: rampTicks,
      lo: Float64Array.from(env.lo),
      hi: Float64Array.from(env.hi),
      trailing: compute?.trailing === true || (compute ?? keep)!.above.some((l) => l.trailing),
      iterations,
      touches: [],
      dependents: [],
      pending: 0,
      state: 'waiting',
      readyAt: 0,
      readyCause: 'order',
      readyRamp: 0,
      finishAt: 0,
      place: 0,
    };
    for (const i of iterations) i.outstanding++;
    return task;
  };

  const emit = (task: Task): void => {
    live.push(task);
    if (live.length > 256 && live.length % 256 === 0) compact();
    sink.issue(task);
  };

  // Keeps

  const sameBox = (keep: Keep, a: Float64Array, b: Float64Array): boolean => {
    const tensor = tensors[keep.tensor]!;
    const size = volume(tensor, b);
    return volume(tensor, a) === size && sharedVolume(tensor, a, b) === size;
  };

  const enterKeep = (keep: Keep, iterations: readonly Iteration[]): void => {
    if (!isActive(keep.users, env)) return;
    const state = keeps.get(keep)!;
    const tensor = tensors[keep.tensor]!;
    const box = tileBox(keep, tensor, env, new Float64Array(2 * tensor.dimensions.length));
    if (state.box === undefined || !sameBox(keep, state.box, box)) {
      if (state.ahead === undefined) fillTile(state, box, state.version + 1, iterations);
      else invariant(sameBox(keep, state.ahead.box, box), 'another tile was fetched ahead than is needed');
      state.version++;
      state.box = box;
      state.lo = Float64Array.from(env.lo);
      state.hi = Float64Array.from(env.hi);
      state.ahead = undefined;
      state.dirty = false;
    }
    if (keep.stages > 1 && keep.fill === 'always' && state.ahead === undefined) fetchAhead(state);
  };

  /** Issues the fill of the tile that comes next, where there is a stage for it: double buffering. */
  const fetchAhead = (state: KeepState): void => {
    const { keep } = state;
    const lo = Float64Array.from(env.lo);
    const hi = Float64Array.from(env.hi);
    // Only loops inside the parent keep: when those around it go on, the parent itself has to be filled first.
    const outside = keep.parent!.above.length;
    for (let f = frames.length - 1; f > 0; f--) {
      const frame = frames[f]!;
      if (frame.loop === undefined || keep.above.indexOf(frame.loop) < outside) break;
      const next = following(frame);
      if (next === undefined) {
        env.lo[frame.loop.variable] = frame.lo;
        env.hi[frame.loop.variable] = frame.hi;
        continue;
      }
      const box = nextTile(keep, frame, next);
      if (box !== undefined && !sameBox(keep, state.box!, box)) {
        fillTile(state, box, state.version + 1, []);
        state.ahead = { box, lo: nextPlace.lo.slice(), hi: nextPlace.hi.slice() };
      }
      if (box !== undefined) break;
    }
    env.lo.set(lo);
    env.hi.set(hi);
  };

  const fillTile = (state: KeepState, box: Float64Array, version: number, iterations: readonly Iteration[]): void => {
    const { keep, box: old } = state;
    const tensor = tensors[keep.tensor]!;
    if (keep.parent === undefined) return;
    const revisits =
      keep.fill === 'revisited' &&
      wasVisited(keep.producer!, keep.above, (v) => isStoredBy(keep.producer!.output, tensor, v), sizes, env);
    if (keep.fill !== 'always' && !revisits) return;
    const latency = accessLatency(costs, keep.parent, keep.level);
    for (const piece of piecesOf(keep, box)) {
      const part = volume(tensor, piece);
      const known = old === undefined ? 0 : sharedVolume(tensor, old, piece);
      if (part === known) continue;
      const bytes = tensorBytes(tensor, part - known);
      const task = createTask('fill', keep, undefined, fillUses(costs, keep, bytes), latency, 0, iterations);
      counters.addFill(keep.id, bytes);
      const parent = keeps.get(keep.parent);
      if (parent !== undefined) {
        waitForWriters(task, parent, piece);
        touch(task, parent, false, piece, 0, parent.version);
      }
      waitForStage(task, state, version);
      if (known > 0) waitForWriters(task, state, piece);
      touch(task, state, true, piece, 0, version);
      emit(task);
    }
  };

  /** A tile comes in pieces: those that the next loop inside cuts it into, so that work can begin on the first. */
  const piecesOf = (keep: Keep, box: Float64Array): readonly Float64Array[] => {
    let cut = cuts.get(keep);
    if (cut === undefined) {
      cut = findCut(keep) ?? null;
      cuts.set(keep, cut);
    }
    if (cut === null) return [box];
    const [lo, hi] = [box[2 * cut.dimension]!, box[2 * cut.dimension + 1]!];
    const step = cut.step * Math.max(1, Math.ceil((hi - lo) / cut.step / mostPieces));
    if (hi - lo <= step) return [box];
    const pieces: Float64Array[] = [];
    for (let at = lo; at < hi; at += step) {
      const piece = Float64Array.from(box);
      piece[2 * cut.dimension] = at;
      piece[2 * cut.dimension + 1] = Math.min(hi, at + step);
      pieces.push(piece);
    }
    return pieces;
  };

  const findCut = (keep: Keep): Cut | undefined => {
    const compute = p.computes.find(
      (c) => c.above.length > keep.above.length && [...c.operands, c.output].includes(keep),
    );
    const loop = compute?.above
      .slice(keep.above.length)
      .find((l) => isStoredBy(keep.accesses[0]!, tensors[keep.tensor]!, l.variable));
    if (loop === undefined) return undefined;
    const dimension = keep.accesses[0]!.indices.findIndex((i) => i.terms.some((t) => t.variable === loop.variable));
    const index = keep.accesses[0]!.indices[dimension]!;
    if (keep.accesses.length > 1 && !keep.accesses.every((a) => sameIndex(a.indices[dimension]!, index)))
      return undefined;
    if (index.divisor !== 1 || index.terms.length !== 1 || index.terms[0]!.coefficient < 1) return undefined;
    return { dimension, step: index.terms[0]!.coefficient * loop.tile };
  };

  const drain = (state: KeepState, iterations: readonly Iteration[]): void => {
    const { keep, box } = state;
    const tensor = tensors[keep.tensor]!;
    state.box = undefined;
    if (box === undefined || !state.dirty) return;
    const bytes = tensorBytes(tensor, volume(tensor, box));
    const latency = accessLatency(costs, keep, undefined);
    const task = createTask('drain', keep, undefined, drainUses(costs, keep, bytes), latency, 0, iterations);
    counters.addDrain(keep.id, bytes);
    waitForWriters(task, state, box);
    touch(task, state, false, box, 0, state.version);
    const parent = keeps.get(keep.parent!);
    if (parent !== undefined) {
      waitForWriters(task, parent, box);
      touch(task, parent, true, box, 0, parent.version);
      parent.dirty = true;
    }
    emit(task);
  };

  /** First tile that the keep will hold when the loop goes on from `step`, if any; `nextPlace` tells for which loops. */
  const nextTile = (keep: Keep, frame: Frame, step: number): Float64Array | undefined => {
    const { loop } = frame;
    if (loop === undefined) return undefined;
    const lo = Float64Array.from(env.lo);
    const hi = Float64Array.from(env.hi);
    env.lo[loop.variable] = frame.lo;
    env.hi[loop.variable] = frame.hi;
    const inner = keep.above.slice(keep.above.indexOf(loop) + 1);
    let found: Float64Array | undefined;
    for (let s = step; s < stepCount(loop, { lo: env.lo, hi: env.hi }) && found === undefined; s++) {
      enterStep(loop, frame.lo, frame.hi, s, env);
      if (enterFirst(keep, inner)) {
        nextPlace.lo.set(env.lo);
        nextPlace.hi.set(env.hi);
        const tensor = tensors[keep.tensor]!;
        found = tileBox(keep, tensor, env, new Float64Array(2 * tensor.dimensions.length));
      }
      env.lo.set(lo);
      env.hi.set(hi);
      env.lo[loop.variable] = frame.lo;
      env.hi[loop.variable] = frame.hi;
    }
    env.lo.set(lo);
    env.hi.set(hi);
    return found;
  };

  /** Moves the loops to their first iteration in which a user of the keep computes. */
  const enterFirst = (keep: Keep, loops: readonly Loop[]): boolean => {
    for (const loop of loops) {
      const [lo, hi] = [env.lo[loop.variable]!, env.hi[loop.variable]!];
      let first = -1;
      forEachRun(loop, shapeOf(keep.users, tensors), env, (at) => {
        if (first < 0 && isActive(keep.users, env)) first = at;
      });
      if (first < 0) return false;
      enterStep(loop, lo, hi, first, env);
    }
    return isActive(keep.users, env);
  };

  /** At the end of an iteration: drains the tiles that the next iteration replaces. */
  const leave = (frame: Frame, next: number | undefined): void => {
    const iterations = awaited();
    for (const keep of inside(frame.block).keeps) {
      if (!keep.drain) continue;
      const state = keeps.get(keep)!;
      if (state.box === undefined || !state.dirty) continue;
      if (frame.loop !== undefined) {
        if (next === undefined) continue;
        const tile = nextTile(keep, frame, next);
        const tensor = tensors[keep.tensor]!;
        if (tile === undefined || sharedVolume(tensor, tile, state.box) === volume(tensor, tile)) continue;
      }
      // A tile left by a trailing branch inside: what is around that branch does not wait for it either.
      const inner = frame.loop === undefined ? keep.above : keep.above.slice(keep.above.indexOf(frame.loop) + 1);
      drain(state, inner.some((l) => l.trailing) ? [] : iterations);
    }
  };

  // Computes

  const issueCompute = (compute: Compute, iterations: readonly Iteration[]): void => {
    const { einsum } = compute;
    if (!isActive([einsum], env)) return;
    const cut = compute.above.some((l) => einsum.reduced.includes(l.variable));
    const updates = cut && wasVisited(einsum, compute.above, (v) => isIndexedBy(einsum.output, v), sizes, env);
    const cost: ComputeCost = computeCost(costs, compute, env, updates);
    const latency = compute.operands.reduce((most, k) => Math.max(most, accessLatency(costs, k, undefined)), 0);
    const task = createTask('compute', undefined, compute, cost.uses, latency, rampCycles(p, compute), iterations);
    counters.addCompute(compute.id, cost, updates, task.resources, task.holds);
    compute.operands.forEach((keep, i) => {
      const state = keeps.get(keep);
      if (state === undefined) return;
      const box = boxOf(einsum.operands[i]!);
      waitForWriters(task, state, box);
      touch(task, state, false, box, i, state.version);
    });
    const state = keeps.get(compute.output);
    if (state !== undefined) {
      const box = boxOf(einsum.output);
      waitForWriters(task, state, box);
      waitForStage(task, state, state.version);
      touch(task, state, true, box, -1, state.version);
      state.dirty = true;
    }
    emit(task);
  };

  const boxOf = (access: BoundAccess): Float64Array => {
    const tensor = tensors[access.tensor]!;
    return accessBox(access, tensor, env, new Float64Array(2 * tensor.dimensions.length));
  };

  // Control

  const openFrame = (loop: Loop | undefined, block: Block): Frame => {
    const runs: Run[] = [];
    if (loop === undefined) runs.push({ first: 0, length: 1 });
    else
      forEachRun(loop, inside(block).shape, env, (first, length) => {
        if (isActive(inside(block).einsums, env)) runs.push({ first, length });
      });
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
      history: [],
    };
  };

  const windowOf = (loop: Loop): Window => {
    const known = windows.get(loop);
    if (known !== undefined) return known;
    const created = { queue: [], sequence: 0 };
    windows.set(loop, created);
    return created;
  };

  /** Next step after the current one, or undefined. */
  const following = (frame: Frame): number | undefined => {
    const run = frame.runs[frame.run]!;
    if (frame.step + 1 < run.first + run.length) return frame.step + 1;
    return frame.runs[frame.run + 1]?.first;
  };

  const frames: Frame[] = [openFrame(undefined, root)];

  /** True if the frame made progress. */
  const proceed = (frame: Frame): boolean => {
    if (frame.phase < 0) return begin(frame);
    const { block } = frame;
    const iteration = frame.iteration!;
    const branch = block.branches[frame.phase];
    if (block.strict && iteration.outstanding > 0) return false;
    if (branch === undefined) {
      end(frame);
      return true;
    }
    frame.phase++;
    runBranch(branch);
    return true;
  };

  const runBranch = (branch: Branch): void => {
    if (branch.kind === 'loop') {
      const opened = openFrame(branch, branch.block);
      if (opened.runs.length > 0) frames.push(opened);
      return;
    }
    issueCompute(branch, branch.trailing ? [] : awaited());
  };

  /** Iterations that wait for what is issued now: those around, up to a trailing loop, around which none waits. */
  const awaited = (): readonly Iteration[] => {
    const found: Iteration[] = [];
    for (let f = frames.length - 1; f >= 0; f--) {
      const { iteration, loop } = frames[f]!;
      if (iteration !== undefined) found.push(iteration);
      if (loop?.trailing === true) break;
    }
    return found;
  };

  const begin = (frame: Frame): boolean => {
    const { loop, block } = frame;
    if (loop !== undefined) {
      const window = windowOf(loop);
      while (window.queue.length > 0 && isOver(window.queue[0]!)) window.queue.shift();
      if (window.queue.length >= block.inFlight) return false;
      enterStep(loop, frame.lo, frame.hi, frame.step, env);
      if (fold !== undefined) {
        const jump = fold(frame, program);
        if (jump > 0) {
          frame.step += jump;
          enterStep(loop, frame.lo, frame.hi, frame.step, env);
        }
      }
      frame.iteration = { loop, sequence: window.sequence++, outstanding: 0, closed: false };
      window.queue.push(frame.iteration);
    } else frame.iteration = { loop, sequence: 0, outstanding: 0, closed: false };
    frame.begun++;
    const iterations = awaited();
    for (const keep of block.keeps) enterKeep(keep, iterations);
    frame.phase = 0;
    return true;
  };

  const end = (frame: Frame): void => {
    const { loop } = frame;
    const next = loop === undefined ? undefined : following(frame);
    leave(frame, next);
    frame.iteration!.closed = true;
    frame.phase = -1;
    if (loop === undefined || next === undefined) {
      if (loop !== undefined) {
        env.lo[loop.variable] = frame.lo;
        env.hi[loop.variable] = frame.hi;
      }
      frames.pop();
      return;
    }
    if (next >= frame.runs[frame.run]!.first + frame.runs[frame.run]!.length) frame.run++;
    frame.step = next;
  };

  const advance = (): boolean => {
    for (;;) {
      const frame = frames.at(-1);
      if (frame === undefined) return true;
      if (!proceed(frame)) return false;
    }
  };

  const program: Program = { costs, env, keeps, counters, frames, advance, live: compact };
  return program;
}

/** How a tile is cut into pieces: elements of a dimension. */
type Cut = { readonly dimension: number; readonly step: number };

/** Beyond this, pieces grow with the tile. */
const mostPieces = 16;

const sameIndex = (a: BoundIndex, b: BoundIndex): boolean => JSON.stringify(a) === JSON.stringify(b);

function collect(block: Block, einsums: BoundEinsum[], keeps: Keep[]): void {
  keeps.push(...block.keeps);
  for (const branch of block.branches) {
    if (branch.kind === 'compute') einsums.push(branch.einsum);
    else collect(branch.block, einsums, keeps);
  }
}
