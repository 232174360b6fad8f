import type { BoundAccess, BoundEinsum } from '../../einsum/workload.ts';
import type { Block, Branch, Compute, Keep, Loop } from '../../mapper/placed.ts';
import { accessBox, copyEnvironment, type Environment, type TileBox } from '../../mapper/tile.ts';
import { accessLatency, type ComputeCost, type Costs, computeCost, rampCycles } from '../resources.ts';
import { pastOfCompute, pastOfKeep, pastsOf, wasVisited } from '../visited.ts';
import { enterStep, forEachRun, isActive, keyLength, type Shape, shapeOf, writeKey } from '../walk.ts';
import type { Counters } from './counters.ts';
import { costOf, createTask, type Issuer, submit, touch, waitForStage, waitForWriters } from './issue.ts';
import { type Cost, type Iteration, isOver, type KeepState, type Task } from './task.ts';
import { type Around, enterKeep, leaveKeeps } from './tiles.ts';

/** Called at the beginning of an iteration; may move on over iterations that repeat, and returns how many. */
export type Folder = (frame: Frame, program: Program) => number;

/** A loop (or the root) that is being run. */
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
  readonly history: unknown[];
};

/** The issuer's state and the loops around. */
export type Program = {
  readonly issuer: Issuer;
  readonly frames: readonly Frame[];
  /** Issues what can be issued now. True when everything has been. */
  readonly advance: () => boolean;
};

type Inside = {
  readonly einsums: readonly BoundEinsum[];
  readonly shape: Shape;
  /** Keeps inside that drain, those whose tiles go into others' before those. */
  readonly drains: readonly Keep[];
};

