import type { PlacedMapping } from '../../mapper/placed.ts';
import { copyEnvironment, wholeEnvironment } from '../../mapper/tile.ts';
import { contendedGrid, sharedWork } from '../contention.ts';
import { beginsIn, type Course, followCourse, type GridCourse } from '../course.ts';
import { type Duration, dispatchedEnds } from '../dispatch.ts';
import { shapeOf } from '../likeness.ts';
import { machineResources, unitCycles } from '../resources.ts';
import type { Traffic } from '../traffic.ts';
import { sumOverLeaves } from '../walk.ts';
import { blockSpan, firstFills, type Span, spanContext, steadyCycles } from './span.ts';

export type AnalyticTime = {
  readonly latency_cycles: number;
  /** No schedule of this mapping is faster. */
  readonly lower_bound_cycles: number;
};

/** Cycles of each resource, summed over its instances, exactly: whatever the schedule, this much is to be done. */
export type Busy = {
  readonly cycles: Float64Array;
  /** The part of each compute, in the order of the mapping's computes. */
  readonly byCompute: readonly Float64Array[];
};

export function busyCycles(p: PlacedMapping, traffic: Traffic): Busy {
  const resources = machineResources(p.machine);
  const cycles = portCycles(p, traffic);
  const byCompute = p.computes.map((compute) => {
    const held = new Float64Array(cycles.length);
    const shape = shapeOf([compute.einsum], p.workload.tensors);
    const sums = sumOverLeaves(
      compute.above,
      [compute.einsum],
      shape,
      wholeEnvironment(p.workload),
      compute.bindings.length,
      (env, add) => {
        compute.bindings.forEach((binding, i) => {
          add(i, unitCycles(p, compute, binding, env));
        });
      },
    );
    compute.bindings.forEach((binding, i) => {
      const r = resources.ofUnit(binding.unit);
      held[r] = held[r]! + sums[i]!;
    });
    held.forEach((c, r) => {
      cycles[r] = cycles[r]! + c;
    });
    return held;
  });
  return { cycles, byCompute };
}

/** Cycles that ports take for all that moves, by resource, summed over their instances. */
export function portCycles(p: PlacedMapping, traffic: Traffic): Float64Array {
  const resources = machineResources(p.machine);
  const cycles = new Float64Array(resources.names.length);
  p.machine.levels.forEach((level, l) => {
    const moved = traffic.levels.get(level.name);
    if (moved === undefined) return;
    const add = (port: number | undefined, bytes: number): void => {
      if (port !== undefined) cycles[port] = cycles[port]! + bytes / resources.bytesPerCycle[port]!;
    };
    add(resources.ofRead(l), moved.read_bytes);
    add(resources.ofWrite(l), moved.write_bytes);
  });
  return cycles;
}

/** A block in closed form, at any slowdown of what its instance shares, and with all ports to itself. */
export type Estimate = {
  readonly under: (slowdown: Float64Array) => Span;
  readonly alone: Span;
  /** Cycles that it holds each resource for what it fetches before it first computes. */
  readonly first: Float64Array;
};

/** The time of a mapping, in closed form, as far as it is asked for. */
export type TimeEstimate = {
  /** The estimate of the latency is no less: it is what the instances do without meeting at their ports, shared out evenly. */
  readonly floor_cycles: number;
  readonly settle: () => AnalyticTime;
};

/** Latency in closed form, and the bound that holds for every schedule of the mapping. */
export const analyticTime = (p: PlacedMapping, traffic: Traffic, busy: Busy): AnalyticTime =>
  estimateTime(p, traffic, busy).settle();

