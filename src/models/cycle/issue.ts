import type { Compute, Keep } from '../../mapper/placed.ts';
import type { Environment, TileBox } from '../../mapper/tile.ts';
import type { StallCause } from '../metrics.ts';
import type { Costs, Use } from '../resources.ts';
import type { Past } from '../visited.ts';
import type { Counters } from './counters.ts';
import type { Cost, Iteration, KeepState, Task } from './task.ts';

/** What issuing operations works on. */
export type Issuer = {
  readonly costs: Costs;
  readonly ticksPerCycle: number;
  /** What came before, by keep that is computed into and by compute. */
  readonly pastOfKeep: readonly (Past | undefined)[];
  readonly pastOfCompute: readonly Past[];
  /** Where the loops stand. */
  readonly env: Environment;
  /** By keep; undefined for those outside the block that is run, unless something in it writes there. */
  readonly keeps: readonly (KeepState | undefined)[];
  readonly counters: Counters;
  /** In order; some may be done. */
  readonly live: Task[];
  sequence: number;
  /** Takes an operation whose dependences are set. */
  readonly submit: (task: Task) => void;
};

export function costOf(issuer: Issuer, uses: readonly Use[], latencyCycles: number, rampCycles: number): Cost {
  const toTicks = (cycles: number): number => Math.ceil(cycles * issuer.ticksPerCycle - 1e-9);
  const holds = uses.map((u) => toTicks(u.cycles));
  const ramp = toTicks(rampCycles);
  return {
    resources: uses.map((u) => u.resource),
    holds,
    longest: holds.reduce((a, b) => Math.max(a, b), 0),
    latency: toTicks(latencyCycles) + ramp,
    ramp,
  };
}

export function createTask(
  issuer: Issuer,
  kind: Task['kind'],
  subject: { readonly keep?: Keep; readonly compute?: Compute },
  cost: Cost,
  iterations: readonly Iteration[],
): Task {
  for (const i of iterations) i.outstanding++;
  return {
    sequence: issuer.sequence++,
    kind,
    keep: subject.keep,
    compute: subject.compute,
    cost,
    lo: issuer.env.lo.slice(),
    hi: issuer.env.hi.slice(),
    iterations,
    touches: [],
    dependents: [],
    causes: [],
    pending: 0,
    state: 'waiting',
    readyAt: 0,
    readyCause: 'order',
    readyRamp: 0,
    finishAt: 0,
    place: 0,
  };
}

export function submit(issuer: Issuer, task: Task): void {
  issuer.live.push(task);
  if (issuer.live.length % 512 === 0) liveTasks(issuer);
  issuer.submit(task);
}

/** Operations that are not done; drops the others. */
export function liveTasks(issuer: Issuer): readonly Task[] {
  const { live } = issuer;
  let kept = 0;
  for (let i = 0; i < live.length; i++) {
    const task = live[i]!;
    if (task.state !== 'done') live[kept++] = task;
  }
  live.length = kept;
  return live;
}

function dependOn(task: Task, on: Task, cause: StallCause): void {
  if (on.state === 'done' || on === task) return;
  on.dependents.push(task);
  on.causes.push(cause);
  task.pending++;
}

/** Whether what is written can be seen in what is touched; a version is seen in all that come after it. */
function isSeen(written: TileBox, touched: TileBox, carried: number): boolean {
  for (let d = 0; 2 * d < touched.length; d++) {
    if (touched[2 * d + 1]! <= written[2 * d]!) return false;
    if (d !== carried && written[2 * d + 1]! <= touched[2 * d]!) return false;
  }
  return true;
}

/** The task waits for all that writes the part of the tile that it touches. Drops touches that are done. */
export function waitForWriters(task: Task, state: KeepState, box: TileBox): void {
  const { touches } = state;
  let kept = 0;
  for (let i = 0; i < touches.length; i++) {
    const t = touches[i]!;
    if (t.task.state === 'done') continue;
    touches[kept++] = t;
    if (t.writes && isSeen(t.box, box, state.carried))
      dependOn(task, t.task, t.task.kind === 'compute' ? 'operand' : 'transfer');
  }
  touches.length = kept;
}

/** The task writes a tile into a stage that an earlier tile had: it waits for all that still uses that one. */
export function waitForStage(task: Task, state: KeepState, version: number): void {
  const oldest = version - state.keep.stages;
  // Touches are in the order of their versions but for those fetched ahead, which are newer than any that matters.
  for (const t of state.touches) {
    if (t.version <= oldest) dependOn(task, t.task, 'slot');
    else if (t.version > oldest + 1) break;
  }
}

export function touch(
  task: Task,
  state: KeepState,
  writes: boolean,
  box: TileBox,
  operand: number,
  version: number,
): void {
  const record = { keep: state.keep, task, writes, version, box, operand };
  state.touches.push(record);
  task.touches.push(record);
}
