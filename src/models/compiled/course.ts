import type { Machine } from '../../arch/machine.ts';
import type { Block, Branch, Keep, Loop, PlacedMapping } from '../../mapper/placed.ts';
import { keptShare } from '../accesses.ts';
import { type AnalyticTime, type Estimate, settleCourse } from '../analytic/evaluate.ts';
import type { Span } from '../analytic/span.ts';
import { type Course, keepsOutside, withLaunch } from '../course.ts';
import { type Costs, costsOf, isOwn, machineResources } from '../resources.ts';
import { functionOf } from './code.ts';
import { costsAlone, type Held } from './costs.ts';
import type { Counts } from './counts.ts';
import type { Factors } from './factors.ts';
import type { Value } from './graph.ts';
import { mostSteps } from './room.ts';
import { blockSpan, firstFills, type Moved } from './span.ts';

/** Grids that are launched once, in which nothing is read once for several instances, nor added up by them. */
export const isPlainCourse = ({ grids, keeps, machine }: PlacedMapping): boolean => {
  const isServed = ({ fill, local, parent }: Keep): boolean =>
    fill === 'always' && local && parent?.local === false && machine.levels[parent.level]!.multicast;
  // With other steps a loop may add up what it makes at once in these.
  const isPlain = (grid: readonly Loop[]): boolean =>
    grid[0]!.above.length === 0 && grid.every((loop) => loop.adding.length === 0);
  return grids.every(isPlain) && keeps.every((k) => k.holds && !isServed(k));
};

/** How many open numbers a step of a grid has, after those of the mapping: slowdown by resource, extent by variable. */
export const stepNumbers = ({ grids, machine, workload }: PlacedMapping): number =>
  grids.length === 0 ? 0 : machineResources(machine).names.length + workload.variables.length;

/** What a course is of besides the open numbers of the graph: the machine, and the extents of all variables. */
export type Around = { readonly machine: Machine; readonly sizes: Float64Array };

/**
 * The time of a mapping with grids, of the open numbers in `numbers` and of how long the busiest resource is busy. What
 * a step takes is a function, of its extents and of the slowdown of the ports that instances share; how steps are given
 * out and how instances meet is for the general model.
 */
export function courseOf(
  f: Factors,
  counts: Counts,
  moved: Moved,
  numbers: Float64Array,
): (busiest: number, around: Around) => AnalyticTime {
  const parts = f.p.root.branches.map((branch) => partOf(f, counts, moved, branch, numbers));
  return (busiest, around) => {
    const course = { kind: 'sequence', parts: parts.map((part) => ({ course: part(around), times: 1 })) } as const;
    return settleCourse(course, busiest);
  };
}

