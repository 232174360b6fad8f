import { invariant } from '../../invariant.ts';
import type { Block } from '../../mapper/placed.ts';
import type { Environment } from '../../mapper/tile.ts';
import type { Costs } from '../resources.ts';
import { mostEvents, WorkLimit } from '../work-limit.ts';
import { type CounterLayout, type Counters, createCounters } from './counters.ts';
import { createFolder } from './fold.ts';
import { createProgram, type Program } from './program.ts';
import type { Task } from './task.ts';

/** Clock and resources of a running simulation, open to the folder. */
export type Engine = {
  now: number;
  /** Ticks of iterations that were folded, not walked. */
  folded: number;
  /** When each resource was last released. */
  readonly freeAt: Float64Array;
  /** How often each resource was taken, folded iterations not counted. */
  readonly taken: Float64Array;
};

export type Observer = {
  /** A block begins, with empty buffers. */
  readonly onBegin?: () => void;
  /** An operation takes its resources. */
  readonly onStart?: (task: Task, now: number) => void;
  /** Its result is there. */
  readonly onFinish?: (task: Task, now: number) => void;
};

export type BlockRun = {
  readonly ticks: number;
  readonly counters: Counters;
  readonly events: number;
};

/**
 * Runs one block of the loop tree on one instance, as discrete events. A ready operation starts as soon as all that
 * it holds is free; among those that could, the oldest goes first. Time is counted in whole ticks.
 */
export function runBlock(
  costs: Costs,
  block: Block,
  start: Environment,
  ticksPerCycle: number,
  layout: CounterLayout,
  folding: boolean,
  observer: Observer = {},
): BlockRun {
  const counters = createCounters(layout);
  observer.onBegin?.();
  const resources = costs.resources.names.length;
  const engine: Engine = {
    now: 0,
    folded: 0,
    freeAt: new Float64Array(resources),
    taken: new Float64Array(resources),
  };
  const { freeAt } = engine;
  const ready: Task[] = [];
  let running: Task[] = [];
  let events = 0;

  const makeReady = (task: Task): void => {
    task.state = 'ready';
    task.readyAt = engine.now;
    let at = ready.length;
    while (at > 0 && ready[at - 1]!.sequence > task.sequence) at--;
    ready.splice(at, 0, task);
  };

  const canStart = (task: Task): boolean => {
    for (const r of task.cost.resources) if (freeAt[r]! > engine.now) return false;
    return true;
  };

  /** Says what a resource was waiting for between its release and now. */
  const accountIdle = (task: Task, resource: number): void => {
    const since = freeAt[resource]!;
    const untilReady = Math.min(engine.now, task.readyAt) - since;
    if (untilReady > 0) {
      const ramp = Math.min(untilReady, task.readyRamp);
      if (ramp > 0) counters.addStall(resource, 'ramp', ramp);
      if (untilReady > ramp) counters.addStall(resource, task.readyCause, untilReady - ramp);
    }
    const afterReady = engine.now - Math.max(since, task.readyAt);
    if (afterReady > 0) counters.addStall(resource, 'unit', afterReady);
  };

  const startTask = (task: Task): void => {
    events++;
    if (events > mostEvents)
      throw new WorkLimit(`more than ${mostEvents} operations would have to be simulated one by one`);
    task.state = 'running';
    for (let i = 0; i < task.cost.resources.length; i++) {
      const resource = task.cost.resources[i]!;
      accountIdle(task, resource);
      engine.taken[resource] = engine.taken[resource]! + 1;
      counters.addBusy(resource, task.cost.holds[i]!);
      freeAt[resource] = engine.now + task.cost.holds[i]!;
    }
    task.finishAt = engine.now + task.cost.longest + task.cost.latency;
    running.push(task);
    observer.onStart?.(task, engine.now);
  };

  const startReady = (): void => {
    let kept = 0;
    for (let i = 0; i < ready.length; i++) {
      const task = ready[i]!;
      if (canStart(task)) startTask(task);
      else ready[kept++] = task;
    }
    ready.length = kept;
  };

  const finishTask = (task: Task): void => {
    task.state = 'done';
    for (const i of task.iterations) i.outstanding--;
    for (let i = 0; i < task.dependents.length; i++) {
      const next = task.dependents[i]!;
      next.pending--;
      if (next.pending > 0) continue;
      next.readyCause = task.causes[i]!;
      next.readyRamp = task.cost.ramp;
      makeReady(next);
    }
    observer.onFinish?.(task, engine.now);
    // Broken, or each operation that is done would keep all that came after it in memory.
    task.dependents.length = 0;
    task.touches.length = 0;
  };

  const program: Program = createProgram(
    costs,
    block,
    start,
    ticksPerCycle,
    counters,
    (task) => {
      if (task.pending === 0) makeReady(task);
    },
    folding ? createFolder(engine) : undefined,
  );

  const nextTime = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const task of running) if (task.finishAt < next) next = task.finishAt;
    for (const task of ready)
      for (const r of task.cost.resources) if (freeAt[r]! > engine.now && freeAt[r]! < next) next = freeAt[r]!;
    return next;
  };

  for (;;) {
    const issued = program.advance();
    startReady();
    const next = nextTime();
    if (next === Number.POSITIVE_INFINITY) {
      // Every dependence is on an earlier operation, so something can always go on.
      invariant(issued && ready.length === 0, 'the event program waits for itself');
      break;
    }
    engine.now = next;
    const done: Task[] = [];
    const left: Task[] = [];
    for (const task of running) (task.finishAt <= next ? done : left).push(task);
    running = left;
    done.sort((a, b) => a.sequence - b.sequence);
    for (const task of done) finishTask(task);
  }
  for (let r = 0; r < freeAt.length; r++) {
    invariant(freeAt[r]! <= engine.now, 'a resource is held after the end');
    counters.addStall(r, 'tail', engine.now - freeAt[r]!);
  }
  return { ticks: engine.now + engine.folded, counters, events };
}
