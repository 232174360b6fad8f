import type { Mapping } from '../mapper/mapping.ts';
import type { Dataflow } from './dataflow/dataflow.ts';
import { searchDataflow } from './dataflow/search-dataflow.ts';
import { isDense } from './dense.ts';
import { type Axis, covers, createFront, type Front, leastCosts, offer } from './front.ts';
import { leastOfLoops } from './least-cost.ts';
import { tariffOf } from './ledger.ts';
import type { Limits } from './mapspace.ts';
import type { Cost } from './objective.ts';
import type { Problem } from './plan.ts';
import { searchMappings } from './search.ts';
import { createTally, type Tally } from './search-nest.ts';
import { staffing } from './workers.ts';
import { writePlan } from './write-plan.ts';

/** Mappings to choose from: those of a loop tree with other numbers, or all nests within limits. */
export type Space =
  | { readonly kind: 'dataflow'; readonly problem: Problem; readonly dataflow: Dataflow }
  | { readonly kind: 'nests'; readonly problem: Problem; readonly limits: Limits };

export type BestOptions = {
  /** Parts of the cost that are weighed against each other; one of them for one objective. */
  readonly axes: readonly Axis[];
  /** Name of one of the machines' accountings. */
  readonly accounting: string;
  /** Mappings of a dataflow to place at most, and lists of loops of nests to try: counted, so that it is the same everywhere. */
  readonly effort: number;
};

/** A mapping that was found, and the space that it is from. */
export type FoundMapping = { readonly cost: Cost; readonly mapping: Mapping; readonly space: Space };

export type Searched = {
  readonly space: Space;
  readonly tally: Tally;
  /** The least of each part of the cost that was found in this space when it was searched; undefined: nothing that was better than before. */
  readonly best: Cost | undefined;
  /** What mappings that were not looked at cost at least; undefined: all were, or are no better than what was found. */
  readonly remaining: Cost | undefined;
};

export type BestMappings = {
  /** The best of all spaces, none of which is worse than another on every axis. */
  readonly found: readonly FoundMapping[];
  readonly searched: readonly Searched[];
  /** No mapping of any space has less of any part of the cost that is an axis. */
  readonly bound: Cost;
};

/**
 * The best mappings of several spaces, which may be of other algorithms or sizes: each is searched for what is better than
 * what the spaces before it have.
 */
export function bestMappings(spaces: readonly Space[], options: BestOptions): BestMappings {
  const front = createFront<FoundMapping>(options.axes);
  const searched = spaces.map((space): Searched => {
    const before = new Set(front.found);
    const { tally, remaining } =
      space.kind === 'dataflow' ? exploreDataflow(space, options, front) : exploreNests(space, options, front);
    const news = front.found.filter((f) => !before.has(f));
    const best = news.length === 0 ? undefined : news.map((f) => f.cost).reduce(leastCosts);
    return { space, tally, best, remaining };
  });
  const costs = [...front.found.map((f) => f.cost), ...searched.flatMap((s) => s.remaining ?? [])];
  return {
    found: front.found.map((f) => f.value),
    searched,
    bound: costs.reduce(leastCosts, { latency_cycles: Infinity, energy_pj: Infinity, home_bytes: Infinity }),
  };
}

type Explored = Pick<Searched, 'tally' | 'remaining'>;

function exploreDataflow(
  space: Space & { kind: 'dataflow' },
  options: BestOptions,
  front: Front<FoundMapping>,
): Explored {
  const { accounting, effort, axes } = options;
  const { problem, dataflow } = space;
  const tally = createTally();
  // The front of this space begins with what is known, so that only what is better is found.
  const own = createFront<Mapping | undefined>(axes);
  for (const { cost } of front.found) own.found.push({ cost, value: undefined });
  const left = searchDataflow({ problem, dataflow, accounting, front: own, tally, effort });
  for (const { cost, value } of own.found) if (value !== undefined) offer(front, cost, { cost, mapping: value, space });
  return { tally, remaining: left === 0n ? undefined : leastOf(problem, options) };
}

/** What any mapping costs at least: nothing, where it is not known. */
function leastOf(problem: Problem, { accounting, axes }: BestOptions): Cost {
  const { workload, machine } = problem;
  if (!isDense(workload)) return { latency_cycles: 0, energy_pj: 0, home_bytes: 0 };
  const tariff = tariffOf(workload, machine, machine.accountings.get(accounting)!, axes);
  return leastOfLoops(problem, tariff, staffing(tariff, []))([]).reduce(leastCosts);
}

function exploreNests(
  space: Space & { kind: 'nests' },
  { accounting, effort, axes }: BestOptions,
  front: Front<FoundMapping>,
): Explored {
  const { problem, limits } = space;
  let left = effort;
  const { plans, tally, remaining } = searchMappings(problem, {
    limits,
    axes,
    accounting,
    isUseless: (least) => covers(front, least),
    expired: () => left-- <= 0,
  });
  for (const { cost, plan } of plans) {
    const mapping = writePlan(problem, plan, problem.workload.cascade.name);
    offer(front, cost, { cost, mapping, space });
  }
  return { tally, remaining };
}
