import type { Accounting } from '../arch/machine.ts';
import { placeMapping } from '../mapper/place.ts';
import { evaluateMapping } from '../models/evaluate.ts';
import { type Axis, addCosts, createFront, type Front, offer } from './front.ts';
import { tariffOf } from './ledger.ts';
import type { Limits } from './mapspace.ts';
import type { Cost, Objective } from './objective.ts';
import { partOf } from './part.ts';
import { homeOf, type Nest, type Plan, type Problem } from './plan.ts';
import { createTally, searchNest, type Tally } from './search-nest.ts';
import { writePlan } from './write-plan.ts';

export type SearchOptions = {
  readonly limits: Limits;
  /** Parts of the cost that are weighed against each other; one of them for one objective. */
  readonly axes: readonly Axis[];
  /** Name of one of the machine's accountings. */
  readonly accounting: string;
};

export type Found = { readonly plans: readonly { readonly cost: Cost; readonly plan: Plan }[]; readonly tally: Tally };

/** What an objective depends on. */
export const axesOf: Readonly<Record<Objective, readonly Axis[]>> = {
  latency: ['latency_cycles'],
  energy: ['energy_pj'],
  edp: ['latency_cycles', 'energy_pj'],
  'dram-bytes': ['home_bytes'],
};

/**
 * The best plans of a workload on a machine. Nests follow each other, so costs add up, and the best of the first Einsums
 * are among the best of fewer of them with a best nest of the rest.
 */
export function searchMappings(problem: Problem, options: SearchOptions): Found {
  const { workload } = problem;
  const tally = createTally();
  const fronts: Front<readonly Nest[]>[] = [createFront(options.axes)];
  fronts[0]!.found.push({ cost: { latency_cycles: 0, energy_pj: 0, home_bytes: 0 }, value: [] });
  for (let end = 1; end <= workload.einsums.length; end++) {
    const front = createFront<readonly Nest[]>(options.axes);
    for (let first = 0; first < end; first++) {
      const einsums = Array.from({ length: end - first }, (_, i) => first + i);
      for (const last of bestNests(problem, einsums, options, tally))
        for (const before of fronts[first]!.found)
          offer(front, addCosts(before.cost, last.cost), [...before.value, last.value]);
    }
    fronts.push(front);
  }
  return { plans: fronts.at(-1)!.found.map(({ cost, value }) => ({ cost, plan: { nests: value } })), tally };
}

/** The best nests of some Einsums; in them Einsums have the positions of the whole workload. */
function bestNests(
  { workload, machine }: Problem,
  einsums: readonly number[],
  { axes, limits, accounting }: SearchOptions,
  tally: Tally,
): readonly { readonly cost: Cost; readonly value: Nest }[] {
  const problem = { workload: partOf(workload, einsums), machine };
  const charged: Accounting = machine.accountings.get(accounting)!;
  const tariff = tariffOf(problem.workload, machine, charged);
  const front = createFront<Nest>(axes);
  searchNest(problem, limits, tariff, (nest) => evaluatePlan(problem, { nests: [nest] }, accounting), front, tally);
  return front.found.map(({ cost, value }) => ({ cost, value: renumbered(value, einsums) }));
}

const renumbered = (nest: Nest, einsums: readonly number[]): Nest => ({
  ...nest,
  einsums: nest.einsums.map((e) => einsums[e]!),
  bindings: new Map([...nest.bindings].map(([e, choices]) => [einsums[e]!, choices])),
});

/** What the closed form says of a plan; undefined: it is not legal. */
export function evaluatePlan(problem: Problem, plan: Plan, accounting: string): Cost | undefined {
  const placed = placeMapping(writePlan(problem, plan, 'found'), problem.workload, problem.machine);
  if (!placed.ok) return undefined;
  const metrics = evaluateMapping(placed.value, 'analytic', { accounting });
  const home = metrics.traffic.get(problem.machine.levels[homeOf(problem.machine)]!.name);
  return {
    latency_cycles: metrics.latency_cycles,
    energy_pj: [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0),
    home_bytes: home === undefined ? 0 : home.read_bytes + home.write_bytes,
  };
}