export function estimateTime(p: PlacedMapping, traffic: Traffic, busy: Busy): TimeEstimate {
  const ctx = spanContext(p, traffic);
  const course = followCourse<Estimate>(p, traffic, (costs, block, [env]) => {
    const start = copyEnvironment(env!);
    const under = (slowdown: Float64Array): Span => blockSpan(ctx, { ...costs, slowdown }, block, start);
    return { under, alone: under(costs.slowdown), first: firstFills(ctx, costs, block) };
  });
  const { instances } = machineResources(p.machine);
  const busiest = busy.cycles.reduce((most, cycles, r) => Math.max(most, cycles / instances[r]!), 0);
  return {
    floor_cycles: Math.max(
      busiest,
      courseTime(course, (e) => e.alone.cycles, shared),
    ),
    settle: () => settleCourse(course, busiest),
  };
}

/** Time of a course in which the busiest resource is busy so long. */
export function settleCourse(course: Course<Estimate>, busiest: number): AnalyticTime {
  const lower_bound_cycles = Math.max(
    busiest,
    courseTime(course, (e) => e.alone.bound, atLeast),
  );
  const latency_cycles = Math.max(
    lower_bound_cycles,
    courseTime(course, (e) => e.alone.cycles, contended),
  );
  return { latency_cycles, lower_bound_cycles };
}

/** Time of a course; `ofGrid` says how long a grid takes. */
function courseTime(
  course: Course<Estimate>,
  ofAlone: (e: Estimate) => number,
  ofGrid: (grid: Grid) => number,
): number {
  switch (course.kind) {
    case 'sequence':
      return course.parts.reduce((sum, part) => sum + part.times * courseTime(part.course, ofAlone, ofGrid), 0);
    case 'alone':
      return ofAlone(course.result);
    case 'launch':
      return course.cycles;
    case 'grid':
      return ofGrid(course);
  }
}

type Grid = GridCourse<Estimate>;

const lastEnd = ({ steps, instances, dispatch }: Grid, duration: Duration<Estimate>): number =>
  dispatchedEnds(steps, instances, dispatch, duration).reduce((a, b) => Math.max(a, b), 0);

/** Estimate of a grid whose instances slow each other down. */
const contended = (grid: Grid): number =>
  contendedGrid<Estimate, { readonly cycles: number; readonly steady: number }>(grid, {
    work: (e) => e.alone.busy,
    first: (e) => e.first,
    run: (e, slowdown) => {
      const span = slowdown.every((x) => x === 1) ? e.alone : e.under(slowdown);
      return { cycles: span.cycles, steady: steadyCycles(span, grid.inFlight, grid.costs.placed.machine.overlap) };
    },
    duration: (row, { resultOf }) => {
      const { before, step, length } = row;
      // An instance that goes on to its next step takes as long for it as for one of many iterations of a pipeline.
      const { cycles, steady } = resultOf(step);
      return beginsIn(grid, row) * grid.stepCycles + length * steady + (before === undefined ? cycles - steady : 0);
    },
  }).time;

/** All steps, each with its ports to itself, shared out evenly. */
const shared = ({ costs, steps, instances, inFlight, stepCycles, persistent }: Grid): number => {
  const { overlap } = costs.placed.machine;
  const begin = persistent ? 0 : stepCycles;
  const each = (alone: Span): number => begin + steadyCycles(alone, inFlight, overlap);
  return steps.reduce((sum, { step, times }) => sum + times * each(step.alone), 0) / instances;
};

/** The longest step takes its time, all steps theirs together, so many of one instance at a time, and each port its own. */
function atLeast(grid: Grid): number {
  const { costs, steps, instances, dispatch, inFlight } = grid;
  const ports = sharedWork(costs, steps, (e) => e.alone.certain).reduce((a, b) => Math.max(a, b), 0);
  const longest = steps.reduce((most, { step }) => Math.max(most, step.alone.bound), 0);
  // Where the order alone decides who gets a step, each instance has to do what it gets.
  if (dispatch === 'static' || dispatch === 'contiguous')
    return Math.max(ports, longest, lastEnd(grid, ({ step, length }) => length * step.alone.bound) / inFlight);
  const total = steps.reduce((sum, { step, times }) => sum + times * step.alone.bound, 0);
  return Math.max(ports, longest, total / inFlight / instances);
}
