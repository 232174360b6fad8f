import { invariant } from '../../invariant.ts';
import type { Block, Branch, Keep, Loop, PlacedMapping } from '../../mapper/placed.ts';
import { type Environment, gridOf, wholeEnvironment } from '../../mapper/tile.ts';
import { type Costs, costsOf, machineResources } from '../resources.ts';
import { countTraffic, type Traffic } from '../traffic.ts';
import { enterStep, forEachRun, isActive, keyLength, shapeOf, writeKey } from '../walk.ts';
import { type CounterLayout, counterLayout } from './counters.ts';
import { type BlockRun, type Observer, runBlock } from './engine.ts';

export type SimulationOptions = {
  /** Skip iterations that repeat (default). Changes no number, only the time it takes. */
  readonly folding?: boolean;
  readonly observer?: Observer;
};

/** Totals of a simulated run, over all instances; ticks are `1 / ticksPerCycle` cycles. */
export type Simulation = {
  readonly ticks: number;
  readonly ticksPerCycle: number;
  readonly layout: CounterLayout;
  readonly totals: Float64Array;
  readonly events: number;
  /** How many of each resource the totals add up: its instances that took part, or 1 for what all share. */
  readonly counted: readonly number[];
};

/**
 * Runs the mapping as discrete events. Without a grid the whole machine is one instance. With one, each of its steps
 * is run on one instance with an equal part of the shared ports; steps go to instances in turn, each instance runs
 * its steps one after the other, and the grid ends with its slowest instance.
 */
export function simulateCycles(p: PlacedMapping, options: SimulationOptions = {}): Simulation {
  const traffic = countTraffic(p);
  const layout = counterLayout(p, machineResources(p.machine));
  const ticksPerCycle = resolution(p, traffic);
  const run: Runner = { p, traffic, layout, ticksPerCycle, options, known: new Map() };
  const env = wholeEnvironment(p.workload);
  if (p.grids.length > 0) {
    const total = runOuter(run, p.root, env);
    return { ...total, ticksPerCycle, layout };
  }
  const costs = costsOf(p, traffic, new Set(), []);
  const result = runBlock(costs, p.root, env, ticksPerCycle, layout, options.folding !== false, options.observer);
  return {
    ticks: result.ticks,
    ticksPerCycle,
    layout,
    totals: result.counters.values,
    events: result.events,
    counted: costs.resources.names.map(() => 1),
  };
}

type Runner = {
  readonly p: PlacedMapping;
  readonly traffic: Traffic;
  readonly layout: CounterLayout;
  readonly ticksPerCycle: number;
  readonly options: SimulationOptions;
  /** Runs of grid steps by what decides their course. */
  readonly known: Map<string, BlockRun>;
};

type Total = { ticks: number; totals: Float64Array; events: number; counted: number[] };

/**
 * Ticks a cycle: as many as keep every total an exact integer, at most 1024. The bound on the total is the time that
 * everything would take one after the other.
 */
function resolution(p: PlacedMapping, traffic: Traffic): number {
  let cycles = 0;
  for (const c of p.workload.einsums) cycles += c.variables.reduce((n, v) => n * p.workload.variables[v]!.size, 64);
  for (const m of traffic.movements) cycles += m.fill_bytes + m.drain_bytes;
  let ticks = 1024;
  while (ticks > 1 && cycles * ticks > 2 ** 52) ticks /= 2;
  return ticks;
}

/** The blocks around the grids: strict sequences of branches, one after the other. */
function runOuter(run: Runner, block: Block, env: Environment): Total {
  const total = emptyTotal(run);
  for (const branch of block.branches) add(run, total, runBranch(run, branch, env), 1);
  return total;
}

function runBranch(run: Runner, branch: Branch, env: Environment): Total {
  if (branch.kind === 'loop') {
    const grid = run.p.grids.find((g) => g[0] === branch);
    if (grid !== undefined) return runGrid(run, grid, env);
    if (run.p.grids.some((g) => g[0]!.above.includes(branch))) return runOuterLoop(run, branch, env);
  }
  return runAlone(run, branch, env);
}

function runOuterLoop(run: Runner, loop: Loop, env: Environment): Total {
  const total = emptyTotal(run);
  const einsums = run.p.computes.filter((c) => c.above.includes(loop)).map((c) => c.einsum);
  forEachRun(loop, shapeOf(einsums, run.p.workload.tensors), env, (_first, length) => {
    if (isActive(einsums, env)) add(run, total, runOuter(run, loop.block, env), length);
  });
  return total;
}

/** A branch beside the grids, on one instance. */
function runAlone(run: Runner, branch: Branch, env: Environment): Total {
  const block: Block = { strict: true, inFlight: 1, keeps: [], branches: [branch] };
  const costs = costsOf(run.p, run.traffic, keepsOutside(run.p, block), branch.above);
  const result = runBlock(
    costs,
    block,
    env,
    run.ticksPerCycle,
    run.layout,
    run.options.folding !== false,
    run.options.observer,
  );
  return {
    ticks: result.ticks,
    totals: result.counters.values,
    events: result.events,
    counted: costs.resources.names.map(() => 1),
  };
}

