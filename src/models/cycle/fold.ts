import type { BoundAccess } from '../../einsum/workload.ts';
import { invariant } from '../../invariant.ts';
import type { Keep, Loop } from '../../mapper/placed.ts';
import { isIndexedBy, type TileBox } from '../../mapper/tile.ts';
import { stallCauses } from '../metrics.ts';
import type { Engine } from './engine.ts';
import { liveTasks } from './issue.ts';
import type { Folder, Frame, Program } from './program.ts';
import { isUnder, type KeepState, type Task, type Tile } from './task.ts';

/**
 * Folding: when an iteration begins in a state that an earlier iteration of the same run began in, up to a shift in
 * time and place, all that follows repeats. The remaining periods are then added to the counters and skipped. Nothing
 * is approximated: a folded run ends with the same numbers as one that walks every iteration.
 */
type Snapshot = {
  readonly step: number;
  readonly time: number;
  readonly state: Float64Array;
  readonly freeAt: Float64Array;
  readonly taken: Float64Array;
  readonly counters: Float64Array;
};

/** What is known of a loop: which tiles and places its state depends on, and whether looking for repeats pays. */
type Subject = {
  readonly keeps: readonly KeepState[];
  readonly variables: readonly number[];
  readonly divided: readonly { readonly variable: number; readonly divisor: number }[];
  /** Activations to let pass without looking, doubled each time that looking was in vain. */
  pause: number;
  waiting: number;
  found: boolean;
};

/** Periods of up to this many iterations are recognised. */
const longestPeriod = 16;
const fewestSteps = 4;

