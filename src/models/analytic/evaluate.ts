import type { PlacedMapping } from '../../mapper/placed.ts';
import { arrayPoints, wholeEnvironment } from '../../mapper/tile.ts';
import { type Course, followCourse } from '../course.ts';
import { type Duration, dispatchSteps } from '../dispatch.ts';
import { machineResources } from '../resources.ts';
import type { Traffic } from '../traffic.ts';
import { shapeOf, sumOverLeaves } from '../walk.ts';
import { blockSpan, type Span, spanContext, steadyCycles } from './span.ts';

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
  const cycles = new Float64Array(resources.names.length);
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
          add(i, arrayPoints(binding, compute.einsum.variables, env) * binding.cyclesPerPoint);
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
  p.machine.levels.forEach((level, l) => {
    const moved = traffic.levels.get(level.name);
    if (moved === undefined) return;
    const add = (port: number | undefined, bytes: number): void => {
      if (port !== undefined) cycles[port] = cycles[port]! + bytes / resources.bytesPerCycle[port]!;
    };
    add(resources.ofRead(l), moved.read_bytes);
    add(resources.ofWrite(l), moved.write_bytes);
  });
  return { cycles, byCompute };
}

/** Latency in closed form, and the bound that holds for every schedule of the mapping. */
export function analyticTime(p: PlacedMapping, traffic: Traffic, busy: Busy): AnalyticTime {
  const ctx = spanContext(p, traffic);
  const course = followCourse<Span>(p, traffic, (costs, block, [env]) => blockSpan(ctx, costs, block, env!));
  const { instances } = machineResources(p.machine);
  let lower_bound_cycles = courseTime(course, (s) => s.bound, atLeast);
  busy.cycles.forEach((cycles, r) => {
    lower_bound_cycles = Math.max(lower_bound_cycles, cycles / instances[r]!);
  });
  return {
    latency_cycles: Math.max(
      lower_bound_cycles,
      courseTime(course, (s) => s.cycles, asDispatched),
    ),
    lower_bound_cycles,
  };
}

type Grid = Course<Span> & { kind: 'grid' };

/** Time of a course; `ofGrid` says how the times of its steps make that of a grid. */
function courseTime(course: Course<Span>, of: (span: Span) => number, ofGrid: (grid: Grid) => number): number {
  switch (course.kind) {
    case 'sequence':
      return course.parts.reduce((sum, part) => sum + part.times * courseTime(part.course, of, ofGrid), 0);
    case 'alone':
      return of(course.result);
    case 'grid':
      return ofGrid(course);
  }
}

const lastEnd = ({ steps, instances, dispatch }: Grid, duration: Duration<Span>): number =>
  dispatchSteps(steps, instances, dispatch, duration).ends.reduce((a, b) => Math.max(a, b), 0);

/** An instance that goes on to its next step takes as long for it as for one of many iterations of a pipeline. */
const asDispatched = (grid: Grid): number =>
  lastEnd(grid, ({ before, step, length }) => {
    const steady = steadyCycles(step, grid.inFlight);
    return length * steady + (before === undefined ? step.cycles - steady : 0);
  });

/** The longest step takes its time, and all steps theirs together, so many of one instance at a time. */
function atLeast(grid: Grid): number {
  const { steps, instances, dispatch, inFlight } = grid;
  const longest = steps.reduce((most, { step }) => Math.max(most, step.bound), 0);
  // Where the order alone decides who gets a step, each instance has to do what it gets.
  if (dispatch === 'static' || dispatch === 'contiguous')
    return Math.max(longest, lastEnd(grid, ({ step, length }) => length * step.bound) / inFlight);
  const total = steps.reduce((sum, { step, times }) => sum + times * step.bound, 0);
  return Math.max(longest, total / inFlight / instances);
}
