import type { Machine } from '../arch/machine.ts';
import type { BoundEinsum } from '../einsum/workload.ts';
import type { Block, Branch, Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { copyEnvironment, type Environment, wholeEnvironment } from '../mapper/tile.ts';
import type { Row, Steps } from './dispatch.ts';
import { keyLength, type Shape, shapeOf, stillShape, writeKey } from './likeness.ts';
import { loopsInside, type Reach, reachOf } from './reach.ts';
import { type Costs, costsOf } from './resources.ts';
import { enterStep, forEachRun } from './runs.ts';
import type { Traffic } from './traffic.ts';
import { pastsOf } from './visited.ts';
import { isActive } from './walk.ts';

/**
 * The course of a mapping outside and across its grids, for whatever model says what one block costs on one
 * instance: blocks that run alone, grids of steps, and sequences of those.
 */
export type Course<T> =
  | { readonly kind: 'sequence'; readonly parts: readonly { readonly course: Course<T>; readonly times: number }[] }
  | { readonly kind: 'alone'; readonly result: T; readonly costs: Costs }
  /** Until the first steps of a grid begin. */
  | { readonly kind: 'launch'; readonly cycles: number; readonly costs: Costs }
  | {
      readonly kind: 'grid';
      readonly costs: Costs;
      readonly instances: number;
      /** Cycles that an instance needs to begin a step; a persistent one does so once. */
      readonly stepCycles: number;
      readonly persistent: boolean;
      readonly dispatch: Loop['dispatch'];
      readonly steps: Steps<T>;
      /** Of persistent instances: several steps, each directly after the one before it. */
      readonly inRow: ((steps: readonly T[]) => T) | undefined;
      /** Steps of one instance that are under way at any time. */
      readonly inFlight: number;
    };

export type GridCourse<T> = Course<T> & { readonly kind: 'grid' };

/** How often an instance begins a step in a row: a persistent one only with the first thing it does. */
export const beginsIn = (
  { persistent }: Pick<GridCourse<unknown>, 'persistent'>,
  { before, length }: Pick<Row<unknown>, 'before' | 'length'>,
): number => (persistent ? (before === undefined ? 1 : 0) : length);

/** What a block costs that is run once from each of the places where the loops stand, as its pipeline allows. */
export type Evaluate<T> = (costs: Costs, block: Block, starts: readonly Environment[]) => T;

/**
 * Follows the course. Steps of a grid that differ only by a shift are evaluated once, unless `distinct` asks for
 * each on its own; those of persistent instances are then evaluated together, as if one instance ran them all.
 */
export function followCourse<T>(
  p: PlacedMapping,
  traffic: Traffic,
  evaluate: Evaluate<T>,
  distinct = false,
): Course<T> {
  const env = wholeEnvironment(p.workload);
  if (p.grids.length === 0) {
    const costs = costsOf(p, traffic, new Set(), []);
    return { kind: 'alone', result: evaluate(costs, p.root, [env]), costs };
  }
  const follower: Follower<T> = { p, traffic, evaluate, distinct, known: new Map(), starts: new Map() };
  return followBlock(follower, p.root, env);
}

type Follower<T> = {
  readonly p: PlacedMapping;
  readonly traffic: Traffic;
  readonly evaluate: Evaluate<T>;
  readonly distinct: boolean;
  /** Steps that have been evaluated, by all that they depend on. */
  readonly known: Map<string, T>;
  /** Where the loops stood at each of them. */
  readonly starts: Map<T, Environment>;
};

const followBlock = <T>(f: Follower<T>, block: Block, env: Environment): Course<T> => ({
  kind: 'sequence',
  parts: block.branches.map((branch) => ({ course: followBranch(f, branch, env), times: 1 })),
});

function followBranch<T>(f: Follower<T>, branch: Branch, env: Environment): Course<T> {
  if (branch.kind === 'loop') {
    const grid = f.p.grids.find((g) => g[0] === branch);
    if (grid !== undefined) return withLaunch(f.p.machine, grid.at(-1)!, followGrid(f, grid, env));
    if (f.p.grids.some((g) => g[0]!.above.includes(branch))) return followLoop(f, branch, env);
  }
  const block: Block = { strict: true, inFlight: 1, keeps: [], branches: [branch] };
  const costs = costsOf(f.p, f.traffic, keepsOutside(f.p, block), branch.above);
  return { kind: 'alone', result: f.evaluate(costs, block, [env]), costs };
}

function followLoop<T>(f: Follower<T>, loop: Loop, env: Environment): Course<T> {
  const einsums = f.p.computes.filter((c) => c.above.includes(loop)).map((c) => c.einsum);
  const parts: { course: Course<T>; times: number }[] = [];
  const lo = env.lo[loop.variable]!;
  const hi = env.hi[loop.variable]!;
  forEachRun(loop, shapeUnder(f.p, loop, einsums), env, (first, length) => {
    if (!isActive(einsums, env)) return;
    for (let i = 0; i < (f.distinct ? length : 1); i++) {
      enterStep(loop, lo, hi, first + i, env);
      parts.push({ course: followBlock(f, loop.block, env), times: f.distinct ? 1 : length });
    }
  });
  return { kind: 'sequence', parts };
}

const shapeUnder = (p: PlacedMapping, loop: Loop, einsums: readonly BoundEinsum[]): Shape =>
  shapeOf(
    einsums,
    p.workload.tensors,
    pastsOf(
      p,
      einsums,
      p.keeps.filter((k) => k.above.includes(loop)),
    ),
  );

/** Keeps that a block does not declare itself: what runs in it finds them in place. */
export function keepsOutside(p: PlacedMapping, block: Block): ReadonlySet<Keep> {
  const inside = new Set<Keep>();
  const visit = (b: Block): void => {
    for (const keep of b.keeps) inside.add(keep);
    for (const branch of b.branches) if (branch.kind === 'loop') visit(branch.block);
  };
  visit(block);
  return new Set(p.keeps.filter((k) => !inside.has(k)));
}

/** A grid after its launch, where that takes time. */
export function withLaunch<T>({ levels }: Machine, { across }: Loop, grid: GridCourse<T>): Course<T> {
  const cycles = levels[across!]!.launch_cycles;
  if (cycles === 0) return grid;
  const launch = { kind: 'launch', cycles, costs: grid.costs } as const;
  return { kind: 'sequence', parts: [launch, grid].map((course) => ({ course, times: 1 })) };
}

function followGrid<T>(f: Follower<T>, grid: readonly Loop[], env: Environment): GridCourse<T> {
  const { p } = f;
  const inner = grid.at(-1)!;
  const einsums = p.computes.filter((c) => c.above.includes(inner)).map((c) => c.einsum);
  const shape = stillShape(shapeUnder(p, inner, einsums));
  const costs = costsOf(p, f.traffic, keepsOutside(p, inner.block), [...inner.above, inner]);
  const reaches = grid.map((loop) => reachOf(einsums, loopsInside(loop.block)));
  const together: Environment[] | undefined = f.distinct && inner.persistent ? [] : undefined;
  /** Steps of the loops from a depth on; those inside iterations that are alike are evaluated once and come again. */
  const stepsFrom = (depth: number): readonly Step<T>[] => {
    if (depth === grid.length) {
      if (together === undefined)
        return [{ step: evaluateStep(f, costs, inner, shape, env, reaches.at(-1)), times: 1 }];
      together.push(copyEnvironment(env));
      return [];
    }
    const loop = grid[depth]!;
    const lo = env.lo[loop.variable]!;
    const hi = env.hi[loop.variable]!;
    const found: Step<T>[] = [];
    const visit = (first: number, length: number): void => {
      if (!isActive(einsums, env)) return;
      for (let i = 0; i < (f.distinct ? length : 1); i++) {
        enterStep(loop, lo, hi, first + i, env);
        repeatSteps(found, stepsFrom(depth + 1), f.distinct ? 1 : length);
      }
    };
    forEachRun(loop, shape, env, visit, reaches[depth]);
    return found;
  };
  const steps = [...stepsFrom(0)];
  if (together !== undefined && together.length > 0)
    steps.push({ step: f.evaluate(costs, inner.block, together), times: 1 });
  return {
    kind: 'grid',
    costs,
    instances: p.machine.levels[inner.across!]!.totalInstances,
    stepCycles: p.machine.levels[inner.across!]!.step_cycles,
    persistent: inner.persistent,
    dispatch: inner.dispatch,
    steps,
    inRow: inner.persistent ? evaluateRows(f, costs, inner) : undefined,
    inFlight: inner.persistent ? inner.block.inFlight : 1,
  };
}

type Step<T> = { readonly step: T; times: number };

/** Adds the steps so many times, equal neighbours as one. */
function repeatSteps<T>(to: Step<T>[], steps: readonly Step<T>[], length: number): void {
  const [only] = steps;
  const alike = steps.length === 1 ? [{ ...only!, times: only!.times * length }] : steps;
  for (let i = 0; i < (steps.length === 1 ? 1 : length); i++)
    for (const { step, times } of alike) {
      const last = to.at(-1);
      if (last?.step === step) last.times += times;
      else to.push({ step, times });
    }
}

/** Evaluates steps that one instance runs one after the other, each row once. */
function evaluateRows<T>(f: Follower<T>, costs: Costs, { block }: Loop): (steps: readonly T[]) => T {
  type Known = { result: T | undefined; readonly longer: Map<T, Known> };
  const root: Known = { result: undefined, longer: new Map() };
  return (steps) => {
    let known = root;
    for (const step of steps) {
      const next = known.longer.get(step) ?? { result: undefined, longer: new Map() };
      known.longer.set(step, next);
      known = next;
    }
    known.result ??= f.evaluate(
      costs,
      block,
      steps.map((step) => f.starts.get(step)!),
    );
    return known.result;
  };
}

/** Evaluates a step of a grid, unless one that takes the same course has been evaluated. */
function evaluateStep<T>(
  f: Follower<T>,
  costs: Costs,
  inner: Loop,
  shape: Shape,
  env: Environment,
  reach: Reach | undefined,
): T {
  if (f.distinct) return f.evaluate(costs, inner.block, [env]);
  const key = new Float64Array(keyLength(shape, reach) + 1);
  writeKey(shape, env, key, 0, reach);
  key[key.length - 1] = inner.id;
  const name = key.join(' ');
  const known = f.known.get(name);
  if (known !== undefined) return known;
  const result = f.evaluate(costs, inner.block, [env]);
  f.known.set(name, result);
  f.starts.set(result, copyEnvironment(env));
  return result;
}
