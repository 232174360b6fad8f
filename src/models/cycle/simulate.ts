import type { Block, PlacedMapping } from '../../mapper/placed.ts';
import type { Environment } from '../../mapper/tile.ts';
import { type Course, followCourse } from '../course.ts';
import { dispatchSteps } from '../dispatch.ts';
import { type Costs, machineResources } from '../resources.ts';
import { countTraffic, type Traffic } from '../traffic.ts';
import { type Chronicle, type ChronicleBlock, type ChroniclePart, chronicleOf, type Scene } from './chronicle.ts';
import { type CounterLayout, counterLayout } from './counters.ts';
import type { Recorded } from './issue.ts';
import { recordBlock } from './record.ts';
import { sumOfRow } from './rows.ts';
import { type BlockRun, runTape } from './run.ts';
import { timelineOf } from './timeline.ts';
import { addRun, addTail, createInstanceSums, type InstanceSums, resourceUsage, type Usage } from './usage.ts';

/** Moves values as the operations of every instance go by, one block after the other. */
export type Mover = {
  /** A block begins, with empty buffers. */
  readonly onBegin?: () => void;
  /** An operation takes its resources. */
  readonly onStart?: (operation: Recorded) => void;
  /** Its result is there. */
  readonly onFinish?: (operation: Recorded) => void;
};

export type SimulationOptions = {
  /** Skip iterations that repeat (default). Changes no number, only the time it takes. */
  readonly folding?: boolean;
  /** Record iterations that repeat once (default). Changes no number either. */
  readonly repeats?: boolean;
  /** Sees every operation; nothing is then skipped or run once for several. */
  readonly mover?: Mover;
};

/** Totals of a simulated run; a tick is `1 / ticksPerCycle` of a cycle. */
export type Simulation = {
  readonly ticks: number;
  readonly ticksPerCycle: number;
  readonly layout: CounterLayout;
  /** Over all instances, each of which counts its part of a resource that they share as a whole one. */
  readonly totals: Float64Array;
  /** Operations that were walked, after folding. */
  readonly events: number;
  /** By resource. */
  readonly usage: readonly Usage[];
  /** What went on, to be looked at again. */
  readonly chronicle: Chronicle;
};

/**
 * Runs the mapping as discrete events. Without a grid the whole machine is one instance. With one, each of its steps
 * is run on one instance with an equal part of the shared ports; the mapping says which instance gets it, and the grid
 * ends with its slowest instance. Steps of a persistent instance overlap (`sumOfRow`).
 */
export function simulateCycles(
  p: PlacedMapping,
  traffic: Traffic = countTraffic(p),
  options: SimulationOptions = {},
): Simulation {
  const resources = machineResources(p.machine);
  const layout = counterLayout(p, resources);
  const ticksPerCycle = resolution(p, traffic);
  const folding = options.folding !== false && options.mover === undefined;
  const factors = new Float64Array(resources.names.length).fill(1);
  const scenes = new Map<BlockRun, Scene>();
  const course = followCourse<BlockRun>(
    p,
    traffic,
    (costs, block, starts) => {
      const { run, scene } = runBlock(costs, block, starts, { ticksPerCycle, layout, folding, factors }, options);
      scenes.set(run, scene);
      return run;
    },
    options.mover !== undefined,
  );
  const groups = new Map<string, InstanceSums>();
  const chronicle = addCourse(course, 1, { layout, groups, scenes });
  const { ticks } = chronicle;
  const sums = [...groups.values()];
  const totals = new Float64Array(layout.length);
  for (const group of sums)
    group.totals.forEach((total, i) => {
      totals[i] = totals[i]! + total;
    });
  let events = 0;
  for (const run of scenes.keys()) events += run.events;
  const usage = resourceUsage(sums, layout, resources.instances, ticks);
  return { ticks, ticksPerCycle, layout, totals, events, usage, chronicle };
}

function runBlock(
  costs: Costs,
  block: Block,
  starts: readonly Environment[],
  settings: { ticksPerCycle: number; layout: CounterLayout; folding: boolean; factors: Float64Array },
  { mover, repeats = true }: SimulationOptions,
): { readonly run: BlockRun; readonly scene: Scene } {
  const all: Recorded[] = [];
  const tape = recordBlock(costs, block, starts, mover === undefined ? { repeats } : { all });
  const options = { ...settings, resources: costs.resources };
  const probe = {
    onStart: (_: number, operation: number) => mover?.onStart?.(all[operation]!),
    onFinish: (_: number, operation: number) => mover?.onFinish?.(all[operation]!),
  };
  mover?.onBegin?.();
  const run = runTape(tape, { ...options, probe: mover === undefined ? undefined : probe });
  const label = labelOf(costs.placed, starts);
  return { run, scene: { label, around: costs, timeline: () => timelineOf(tape, options) } };
}