function keepsOutside(p: PlacedMapping, block: Block): ReadonlySet<Keep> {
  const inside = new Set<Keep>();
  const visit = (b: Block): void => {
    for (const keep of b.keeps) inside.add(keep);
    for (const branch of b.branches) if (branch.kind === 'loop') visit(branch.block);
  };
  visit(block);
  return new Set(p.keeps.filter((k) => !inside.has(k)));
}

function runGrid(run: Runner, grid: readonly Loop[], env: Environment): Total {
  const { p, layout } = run;
  const inner = grid.at(-1)!;
  const einsums = p.computes.filter((c) => c.above.includes(inner)).map((c) => c.einsum);
  const shape = shapeOf(einsums, p.workload.tensors);
  const costs = costsOf(p, run.traffic, keepsOutside(p, inner.block), [...inner.above, inner]);
  const level = grid[0]!.across!;
  const instances = p.machine.levels[level]!.totalInstances;
  const busyUntil = new Float64Array(instances);
  const total = emptyTotal(run);
  let step = 0;
  const place = (result: BlockRun, times: number): void => {
    const rounds = Math.floor(times / instances);
    if (rounds > 0) for (let i = 0; i < instances; i++) busyUntil[i] = busyUntil[i]! + rounds * result.ticks;
    for (let i = 0; i < times % instances; i++) {
      const instance = (step + i) % instances;
      busyUntil[instance] = busyUntil[instance]! + result.ticks;
    }
    step += times;
    addCounters(total.totals, result.counters.values, times);
  };
  const descend = (depth: number): void => {
    const loop = grid[depth];
    if (loop === undefined) {
      if (isActive(einsums, env)) place(runStep(run, costs, inner, shape, env, total), 1);
      return;
    }
    const last = depth === grid.length - 1;
    const lo = env.lo[loop.variable]!;
    const hi = env.hi[loop.variable]!;
    forEachRun(loop, shape, env, (first, length) => {
      if (last && isActive(einsums, env) && run.options.observer === undefined) {
        place(runStep(run, costs, inner, shape, env, total), length);
        return;
      }
      if (last && !isActive(einsums, env)) return;
      for (let i = 0; i < length; i++) {
        enterStep(loop, lo, hi, first + i, env);
        descend(depth + 1);
      }
    });
  };
  descend(0);
  const used = Math.min(instances, step);
  total.ticks = busyUntil.reduce((a, b) => Math.max(a, b), 0);
  finishGrid(total, costs, layout, busyUntil, used);
  return total;
}

/** Runs a step of a grid, unless one that takes the same course has been run. */
function runStep(
  run: Runner,
  costs: Costs,
  inner: Loop,
  shape: ReturnType<typeof shapeOf>,
  env: Environment,
  total: Total,
): BlockRun {
  const key = new Float64Array(keyLength(shape) + 1);
  writeKey(shape, env, key);
  key[key.length - 1] = inner.id;
  const name = key.join(' ');
  const known = run.options.observer === undefined ? run.known.get(name) : undefined;
  if (known !== undefined) return known;
  const result = runBlock(
    costs,
    inner.block,
    env,
    run.ticksPerCycle,
    run.layout,
    run.options.folding !== false,
    run.options.observer,
  );
  run.known.set(name, result);
  total.events += result.events;
  return result;
}

/**
 * Accounts for the end of a grid: instances that are done wait for the slowest. What instances share counts as one
 * resource: each saw a part of it for the whole time, so their mean is what it did.
 */
function finishGrid(total: Total, costs: Costs, layout: CounterLayout, busyUntil: Float64Array, used: number): void {
  const worked = busyUntil.reduce((a, b) => a + b, 0);
  const { totals } = total;
  costs.resources.names.forEach((_, r) => {
    const sharers = costs.sharers[r]!;
    const tail = layout.stall(r, 'tail');
    if (sharers === 1) {
      totals[tail] = totals[tail]! + used * total.ticks - worked;
      total.counted[r] = used;
      return;
    }
    totals[tail] = totals[tail]! + used * total.ticks - worked;
    total.counted[r] = used;
  });
}

function emptyTotal(run: Runner): Total {
  const { names } = machineResources(run.p.machine);
  return { ticks: 0, totals: new Float64Array(run.layout.length), events: 0, counted: names.map(() => 1) };
}

function addCounters(totals: Float64Array, values: Float64Array, times: number): void {
  for (let i = 0; i < totals.length; i++) totals[i] = totals[i]! + times * values[i]!;
}

function add(run: Runner, total: Total, part: Total, times: number): void {
  invariant(total.totals.length === part.totals.length, 'counters of different mappings');
  total.ticks += times * part.ticks;
  addCounters(total.totals, part.totals, times);
  total.events += part.events;
  part.counted.forEach((n, r) => {
    total.counted[r] = Math.max(total.counted[r]!, n);
  });
  void run;
}

export { gridOf };
