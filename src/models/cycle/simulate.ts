import type { PlacedMapping } from '../../mapper/placed.ts';
import { type Course, followCourse, placeFirstFree } from '../course.ts';
import { machineResources } from '../resources.ts';
import { countTraffic, type Traffic } from '../traffic.ts';
import { type CounterLayout, counterLayout } from './counters.ts';
import { type BlockRun, type Observer, runBlock } from './engine.ts';

export type SimulationOptions = {
  /** Skip iterations that repeat (default). Changes no number, only the time it takes. */
  readonly folding?: boolean;
  /** Sees every operation; nothing is then skipped or run once for several. */
  readonly observer?: Observer;
};

/** Totals of a simulated run, over all instances; a tick is `1 / ticksPerCycle` of a cycle. */
export type Simulation = {
  readonly ticks: number;
  readonly ticksPerCycle: number;
  readonly layout: CounterLayout;
  readonly totals: Float64Array;
  /** Operations that were walked, after folding. */
  readonly events: number;
  /**
   * Ticks that the totals account for, by resource: busy + stalls. A resource of every instance counts for each
   * instance that took part, and so does one that they share, of which each saw its part all the time.
   */
  readonly accounted: Float64Array;
};

/**
 * Runs the mapping as discrete events. Without a grid the whole machine is one instance. With one, each of its steps
 * is run on one instance with an equal part of the shared ports; each step goes to the instance that is free first,
 * and the grid ends with its slowest instance.
 */
export function simulateCycles(
  p: PlacedMapping,
  traffic: Traffic = countTraffic(p),
  options: SimulationOptions = {},
): Simulation {
  const resources = machineResources(p.machine);
  const layout = counterLayout(p, resources);
  const ticksPerCycle = resolution(p, traffic);
  const folding = options.folding !== false && options.observer === undefined;
  const runs = new Set<BlockRun>();
  const course = followCourse<BlockRun>(
    p,
    traffic,
    (costs, block, env) => {
      const run = runBlock(costs, block, env, ticksPerCycle, layout, folding, options.observer);
      runs.add(run);
      return run;
    },
    options.observer !== undefined,
  );
  const totals = new Float64Array(layout.length);
  const accounted = new Float64Array(resources.names.length);
  const ticks = addCourse(course, 1, totals, accounted, layout);
  let events = 0;
  for (const run of runs) events += run.events;
  return { ticks, ticksPerCycle, layout, totals, events, accounted };
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

/** Adds `times` runs of a course to the totals; returns the ticks of one. */
function addCourse(
  course: Course<BlockRun>,
  times: number,
  totals: Float64Array,
  accounted: Float64Array,
  layout: CounterLayout,
): number {
  switch (course.kind) {
    case 'sequence':
      return course.parts.reduce(
        (ticks, part) => ticks + part.times * addCourse(part.course, times * part.times, totals, accounted, layout),
        0,
      );
    case 'alone':
      addTimes(totals, course.result.counters.values, times);
      for (let r = 0; r < accounted.length; r++) accounted[r] = accounted[r]! + times * course.result.ticks;
      return course.result.ticks;
    case 'grid':
      return addGrid(course, times, totals, accounted, layout);
  }
}

function addTimes(totals: Float64Array, values: Float64Array, times: number): void {
  for (let i = 0; i < totals.length; i++) totals[i] = totals[i]! + times * values[i]!;
}

/** Instances that are done wait for the slowest. */
function addGrid(
  course: Course<BlockRun> & { kind: 'grid' },
  times: number,
  totals: Float64Array,
  accounted: Float64Array,
  layout: CounterLayout,
): number {
  const ends = placeFirstFree(course.steps, course.instances, (run) => run.ticks);
  const ticks = ends.reduce((a, b) => Math.max(a, b), 0);
  let steps = 0;
  let worked = 0;
  for (const { result, times: n } of course.steps) {
    addTimes(totals, result.counters.values, times * n);
    steps += n;
    worked += n * result.ticks;
  }
  const used = Math.min(course.instances, steps);
  for (let r = 0; r < accounted.length; r++) {
    const tail = layout.stall(r, 'tail');
    totals[tail] = totals[tail]! + times * (used * ticks - worked);
    accounted[r] = accounted[r]! + times * used * ticks;
  }
  return ticks;
}
