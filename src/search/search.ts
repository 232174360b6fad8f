import { invariant } from '../invariant.ts';
import { placeMapping } from '../mapper/place.ts';
import { isPossible } from './constraints/possible.ts';
import { type Asked, costOfPlaced } from './cost-of.ts';
import {
  type Axis,
  addCosts,
  covers,
  createFront,
  type Front,
  leastCosts,
  offer,
  timesCost,
  type Weighing,
} from './front.ts';
import { keepChoices } from './keep-choices.ts';
import { leastOfLoops } from './least-cost.ts';
import { type Tariff, tariffOf } from './ledger.ts';
import { bindingChoices, type Limits, limitsOf, tensorsOf } from './mapspace.ts';
import { type Cost, endlessCost, noCost, type Objective, objectives } from './objective.ts';
import { partOf } from './part.ts';
import type { Nest, Plan, Problem } from './plan.ts';
import type { Region } from './region.ts';
import { searchNest } from './search-nest.ts';
import { spaceOf } from './space-size.ts';
import { createTally, type Tally } from './tally.ts';
import { staffing, type TeamOf } from './workers.ts';
import { writePlan } from './write-plan.ts';

/** What is searched, for what, and how far. */
export type SearchOptions = Asked &
  Weighing & {
    readonly limits: Limits;
    /** Whether a plan that costs no less than this is of no use: what else was found is better. */
    readonly isUseless?: (least: Cost) => boolean;
    /** How much more than the least a plan may have, as a share: plans that could be better by no more are passed over. */
    readonly gap?: number;
    /** Asked before each list of loops and each evaluation: whether to stop. The best found so far stay, and `remaining` says what may have been missed. */
    readonly expired?: () => boolean;
    /** Gets what became of the nests of each part. */
    readonly parts?: SearchedPart[] | undefined;
  };

/** Einsums that follow each other, as one nest. */
export type SearchedPart = {
  readonly einsums: readonly number[];
  /** No nest of them costs less. */
  readonly floor: Cost;
  /** Each of their nests costs no less than one of these, or is of no use, whatever goes with it. */
  readonly least: readonly Cost[];
  /** Undefined: not searched, since it could be of no use, or since the effort was spent. */
  readonly regions: readonly Region[] | undefined;
};

/** What a search of nests has found, and what it says of all others. */
export type Found = {
  /** The best, none of which is worse than another on every axis. */
  readonly plans: readonly { readonly cost: Cost; readonly plan: Plan }[];
  /** What plans that were not looked at cost at least, or were passed over for the gap; undefined: all others are of no use. */
  readonly remaining: Cost | undefined;
  readonly tally: Tally;
};

/** What an objective depends on. */
const axesOf: Readonly<Record<Objective, readonly Axis[]>> = {
  latency: ['latency_cycles'],
  energy: ['energy_pj'],
  edp: ['latency_cycles', 'energy_pj'],
  'dram-bytes': ['home_bytes'],
  buffer: ['room_bytes'],
};

/** What is asked for with an objective. */
export const weighingOf = (objective: Objective): Weighing => ({
  axes: axesOf[objective],
  weigh: axesOf[objective].length === 1 ? undefined : objectives[objective],
});

/** Einsums that follow each other, as one nest. */
type Part = {
  readonly first: number;
  readonly end: number;
  /** No nest of them costs less, on any axis. */
  least: Cost;
  /** Undefined: not searched. */
  found: readonly { readonly cost: Cost; readonly value: Nest }[] | undefined;
  readonly record: { readonly floor: Cost; readonly regions: Region[]; missed: Cost | undefined } | undefined;
};

/**
 * The best plans of a workload on a machine. Nests follow each other, so costs add up, and parts of the workload are searched one by
 * one: long ones first, and only as long as the best of the parts around them could make a plan that is better than those
 * found.
 */
