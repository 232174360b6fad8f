import type { BoundEinsum } from '../einsum/workload.ts';
import type { Block, Branch, Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { type Environment, wholeEnvironment } from '../mapper/tile.ts';
import type { Steps } from './dispatch.ts';
import { type Costs, costsOf } from './resources.ts';
import type { Traffic } from './traffic.ts';
import { pastsOf } from './visited.ts';
import { enterStep, forEachRun, isActive, keyLength, type Shape, shapeOf, writeKey } from './walk.ts';

/**
 * The course of a mapping outside and across its grids, for whatever model says what one block costs on one
 * instance: blocks that run alone, grids of steps, and sequences of those.
 */
export type Course<T> =
  | { readonly kind: 'sequence'; readonly parts: readonly { readonly course: Course<T>; readonly times: number }[] }
  | { readonly kind: 'alone'; readonly result: T; readonly costs: Costs }
  | {
      readonly kind: 'grid';
      readonly costs: Costs;
      readonly instances: number;
      readonly dispatch: Loop['dispatch'];
      readonly steps: Steps<T>;
    };

export type Evaluate<T> = (costs: Costs, block: Block, env: Environment) => T;

/**
 * Follows the course. Steps of a grid that differ only by a shift are evaluated once, unless `distinct` asks for
 * each on its own.
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
    return { kind: 'alone', result: evaluate(costs, p.root, env), costs };
  }
  const follower: Follower<T> = { p, traffic, evaluate, distinct, known: new Map() };
  return followBlock(follower, p.root, env);
}

type Follower<T> = {
  readonly p: PlacedMapping;
  readonly traffic: Traffic;
  readonly evaluate: Evaluate<T>;
  readonly distinct: boolean;
  readonly known: Map<string, T>;
};

const followBlock = <T>(f: Follower<T>, block: Block, env: Environment): Course<T> => ({
  kind: 'sequence',
  parts: block.branches.map((branch) => ({ course: followBranch(f, branch, env), times: 1 })),
});

function followBranch<T>(f: Follower<T>, branch: Branch, env: Environment): Course<T> {
  if (branch.kind === 'loop') {
    const grid = f.p.grids.find((g) => g[0] === branch);
    if (grid !== undefined) return followGrid(f, grid, env);
    if (f.p.grids.some((g) => g[0]!.above.includes(branch))) return followLoop(f, branch, env);
  }
  const block: Block = { strict: true, inFlight: 1, keeps: [], branches: [branch] };
  const costs = costsOf(f.p, f.traffic, keepsOutside(f.p, block), branch.above);
  return { kind: 'alone', result: f.evaluate(costs, block, env), costs };
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
function keepsOutside(p: PlacedMapping, block: Block): ReadonlySet<Keep> {
  const inside = new Set<Keep>();
  const visit = (b: Block): void => {
    for (const keep of b.keeps) inside.add(keep);
    for (const branch of b.branches) if (branch.kind === 'loop') visit(branch.block);
  };
  visit(block);
  return new Set(p.keeps.filter((k) => !inside.has(k)));
}

function followGrid<T>(f: Follower<T>, grid: readonly Loop[], env: Environment): Course<T> {
  const { p } = f;
  const inner = grid.at(-1)!;
  const einsums = p.computes.filter((c) => c.above.includes(inner)).map((c) => c.einsum);
  const shape = shapeUnder(p, inner, einsums);
  const costs = costsOf(p, f.traffic, keepsOutside(p, inner.block), [...inner.above, inner]);
  const steps: { step: T; times: number }[] = [];
  const add = (times: number): void => {
    const step = evaluateStep(f, costs, inner, shape, env);
    const last = steps.at(-1);
    if (last?.step === step) last.times += times;
    else steps.push({ step, times });
  };
  const descend = (depth: number): void => {
    const loop = grid[depth]!;
    const lo = env.lo[loop.variable]!;
    const hi = env.hi[loop.variable]!;
    forEachRun(loop, shape, env, (first, length) => {
      if (!isActive(einsums, env)) return;
      if (depth === grid.length - 1 && !f.distinct) {
        add(length);
        return;
      }
      for (let i = 0; i < length; i++) {
        enterStep(loop, lo, hi, first + i, env);
        if (depth < grid.length - 1) descend(depth + 1);
        else add(1);
      }
    });
  };
  descend(0);
  const instances = p.machine.levels[inner.across!]!.totalInstances;
  return { kind: 'grid', costs, instances, dispatch: inner.dispatch, steps };
}

/** Evaluates a step of a grid, unless one that takes the same course has been evaluated. */
function evaluateStep<T>(f: Follower<T>, costs: Costs, inner: Loop, shape: Shape, env: Environment): T {
  if (f.distinct) return f.evaluate(costs, inner.block, env);
  const key = new Float64Array(keyLength(shape) + 1);
  writeKey(shape, env, key);
  key[key.length - 1] = inner.id;
  const name = key.join(' ');
  const known = f.known.get(name);
  if (known !== undefined) return known;
  const result = f.evaluate(costs, inner.block, env);
  f.known.set(name, result);
  return result;
}