/** The cost of a compute on the last shape of tile that it had. */
type Known = { readonly shape: Shape; readonly key: Float64Array; costs: readonly (Priced | undefined)[] };
type Priced = { readonly cost: Cost; readonly counted: ComputeCost };

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
  submitTask: (task: Task) => void,
  fold: Folder | undefined,
): Program {
  const { tensors } = costs.placed.workload;
  const env = copyEnvironment(start);
  const keeps: (KeepState | undefined)[] = costs.placed.keeps.map(() => undefined);
  const issuer: Issuer = {
    costs,
    ticksPerCycle,
    pastOfKeep: costs.placed.keeps.map((k) => pastOfKeep(costs.placed, k)),
    pastOfCompute: costs.placed.computes.map((c) => pastOfCompute(costs.placed, c)),
    env,
    keeps,
    counters,
    live: [],
    sequence: 0,
    submit: submitTask,
  };
  const insides = new Map<Block, Inside>();
  const inside = (block: Block): Inside => {
    const known = insides.get(block);
    if (known !== undefined) return known;
    const einsums: BoundEinsum[] = [];
    const below: Keep[] = [];
    collect(block, einsums, below);
    const entry = {
      einsums,
      shape: shapeOf(einsums, tensors, pastsOf(costs.placed, einsums, below)),
      drains: below.filter((k) => k.drain).sort((a, b) => keepsAbove(b) - keepsAbove(a)),
    };
    insides.set(block, entry);
    // What is produced here is waited for even where it is kept around the block.
    const produced = (k: Keep): boolean => einsums.some((e) => e.output.tensor === k.tensor);
    if (block === root)
      for (const keep of costs.placed.keeps.filter((k) => below.includes(k) || produced(k)))
        keeps[keep.id] = {
          keep,
          carried: tensors[keep.tensor]!.dimensions.findIndex((d) => d.carried),
          version: 0,
          tile: undefined,
          ahead: undefined,
          dirty: false,
          touches: [],
        };
    return entry;
  };
  inside(root);

  const known: Known[] = costs.placed.computes.map(({ einsum }) => {
    const shape = shapeOf([einsum], tensors);
    return { shape, key: new Float64Array(keyLength(shape)).fill(Number.NaN), costs: [] };
  });
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
    return { cost: costOf(issuer, counted.uses, latency, rampCycles(costs.placed, compute)), counted };
  };

  const issueCompute = (compute: Compute, iterations: readonly Iteration[]): void => {
    const { einsum } = compute;
    const updates = wasVisited(issuer.pastOfCompute[compute.id]!, env);
    const priced = price(compute, updates);
    if (priced === undefined) return;
    const task = createTask(issuer, 'compute', { compute }, priced.cost, iterations);
    counters.addCompute(compute.id, priced.counted, updates, priced.cost.resources, priced.cost.holds);
    for (let i = 0; i < compute.operands.length; i++) {
      const state = keeps[compute.operands[i]!.id];
      if (state === undefined) continue;
      const box = boxOf(einsum.operands[i]!);
      waitForWriters(task, state, box);
      touch(task, state, false, box, i, state.version);
    }
    const state = keeps[compute.output.id];
    if (state !== undefined) {
      const box = boxOf(einsum.output);
      waitForWriters(task, state, box);
      waitForStage(task, state, state.version);
      touch(task, state, true, box, -1, state.version);
      state.dirty = true;
    }
    submit(issuer, task);
  };

  const boxOf = (access: BoundAccess): TileBox => accessBox(access, tensors[access.tensor]!, env, []);

  // Control

  const frames: Frame[] = [];
  const windows = new Map<Loop, Iteration[]>();

  const openFrame = (loop: Loop | undefined, block: Block): Frame => {
    const runs: { first: number; length: number }[] = [];
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

  /** True if the frame made progress. */
  const proceed = (frame: Frame): boolean => {
    if (frame.phase < 0) return begin(frame);
    const { block } = frame;
    if (block.strict && frame.iteration!.outstanding > 0) return false;
    const branch = block.branches[frame.phase];
    frame.phase++;
    if (branch === undefined) end(frame);
    else runBranch(branch);
    return true;
  };

  const runBranch = (branch: Branch): void => {
    if (branch.kind === 'compute') {
      issueCompute(branch, branch.trailing ? [] : awaited());
      return;
    }
    const opened = openFrame(branch, branch.block);
    if (opened.runs.length > 0) frames.push(opened);
  };

  const begin = (frame: Frame): boolean => {
    const { loop, block } = frame;
    if (loop !== undefined) {
      const window = windows.get(loop) ?? [];
      windows.set(loop, window);
      while (window.length > 0 && isOver(window[0]!)) window.shift();
      if (window.length >= block.inFlight) return false;
      enterStep(loop, frame.lo, frame.hi, frame.step, env);
      const jump = fold?.(frame, program) ?? 0;
      if (jump > 0) {
        frame.step += jump;
        enterStep(loop, frame.lo, frame.hi, frame.step, env);
      }
      frame.iteration = { outstanding: 0, closed: false };
      window.push(frame.iteration);
    } else frame.iteration = { outstanding: 0, closed: false };
    frame.begun++;
    if (block.keeps.length > 0) {
      const loops = frames.map(around);
      const iterations = awaited();
      for (const keep of block.keeps) enterKeep(issuer, keeps[keep.id]!, loops, iterations);
    }
    frame.phase = 0;
    return true;
  };

  const end = (frame: Frame): void => {
    const { loop } = frame;
    const { drains } = inside(frame.block);
    if (drains.length > 0) leaveKeeps(issuer, drains, around(frame), awaited());
    frame.iteration!.closed = true;
    frame.phase = -1;
    const next = loop === undefined ? undefined : following(frame);
    if (next === undefined) {
      if (loop !== undefined) {
        env.lo[loop.variable] = frame.lo;
        env.hi[loop.variable] = frame.hi;
      }
      frames.pop();
      return;
    }
    const run = frame.runs[frame.run]!;
    if (next >= run.first + run.length) frame.run++;
    frame.step = next;
  };

  const advance = (): boolean => {
    for (;;) {
      const frame = frames.at(-1);
      if (frame === undefined) return true;
      if (!proceed(frame)) return false;
    }
  };

  const program: Program = { issuer, frames, advance };
  frames.push(openFrame(undefined, root));
  return program;
}

const isEqual = (a: Float64Array, b: Float64Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

const keepsAbove = (keep: Keep): number => (keep.parent === undefined ? 0 : 1 + keepsAbove(keep.parent));

function collect(block: Block, einsums: BoundEinsum[], keeps: Keep[]): void {
  keeps.push(...block.keeps);
  for (const branch of block.branches) {
    if (branch.kind === 'compute') einsums.push(branch.einsum);
    else collect(branch.block, einsums, keeps);
  }
}