export function searchMappings(problem: Problem, options: SearchOptions): Found {
  const { length } = problem.workload.einsums;
  const tally = createTally();
  const { workload, machine } = problem;
  const tariff = tariffOf(workload, machine, machine.accountings.get(options.accounting)!, options.axes);
  const books: Books = { tariff, teamOf: staffing(tariff, (p, e) => bindingChoices(p, options.limits.constraints, e)) };
  const parts: Part[] = [];
  for (let size = length; size >= 1; size--)
    for (let first = 0; first + size <= length; first++) {
      if (!isPossible(problem, options.limits, first, first + size)) continue;
      const least = leastOfPart(problem, first, first + size, options.limits, books);
      const record = options.parts && { floor: least, regions: [], missed: undefined };
      parts.push({ first, end: first + size, least, found: undefined, record });
    }
  let plans = createFront<readonly Nest[]>(options);
  const { isUseless: isUselessAnyway = () => false } = options;
  const isUselessPlan = (least: Cost): boolean => covers(plans, least) || isUselessAnyway(least);
  const { gap = 0 } = options;
  const factor = (1 + gap) ** (1 / options.axes.length);
  let spared: Cost | undefined;
  /** Also if it could be better by no more than the gap. */
  const isNoUse = (least: Cost, isUseless: (cost: Cost) => boolean, around: Cost): boolean => {
    if (isUseless(least)) return true;
    if (gap === 0 || !isUseless(timesCost(least, factor))) return false;
    const plan = addCosts(around, least);
    spared = spared === undefined ? plan : leastCosts(spared, plan);
    return true;
  };
  let late = false;
  for (const part of parts) {
    late ||= options.expired?.() === true;
    const others = (cost: Cost): Cost => {
      const before = leastOfPlans(parts, 0, part.first);
      return addCosts(addCosts(before, cost), leastOfPlans(parts, part.end, length));
    };
    const around = others(noCost);
    const isUseless = (cost: Cost): boolean => isUselessPlan(addCosts(around, cost));
    // Where no nests are left for the Einsums around it, a part is in no mapping.
    if (around.latency_cycles === Infinity) continue;
    if (late || isNoUse(part.least, isUseless, around)) {
      passOver(problem, part, options.limits, late, tally);
      continue;
    }
    const isNoNest = (least: Cost, front: Front<Nest>): boolean =>
      isNoUse(least, (cost) => covers(front, cost) || isUseless(cost), around);
    const { found, remaining } = bestNests(problem, part, options, books, tally, isNoNest);
    part.found = found;
    if (part.record !== undefined) part.record.missed = remaining;
    if (remaining !== undefined) {
      late = true;
      // What was found of it may go with what was not looked at elsewhere.
      part.least = found.reduce((least, f) => leastCosts(least, f.cost), remaining);
    }
    plans = bestPlans(parts, length, options);
  }
  for (const { first, end, found, record } of parts) {
    if (record === undefined) continue;
    const { floor, missed, regions } = record;
    const least =
      found === undefined ? [floor] : [...found.map((f) => f.cost), ...(missed === undefined ? [] : [missed])];
    options.parts?.push({ einsums: rangeOf(first, end), floor, least, regions: found && regions });
  }
  return {
    plans: plans.found.map(({ value }) => {
      const plan = { nests: value };
      const cost = evaluatePlan(problem, plan, options);
      invariant(cost !== undefined, 'nests that are legal one by one are not so one after the other');
      return { cost, plan };
    }),
    remaining: remainingOf(late ? leastOfPlans(parts, 0, length) : undefined, spared),
    tally,
  };
}

/** Counts the nests of a part that is not searched. */
function passOver(
  { workload, machine }: Problem,
  { first, end }: Part,
  limits: Limits,
  late: boolean,
  tally: Tally,
): void {
  const einsums = rangeOf(first, end);
  const part = { workload: partOf(workload, einsums), machine };
  const own = limitsOf(limits, workload, einsums);
  const nests = spaceOf(
    part,
    own,
    part.workload.einsums.map((_, e) => e),
  );
  tally.space += nests;
  tally[late ? 'left' : 'bounded'] += nests;
}

const remainingOf = (late: Cost | undefined, spared: Cost | undefined): Cost | undefined =>
  late === undefined || spared === undefined ? (late ?? spared) : leastCosts(late, spared);