/** A grid of the outermost block, or what is beside it. */
function partOf(
  f: Factors,
  { accessed }: Counts,
  moved: Moved,
  branch: Branch,
  numbers: Float64Array,
): (around: Around) => Course<Estimate> {
  const { p, graph: g } = f;
  const { variables } = p.workload;
  const grid = p.grids.find(([outer]) => outer === branch);
  const inner = grid?.at(-1);
  const block: Block = inner?.block ?? { strict: true, inFlight: 1, keeps: [], branches: [branch] };
  const outside = keepsOutside(p, block);
  const nothing = { movements: [], computes: [], accesses: [], levels: new Map() };
  const costsOn = (machine: Machine): Costs =>
    costsOf({ ...p, machine }, nothing, outside, inner === undefined ? [] : [...inner.above, inner]);
  const { resources } = costsOn(p.machine);
  const unhindered = new Float64Array(resources.names.length).fill(1);
  const isShared = resources.levels.map((level) => inner !== undefined && !isOwn(p.machine, inner.across!, level));

  const first = numbers.length - stepNumbers(p);
  const slowdown = numbers.subarray(first, first + isShared.length);
  const extents = numbers.subarray(first + isShared.length);
  const active = g.min(
    grid === undefined ? 1 : p.machine.levels[inner!.across!]!.totalInstances,
    mostSteps(f, grid ?? []),
  );
  const ratio = (bytes: Value, keep: Keep, accesses: Value): Value =>
    outside.has(keep) && keep.parent !== undefined
      ? g.ifAbove(accesses, 0, g.divide(g.multiply(keptShare(keep), bytes), accesses), 0)
      : 0;
  const context = {
    f,
    ...moved,
    costs: {
      ...costsAlone(f),
      sharers: isShared.map((shared) => (shared ? active : 1)),
      slowdown: isShared.map((shared, r) => (shared && resources.kinds[r] === 'port' ? g.input(first + r) : 1)),
      fillRatio: p.keeps.map((keep, k) => ratio(moved.fillBytes[k]!, keep, accessed[k]!.read)),
      drainRatio: p.keeps.map((keep, k) => ratio(moved.drainBytes[k]!, keep, accessed[k]!.written)),
    },
  };
  const isCut = variables.map((_, v) => grid?.some((l) => l.variable === v) === true);
  const at = variables.map((_, v) => (isCut[v] ? g.input(first + isShared.length + v) : f.sizes[v]!));
  const span = blockSpan(context, block, { extents: at, steps: undefined });
  const byResource = (held: Held): readonly Value[] => isShared.map((_, r) => held.get(r) ?? 0);
  const values = [span.busy, span.certain, firstFills(context, block)].flatMap(byResource);
  const out = new Float64Array(values.length + 3);
  const run = functionOf([...values, span.cycles, span.bound, active], numbers, out);
  const [busy, certain, fetched] = [0, 1, 2].map((i) => out.subarray(i * isShared.length, (i + 1) * isShared.length));
  const [cycles, bound, running] = [values.length, values.length + 1, values.length + 2];

  const spanAt = (sizes: Float64Array, slow: Float64Array): Span => {
    extents.set(sizes);
    slowdown.set(slow);
    run();
    return { cycles: out[cycles]!, bound: out[bound]!, busy: busy!.slice(), certain: certain!.slice() };
  };
  const estimateAt = (sizes: Float64Array): Estimate => {
    const alone = spanAt(sizes, unhindered);
    return { alone, first: fetched!.slice(), under: (slow) => spanAt(sizes, slow) };
  };
  return ({ machine, sizes }) => {
    const costs = costsOn(machine);
    if (grid === undefined) return { kind: 'alone', result: estimateAt(sizes), costs };
    const steps = stepsOf(grid, numbers, sizes, estimateAt);
    const level = machine.levels[inner!.across!]!;
    return withLaunch(machine, inner!, {
      kind: 'grid',
      costs: { ...costs, sharers: isShared.map((shared) => (shared ? out[running]! : 1)) },
      instances: level.totalInstances,
      stepCycles: level.step_cycles,
      persistent: inner!.persistent,
      dispatch: inner!.dispatch,
      steps,
      inRow: undefined,
      inFlight: inner!.persistent && !block.strict ? numbers[p.loops.length + p.keeps.length + inner!.id]! : 1,
    });
  };
}

type StepRun = { readonly step: Estimate; times: number };

/** The steps of a grid in their order, those of one extent estimated once. */
function stepsOf(
  grid: readonly Loop[],
  tiles: Float64Array,
  whole: Float64Array,
  estimateAt: (sizes: Float64Array) => Estimate,
): readonly StepRun[] {
  const known = new Map<string, Estimate>();
  const within = (depth: number, sizes: Float64Array): readonly StepRun[] => {
    const loop = grid[depth];
    if (loop === undefined) {
      const name = sizes.join();
      const step = known.get(name) ?? estimateAt(sizes);
      known.set(name, step);
      return [{ step, times: 1 }];
    }
    const extent = sizes[loop.variable]!;
    const tile = Math.min(extent, tiles[loop.id]!);
    const full = Math.floor(extent / tile);
    const left = extent - full * tile;
    const inside = (length: number): readonly StepRun[] => within(depth + 1, sizes.with(loop.variable, length));
    const steps: StepRun[] = [];
    const append = (runs: readonly StepRun[]): void => {
      for (const { step, times } of runs) {
        const last = steps.at(-1);
        if (last?.step === step) last.times += times;
        else steps.push({ step, times });
      }
    };
    const each = inside(tile);
    if (each.length === 1) append([{ step: each[0]!.step, times: full * each[0]!.times }]);
    else for (let i = 0; i < full; i++) append(each);
    if (left > 0) append(inside(left));
    return steps;
  };
  return within(0, whole);
}
