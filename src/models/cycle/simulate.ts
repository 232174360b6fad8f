import type { PlacedMapping } from '../../mapper/placed.ts';
import type { Environment } from '../../mapper/tile.ts';
import { contendedGrid, type Part, type Parts } from '../contention.ts';
import { beginsIn, type Course, followCourse, type GridCourse } from '../course.ts';
import type { Row } from '../dispatch.ts';
import { type Costs, machineResources } from '../resources.ts';
import { countTraffic, type Traffic } from '../traffic.ts';
import { type MostWork, usualWork } from '../work-limit.ts';
import { type Chronicle, type ChronicleBlock, type ChroniclePart, chronicleOf, type Scene } from './chronicle.ts';
import { type CounterLayout, counterLayout } from './counters.ts';
import { recordBlock } from './record.ts';
import { sumOfRow } from './rows.ts';
import { type BlockRun, runTape } from './run.ts';
import { kinds, type Tape } from './tape.ts';
import { timelineOf } from './timeline.ts';
import { addRun, addStall, createInstanceSums, type InstanceSums, resourceUsage, type Usage } from './usage.ts';

export type SimulationOptions = {
  /** Skip iterations that repeat (default). Changes no number, only the time it takes. */
  readonly folding?: boolean;
  /** Record iterations that repeat once (default). Changes no number either. */
  readonly repeats?: boolean;
  /** More throws `WorkLimit`. */
  readonly mostWork?: MostWork;
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
  /** How many times longer each resource was held than with the port to itself, on average over what it did. */
  readonly slowdown: Float64Array;
  /** What went on, to be looked at again. */
  readonly chronicle: Chronicle;
};

/**
 * Runs the mapping as discrete events. Without a grid the whole machine is one instance. With one, each of its steps
 * is run on one instance, slowed down at shared ports by the others (`underContention`); the mapping says which
 * instance gets it, and the grid ends with its slowest instance. Steps of a persistent instance overlap (`sumOfRow`).
 */
export function simulateCycles(
  p: PlacedMapping,
  traffic: Traffic = countTraffic(p),
  options: SimulationOptions = {},
): Simulation {
  const resources = machineResources(p.machine);
  const layout = counterLayout(p, resources);
  const ticksPerCycle = resolution(p, traffic);
  const { repeats = true, folding = true, mostWork = usualWork } = options;
  const course = followCourse<Step>(p, traffic, (costs, block, starts) => ({
    tape: recordBlock(costs, block, starts, { repeats, mostRecorded: mostWork.recorded }),
    label: labelOf(p, starts),
    costs,
  }));
  const settings = { ticksPerCycle, resources, folding, mostWalked: mostWork.walked };
  let events = 0;
  const run = ({ tape }: Step, slowdown: Float64Array): BlockRun => {
    const done = runTape(tape, { ...settings, factors: slowdown, layout });
    events += done.events;
    return done;
  };
  const scene = ({ tape, label, costs }: Step, slowdown: Float64Array): Scene => ({
    label,
    around: costs,
    timeline: () => timelineOf(tape, { ...settings, factors: slowdown }),
  });
  const groups = new Map<string, InstanceSums>();
  const chronicle = addCourse(course, 1, { layout, ticksPerCycle, run, scene, groups });
  const { ticks } = chronicle;
  const sums = [...groups.values()];
  const totals = new Float64Array(layout.length);
  for (const group of sums)
    group.totals.forEach((total, i) => {
      totals[i] = totals[i]! + total;
    });
  const usage = resourceUsage(sums, layout, resources.instances, ticks);
  const slowdown = meanSlowdown(sums, resources.names.length);
  return { ticks, ticksPerCycle, layout, totals, events, usage, slowdown, chronicle };
}