type Books = { readonly tariff: Tariff; readonly teamOf: TeamOf };

/** The least of each part of a cost that some Einsums in a row can have, cut into nests in any way. */
function leastOfPlans(parts: readonly Part[], from: number, to: number): Cost {
  const least: Cost[] = [];
  least[from] = noCost;
  for (let end = from + 1; end <= to; end++) {
    least[end] = endlessCost;
    for (const part of parts)
      if (part.end === end && part.first >= from)
        least[end] = leastCosts(least[end]!, addCosts(least[part.first]!, part.least));
  }
  return least[to]!;
}

/** The best plans of the nests that were found. */
function bestPlans(parts: readonly Part[], length: number, { axes, weigh }: Weighing): Front<readonly Nest[]> {
  // What is best for some Einsums depends on those that follow.
  const fronts = Array.from({ length: length + 1 }, (_, end) =>
    createFront<readonly Nest[]>({ axes, weigh: end === length ? weigh : undefined }),
  );
  fronts[0]!.found.push({ cost: noCost, value: [] });
  for (let end = 1; end <= length; end++)
    for (const part of parts)
      if (part.end === end)
        for (const last of part.found ?? [])
          for (const before of fronts[part.first]!.found)
            offer(fronts[end]!, addCosts(before.cost, last.cost), [...before.value, last.value]);
  return fronts[length]!;
}

function leastOfPart(
  { workload, machine }: Problem,
  first: number,
  end: number,
  limits: Limits,
  { tariff, teamOf }: Books,
): Cost {
  const einsums = rangeOf(first, end);
  const problem = { workload: partOf(workload, einsums), machine };
  return leastOfLoops(problem, tariff, teamOf, limitsOf(limits, workload, einsums))([]).reduce(leastCosts);
}

const rangeOf = (first: number, end: number): readonly number[] =>
  Array.from({ length: end - first }, (_, i) => first + i);

/** The best nests of some Einsums; in them Einsums have the positions of the whole workload. */
function bestNests(
  { workload, machine }: Problem,
  { first, end, record }: Part,
  options: SearchOptions,
  books: Books,
  tally: Tally,
  isNoNest: (least: Cost, front: Front<Nest>) => boolean,
): { readonly found: NonNullable<Part['found']>; readonly remaining: Cost | undefined } {
  const { axes, weigh, limits, room, expired = () => false } = options;
  const einsums = rangeOf(first, end);
  const problem = { workload: partOf(workload, einsums), machine };
  const isWhole = einsums.length === workload.einsums.length;
  const front = createFront<Nest>({ axes, weigh: isWhole ? weigh : undefined });
  const evaluate = (nest: Nest): Cost | undefined => evaluatePlan(problem, { nests: [nest] }, options);
  const own = limitsOf(limits, workload, einsums);
  const isNoUse = (least: Cost): boolean => isNoNest(least, front);
  const all = problem.workload.einsums.map((_, e) => e);
  const remaining = searchNest({
    problem,
    limits: own,
    ...books,
    choicesOf: keepChoices(problem, own, all),
    leastUnder: leastOfLoops(problem, books.tariff, books.teamOf, own),
    tensors: tensorsOf(problem.workload, all),
    evaluate,
    front,
    tally,
    isNoUse,
    expired,
    room,
    regions: record?.regions,
  });
  return { found: front.found.map(({ cost, value }) => ({ cost, value: renumbered(value, einsums) })), remaining };
}

const renumbered = (nest: Nest, einsums: readonly number[]): Nest => ({
  ...nest,
  einsums: nest.einsums.map((e) => einsums[e]!),
  bindings: new Map([...nest.bindings].map(([e, choices]) => [einsums[e]!, choices])),
});

/** What the closed form says of a plan; undefined: it is not legal. */
export function evaluatePlan(problem: Problem, plan: Plan, asked: Asked): Cost | undefined {
  const placed = placeMapping(writePlan(problem, plan, 'found'), problem.workload, problem.machine);
  if (!placed.ok) return undefined;
  return costOfPlaced(placed.value, asked, () => false);
}