export function createFolder(engine: Engine): Folder {
  const subjects = new Map<Loop, Subject>();
  const state = createState();

  return (frame, program) => {
    const run = frame.runs[frame.run]!;
    const end = run.first + run.length;
    // The last step of a run is walked: what follows it is of another kind.
    if (run.length < fewestSteps || end - 1 - frame.step < 1 || frame.begun === 0) return 0;
    const loop = frame.loop!;
    let subject = subjects.get(loop);
    if (subject === undefined) {
      subject = createSubject(program, frame, loop);
      subjects.set(loop, subject);
    }
    if (frame.begun === 1) beginLooking(subject);
    if (subject.waiting > 0) return 0;
    // What is left over from before the loop ends some time; until then nothing repeats.
    for (const task of liveTasks(program.issuer)) if (task.state !== 'waiting' && !isUnder(task, loop)) return 0;
    describe(engine, program, subject, loop, state);
    const history = frame.history as Snapshot[];
    const time = engine.now + engine.folded;
    for (let h = history.length - 1; h >= 0; h--) {
      const old = history[h]!;
      if (old.step < run.first || !state.equals(old.state)) continue;
      if (!sameReleases(old, engine)) continue;
      const period = frame.step - old.step;
      const times = Math.floor((end - 1 - frame.step) / period);
      history.length = 0;
      subject.found = true;
      if (times === 0) return 0;
      repeat(engine, program, old, time, times);
      shift(program, loop, subject.keeps, times * period * loop.tile);
      return times * period;
    }
    history.push({
      step: frame.step,
      time,
      state: state.copy(),
      freeAt: engine.freeAt.map((t) => t - engine.now),
      taken: engine.taken.slice(),
      counters: Float64Array.from(program.issuer.counters.values),
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
    variables: [...variables],
    divided: divided(frame),
    pause: 0,
    waiting: 0,
    found: true,
  };
}

/** At the start of an activation: after one in vain, lets twice as many pass as the last time. */
function beginLooking(subject: Subject): void {
  if (subject.waiting > 0) {
    subject.waiting--;
    return;
  }
  subject.pause = subject.found ? 0 : Math.max(1, Math.min(2 * subject.pause, 1024));
  subject.waiting = subject.pause;
  subject.found = false;
}

type State = {
  readonly clear: () => void;
  readonly push: (value: number) => void;
  readonly equals: (other: Float64Array) => boolean;
  readonly copy: () => Float64Array;
};

function createState(): State {
  let values = new Float64Array(1024);
  let length = 0;
  return {
    clear: () => {
      length = 0;
    },
    push: (value) => {
      if (length === values.length) {
        const larger = new Float64Array(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    equals: (other) => {
      if (other.length !== length) return false;
      for (let i = 0; i < length; i++) if (values[i] !== other[i]) return false;
      return true;
    },
    copy: () => values.slice(0, length),
  };
}

/** A resource that was used in between must have been released equally long ago: its idle time is counted from there. */
function sameReleases(old: Snapshot, engine: Engine): boolean {
  for (let r = 0; r < engine.freeAt.length; r++) {
    const used = engine.taken[r] !== old.taken[r];
    if (used && engine.freeAt[r]! - engine.now !== old.freeAt[r]) return false;
  }
  return true;
}

/** Adds what happened since the snapshot as many times again. */
function repeat(engine: Engine, program: Program, old: Snapshot, time: number, times: number): void {
  const { values } = program.issuer.counters;
  const skipped = times * (time - old.time);
  for (let r = 0; r < engine.freeAt.length; r++) {
    const used = engine.taken[r] !== old.taken[r];
    // The clock stands still during the fold, so what idles through it was released that much earlier.
    if (!used) engine.freeAt[r] = engine.freeAt[r]! - skipped;
  }
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + times * (values[i]! - old.counters[i]!);
  engine.folded += skipped;
}

/** Moves what is in flight, and the tiles that are here, along with the loop. */
function shift(program: Program, loop: Loop, keeps: readonly KeepState[], by: number): void {
  const v = loop.variable;
  const { tensors } = program.issuer.costs.placed.workload;
  const moved = new Set<TileBox>();
  const move = (access: BoundAccess, stored: boolean, box: TileBox): void => {
    if (moved.has(box)) return;
    moved.add(box);
    access.indices.forEach((index, d) => {
      if (stored && tensors[access.tensor]!.dimensions[d]!.carried) return;
      const term = index.terms.find((t) => t.variable === v);
      if (term === undefined) return;
      const distance = (term.coefficient * by) / index.divisor;
      invariant(Number.isInteger(distance), 'a fold moved a tile by a part of an element');
      box[2 * d] = box[2 * d]! + distance;
      box[2 * d + 1] = box[2 * d + 1]! + distance;
    });
  };
  const moveTile = (keep: Keep, tile: Tile | undefined): void => {
    if (tile === undefined) return;
    tile.lo[v] = tile.lo[v]! + by;
    tile.hi[v] = tile.hi[v]! + by;
    move(keep.accesses[0]!, true, tile.box);
  };
  for (const task of liveTasks(program.issuer)) {
    if (!isUnder(task, loop)) continue;
    task.lo[v] = task.lo[v]! + by;
    task.hi[v] = task.hi[v]! + by;
    for (const t of task.touches) {
      const einsum = task.compute?.einsum;
      if (einsum === undefined) move(t.keep.accesses[0]!, true, t.box);
      else move(t.operand === -1 ? einsum.output : einsum.operands[t.operand]!, false, t.box);
    }
  }
  for (const k of keeps) {
    moveTile(k.keep, k.tile);
    moveTile(k.keep, k.ahead);
  }
}

/** The state that decides what follows, with times relative to now and places relative to the loops. */
function describe(engine: Engine, program: Program, subject: Subject, loop: Loop, out: State): void {
  const { env } = program.issuer;
  out.clear();
  for (const t of engine.freeAt) out.push(Math.max(0, t - engine.now));
  const live = liveTasks(program.issuer);
  for (let i = 0; i < live.length; i++) live[i]!.place = i;
  out.push(live.length);
  for (const task of live) describeTask(engine, program, subject, task, isUnder(task, loop) ? loop.variable : -1, out);
  for (const k of subject.keeps) {
    out.push(k.dirty ? 1 : 0);
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
  for (const { variable, divisor } of subject.divided) out.push(env.lo[variable]! % divisor);
}

const stateNumbers = { waiting: 0, ready: 1, running: 2, done: 3 } as const;
const kindNumbers = { compute: 0, fill: 1, drain: 2 } as const;

/** `moving` is the variable that the task moves along with, if it is inside the loop. */
function describeTask(
  engine: Engine,
  program: Program,
  subject: Subject,
  task: Task,
  moving: number,
  out: State,
): void {
  const { env, keeps } = program.issuer;
  out.push(kindNumbers[task.kind]);
  out.push((task.compute ?? task.keep)!.id);
  out.push(stateNumbers[task.state]);
  out.push(task.pending);
  out.push(task.cost.longest);
  out.push(task.cost.latency);
  for (const hold of task.cost.holds) out.push(hold);
  if (task.state === 'running') out.push(task.finishAt - engine.now);
  if (task.state === 'ready') {
    out.push(engine.now - task.readyAt);
    out.push(task.readyRamp);
    out.push(stallCauses.indexOf(task.readyCause));
  }
  for (const v of subject.variables) {
    out.push(v === moving ? task.lo[v]! - env.lo[v]! : task.lo[v]!);
    out.push(task.hi[v]! - task.lo[v]!);
  }
  for (const t of task.touches) out.push((keeps[t.keep.id]?.version ?? 0) - t.version);
  out.push(task.dependents.length);
  for (const d of task.dependents) out.push(d.place);
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