function meanSlowdown(sums: readonly InstanceSums[], resources: number): Float64Array {
  return new Float64Array(resources).map((_, r) => {
    let work = 0;
    let held = 0;
    for (const group of sums) {
      work += group.work[r]!;
      held += group.slowed[r]!;
    }
    return work === 0 ? 1 : Math.max(1, held / work);
  });
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

/** A block, or several of them in a row, on one instance. */
type Step = { readonly tape: Tape; readonly label: string; readonly costs: Costs };

/** What it takes to add up the runs of a course. */
type Adding = {
  readonly layout: CounterLayout;
  readonly ticksPerCycle: number;
  readonly run: (step: Step, slowdown: Float64Array) => BlockRun;
  readonly scene: (step: Step, slowdown: Float64Array) => Scene;
  /** By how resources are shared. */
  readonly groups: Map<string, InstanceSums>;
};

/** Adds `times` runs of a course to the sums; returns what goes on in one. */
function addCourse(course: Course<Step>, times: number, adding: Adding): Chronicle {
  switch (course.kind) {
    case 'sequence':
      return chronicleOf(
        course.parts.map((part) => ({
          kind: 'repeat',
          times: part.times,
          chronicle: addCourse(part.course, times * part.times, adding),
        })),
      );
    case 'alone': {
      const { result, costs } = course;
      const run = adding.run(result, costs.slowdown);
      const sums = sumsOf(adding, costs);
      addRun(sums, run, times, 1, adding.layout);
      sums.elapsed += times * run.ticks;
      const scene = adding.scene(result, costs.slowdown);
      return chronicleOf([{ kind: 'block', ticks: run.ticks, sum: [{ scene, times: 1 }] }]);
    }
    case 'launch': {
      const ticks = Math.ceil(course.cycles * adding.ticksPerCycle);
      const sums = sumsOf(adding, course.costs);
      addStall(sums, 'launch', times * ticks, adding.layout);
      sums.elapsed += times * ticks;
      return chronicleOf([{ kind: 'launch', ticks }]);
    }
    case 'grid':
      return addGrid(course, times, adding);
  }
}

function sumsOf({ groups, layout }: Adding, { sharers }: Costs): InstanceSums {
  const key = sharers.join();
  const sums = groups.get(key) ?? createInstanceSums(sharers, layout);
  groups.set(key, sums);
  return sums;
}

/** Instances that are done wait for the slowest, and all of them for the bursts and jams of their transfers. */
function addGrid(course: GridCourse<Step>, times: number, adding: Adding): Chronicle {
  const { inRow, inFlight } = course;
  const stepTicks = Math.ceil(course.stepCycles * adding.ticksPerCycle);
  const beginTicks = (row: Row<unknown>): number => beginsIn(course, row) * stepTicks;
  const partsOf = (row: Row<Part<Step>>, { resultOf, partOf }: Parts<Step, BlockRun>) => {
    const inParts = (parts: readonly Part<Step>[]): Part<Step> =>
      partOf(inRow!(parts.map((part) => part.step)), parts.at(-1)!.late);
    return sumOfRow(row, { inRow: inRow && inParts, inFlight }, (part) => resultOf(part).ticks);
  };
  const grid = contendedGrid<Step, BlockRun>(course, {
    work: ({ tape }) => heldTicks(tape, adding.ticksPerCycle),
    first: ({ tape }) => firstTicks(tape, adding.ticksPerCycle),
    run: adding.run,
    duration: (row, parts) =>
      partsOf(row, parts).reduce(
        (ticks, { step, times: n }) => ticks + n * parts.resultOf(step).ticks,
        beginTicks(row),
      ),
  });
  const { resultOf, slowdownOf, work } = grid;
  const { ends, rows, last: rowsOfLast } = grid.dispatched();
  const slowed = grid.slowed();
  // Sums of fractions of a tick may be just above a whole one.
  const ticks = Math.ceil(grid.time - 1e-6);
  const last = ends.reduce((a, b) => Math.max(a, b), 0);
  const used = ends.reduce((n, end) => (end > 0 ? n + 1 : n), 0);
  const worked = ends.reduce((a, b) => a + b, 0);
  const sums = sumsOf(adding, course.costs);
  for (const row of rows)
    for (const { step: part, times: n } of partsOf(row, grid)) {
      addRun(sums, resultOf(part), times * row.times * n, used, adding.layout);
    }
  const begun = rows.reduce((sum, row) => sum + row.times * beginTicks(row), 0);
  addStall(sums, 'launch', times * begun, adding.layout);
  addStall(sums, 'tail', times * (used * last - worked), adding.layout);
  addStall(sums, 'transfer', times * used * (ticks - last), adding.layout);
  for (let r = 0; r < work.length; r++) {
    sums.work[r] = sums.work[r]! + times * work[r]!;
    sums.slowed[r] = sums.slowed[r]! + times * slowed[r]!;
  }
  sums.elapsed += times * ticks;
  const scenes = new Map<Part<Step>, Scene>();
  const blockOf = (sum: readonly { readonly step: Part<Step>; readonly times: number }[]): ChronicleBlock => ({
    kind: 'block',
    ticks: sum.reduce((total, { step, times: n }) => total + n * resultOf(step).ticks, 0),
    sum: sum.map(({ step: part, times: n }) => {
      const scene = scenes.get(part) ?? adding.scene(part.step, slowdownOf(part));
      scenes.set(part, scene);
      return { scene, times: n };
    }),
  });
  const parts = rowsOfLast.flatMap((row): ChroniclePart[] => {
    const ticks = beginTicks(inRow === undefined ? { ...row, length: 1 } : row);
    const begin: ChroniclePart[] = ticks === 0 ? [] : [{ kind: 'launch', ticks }];
    if (inRow !== undefined) return [...begin, blockOf(partsOf(row, grid))];
    const chronicle = chronicleOf([...begin, blockOf([{ step: row.step, times: 1 }])]);
    return [{ kind: 'repeat', times: row.length, chronicle }];
  });
  return chronicleOf(ticks > last ? [...parts, { kind: 'ports', ticks: ticks - last }] : parts);
}

/** Ticks that a tape holds each resource for with the ports to itself, not rounded. */
function heldTicks(tape: Tape, ticksPerCycle: number): Float64Array {
  const held = new Float64Array(tape.resources);
  tape.prices.forEach(({ uses }, p) => {
    for (const { resource, cycles } of uses) held[resource] = held[resource]! + tape.paid[p]! * cycles * ticksPerCycle;
  });
  return held;
}

/** Of these, ticks for the first tile of each keep that it fills before it first computes. */
function firstTicks({ operations, prices, resources }: Tape, ticksPerCycle: number): Float64Array {
  const { kind, subject, price } = operations;
  const held = new Float64Array(resources);
  const filled = new Set<number>();
  for (let i = 0; i < kind.length && kinds[kind.values[i]!] === 'fill'; i++) {
    const keep = subject.values[i]!;
    if (filled.has(keep)) continue;
    filled.add(keep);
    for (const { resource, cycles } of prices[price.values[i]!]!.uses)
      held[resource] = held[resource]! + cycles * ticksPerCycle;
  }
  return held;
}