/** Where the loops around a block stand: "b=0 h=3"; of a row of steps, of those that differ: "p=0, p=128 x 3". */
function labelOf(p: PlacedMapping, starts: readonly Environment[]): string {
  const times = new Map<string, number>();
  for (const env of starts) {
    const moved = p.workload.variables.flatMap(({ name, size }, v) =>
      env.hi[v]! - env.lo[v]! === size ? [] : [`${name}=${env.lo[v]}`],
    );
    const label = moved.join(' ');
    times.set(label, (times.get(label) ?? 0) + 1);
  }
  return [...times].map(([label, n]) => (n > 1 ? `${label} x ${n}` : label)).join(', ');
}

/**
 * Ticks a cycle: as many as keep every total an exact integer, at most 1024. The bound on a total is the time that
 * everything would take one after the other, all instances together.
 */
function resolution(p: PlacedMapping, traffic: Traffic): number {
  let cycles = 0;
  for (const c of p.computes) cycles += c.einsum.variables.reduce((n, v) => n * p.workload.variables[v]!.size, 64);
  for (const m of traffic.movements) cycles += m.fill_bytes + m.drain_bytes;
  let ticks = 1024;
  while (ticks > 1 && cycles * ticks > 2 ** 52) ticks /= 2;
  return ticks;
}

/** What it takes to add up the runs of a course. */
type Adding = {
  readonly layout: CounterLayout;
  /** By how resources are shared. */
  readonly groups: Map<string, InstanceSums>;
  readonly scenes: ReadonlyMap<BlockRun, Scene>;
};

/** Adds `times` runs of a course to the sums; returns what goes on in one. */
function addCourse(course: Course<BlockRun>, times: number, adding: Adding): Chronicle {
  switch (course.kind) {
    case 'sequence':
      return chronicleOf(
        course.parts.map((part) => ({
          kind: 'repeat',
          times: part.times,
          chronicle: addCourse(part.course, times * part.times, adding),
        })),
      );
    case 'alone':
      addRun(sumsOf(adding, course.costs), course.result, times, 1, adding.layout);
      return chronicleOf([blockOf([{ run: course.result, times: 1 }], adding)]);
    case 'grid':
      return addGrid(course, times, adding);
  }
}

const blockOf = (sum: ReturnType<typeof sumOfRow>, { scenes }: Adding): ChronicleBlock => ({
  kind: 'block',
  ticks: sum.reduce((ticks, { run, times }) => ticks + times * run.ticks, 0),
  sum: sum.map(({ run, times }) => ({ scene: scenes.get(run)!, times })),
});

function sumsOf({ groups, layout }: Adding, { sharers }: Costs): InstanceSums {
  const key = sharers.join();
  const sums = groups.get(key) ?? createInstanceSums(sharers, layout);
  groups.set(key, sums);
  return sums;
}

/** Instances that are done wait for the slowest. */
function addGrid(course: Course<BlockRun> & { kind: 'grid' }, times: number, adding: Adding): Chronicle {
  const { steps, instances, dispatch, costs } = course;
  const { ends, rows, last } = dispatchSteps(steps, instances, dispatch, (row) =>
    sumOfRow(row, course).reduce((ticks, { run, times: n }) => ticks + n * run.ticks, 0),
  );
  const ticks = ends.reduce((a, b) => Math.max(a, b), 0);
  const used = ends.reduce((n, end) => (end > 0 ? n + 1 : n), 0);
  const sums = sumsOf(adding, costs);
  for (const row of rows)
    for (const { run, times: n } of sumOfRow(row, course))
      addRun(sums, run, times * row.times * n, used, adding.layout);
  const worked = ends.reduce((a, b) => a + b, 0);
  addTail(sums, times * (used * ticks - worked), adding.layout);
  return chronicleOf(
    last.map((row): ChroniclePart => {
      const sum = sumOfRow(row, course);
      if (course.inRow !== undefined) return blockOf(sum, adding);
      const step = chronicleOf([blockOf([{ run: row.step, times: 1 }], adding)]);
      return { kind: 'repeat', times: row.length, chronicle: step };
    }),
  );
}
