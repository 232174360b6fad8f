import { type Body, frameOf, usesOf } from './frame.ts';
import { leastCosts, offer } from './front.ts';
import { type Quickest, quickestBindings } from './least-latency.ts';
import { leastPlaces } from './least-places.ts';
import { costOf, type Ledger, leastOf, sum } from './ledger.ts';
import { boundLedgers, isOverfull, type Keeping, type LoopsSearch, type NestSearch, nestOf } from './loops-search.ts';
import type { Cost } from './objective.ts';
import type { NestLoop } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/** Ways to keep all tensors of a nest, and what they cost at least; and one of them. */
type LikelyPlaces = { readonly cost: Cost; readonly placed: readonly Keeping[] };

/** The least that nests cost whose tiles fit, as far as they are of use, and how they keep their tensors. */
export function placesWithin(s: LoopsSearch, least: Cost): readonly LikelyPlaces[] {
  const { tariff, problem, teamOf, frame } = s;
  const team = teamOf(problem, frame.loops).least;
  const anyway = leastOf(tariff, team);
  const costWith = (computed: Ledger, vector: Vector): Cost => {
    const cost = costOf(tariff, sum(computed, vector));
    return { ...cost, latency_cycles: Math.max(cost.latency_cycles, least.latency_cycles) };
  };
  const rooms = roomsOf(s);
  const sums = tariff.homeAt + 2;
  const isTimed = s.front.axes.includes('latency_cycles');
  const lists = s.keepings.map((options, i) =>
    options.map((option) => {
      const vector = zeros(sums + rooms.length);
      // Only what is weighed is to be least.
      for (const w of tariff.weighed) vector[w] = option.least[w]!;
      if (isTimed) vector[sums - 1] = heldCycles(s, s.tensors[i]!, option);
      rooms.forEach(({ bytesOf }, r) => {
        vector[sums + r] = bytesOf(option);
      });
      return { option, vector };
    }),
  );
  const most = zeros(sums + rooms.length).fill(Number.POSITIVE_INFINITY);
  rooms.forEach(({ capacity_bytes }, r) => {
    most[sums + r] = capacity_bytes;
  });
  return leastPlaces(lists, most, (vector) => s.isNoUse(costWith(anyway, vector))).flatMap(({ options, vector }) => {
    const costs = team.map((computed) => costWith(computed, vector));
    if (costs.every((cost) => s.isNoUse(cost))) return [];
    return [{ cost: costs.reduce(leastCosts), placed: options }];
  });
}

/** Evaluates likely nests, one for each axis: the best places that fit, and the quickest or the cheapest bindings for them. */
export function dive(s: LoopsSearch, quickest: Quickest, places: readonly LikelyPlaces[]): void {
  const fitting = places.filter(({ placed }) => !isOverfull(s, placed));
  const team = s.teamOf(s.problem, s.frame.loops).least;
  for (const axis of s.front.axes) {
    const isTimed = axis === 'latency_cycles';
    const weigh: Weigh = (kept) => {
      const ledger = kept.map((k) => k.least).reduce(sum);
      const cost = team.reduce((n, computed) => Math.min(n, costOf(s.tariff, sum(computed, ledger))[axis]), Infinity);
      const waits = isTimed ? kept.reduce((n, k) => n + k.waits, 0) : 0;
      const depth = kept.reduce((n, k) => n + k.depth, 0);
      return { cost: isTimed ? Math.max(cost, quickest.cycles) : cost, waits, depth };
    };
    const weighed = fitting.map(({ placed }) => ({ placed, weight: weigh(placed.map((k, i) => weighable(s, k, i))) }));
    const [first] = weighed.toSorted((a, b) => compare(a.weight, b.weight));
    if (first === undefined) return;
    const best = improved(s, first.placed, weigh);
    const chosen = isTimed ? quickest.bindings : boundLedgers(s, axis)(best).map((options) => options[0]!.option);
    const nest = nestOf(s, chosen, best, Math.max(...s.limits.inFlight));
    const cost = s.evaluate(nest);
    if (cost !== undefined) offer(s.front, cost, nest);
  }
}

/**
 * What places cost at least; in cycles, how long computes wait for transfers in all; and how many loops are around them: what is inside
 * more of them is sooner free for another iteration.
 */
type Weight = { readonly cost: number; readonly waits: number; readonly depth: number };

/** What decides the weight of a way to keep a tensor, or several. */
type Weighable = { readonly least: Ledger; readonly waits: number; readonly depth: number };

type Weigh = (kept: readonly Weighable[]) => Weight;

const compare = (a: Weight, b: Weight): number => a.cost - b.cost || a.waits - b.waits || b.depth - a.depth;

const weighable = (s: LoopsSearch, keeping: Keeping, tensor: number): Weighable => ({
  least: keeping.least,
  waits: heldCycles(s, s.tensors[tensor]!, keeping),
  depth: keeping.choice.at(-1)?.depth ?? 0,
});

/**
 * Places that are no worse wherever one tensor is kept instead. Of ways that were merged to be bounded together, the one that stands for
 * them may be far from the best.
 */
function improved(s: LoopsSearch, start: readonly Keeping[], weigh: Weigh): readonly Keeping[] {
  const lists = s.keepings.map((options, i) => options.map((option) => ({ option, own: weighable(s, option, i) })));
  const kept = start.map((k, i) => weighable(s, k, i));
  const placed = [...start];
  let least = weigh(kept);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [i, options] of lists.entries()) {
      const others = togetherOf(kept.toSpliced(i, 1));
      for (const { option, own } of options) {
        const weight = weigh(others === undefined ? [own] : [others, own]);
        if (compare(weight, least) >= 0 || isOverfull(s, placed.with(i, option))) continue;
        placed[i] = option;
        kept[i] = own;
        least = weight;
        changed = true;
      }
    }
  }
  return placed;
}

const togetherOf = (kept: readonly Weighable[]): Weighable | undefined =>
  kept.length === 0
    ? undefined
    : kept.reduce((a, b) => ({ least: sum(a.least, b.least), waits: a.waits + b.waits, depth: a.depth + b.depth }));

/** What tiles share: a level, with what is kept outside all loops and, in a pipeline, inside one of the outermost. */
function roomsOf({ problem: { machine }, limits, keepings }: LoopsSearch): readonly {
  readonly capacity_bytes: number;
  readonly bytesOf: (option: Keeping) => number;
}[] {
  const pipelined = limits.inFlight.every((n) => n > 1);
  const branches = new Set<Body | undefined>([undefined]);
  if (pipelined) for (const k of keepings.flat()) for (const h of k.counts.held) branches.add(h.branch);
  if (branches.size > 1) branches.delete(undefined);
  return machine.levels.flatMap(({ memory }, level) => {
    const capacity_bytes = memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
    if (!Number.isFinite(capacity_bytes)) return [];
    return [...branches].map((branch) => ({
      capacity_bytes,
      bytesOf: ({ counts }: Keeping) =>
        counts.held.reduce(
          (n, h) => (h.level === level && (h.branch === undefined || h.branch === branch) ? n + h.bytes : n),
          0,
        ),
    }));
  });
}

/** Cycles of all ports for a tensor. Those that computes wait for count twice: tiles come and go beside them. */
function heldCycles(
  { tariff, staff, problem, frame }: LoopsSearch,
  tensor: number,
  { counts, least }: Keeping,
): number {
  let cycles = 0;
  for (let r = 0; r < tariff.energyAt; r++) cycles += least[r]! / tariff.sharers[r]!;
  for (const e of usesOf(problem.workload, tensor, frame.einsums)) {
    const access = staff[e]!.leastAccess(tensor, counts.innermost.get(e)!.level);
    for (let r = 0; r < tariff.energyAt; r++) cycles += access[r]! / tariff.sharers[r]!;
  }
  return cycles;
}

/** The quickest bindings under some loops, if they are quicker than what was found. */
export function quickest(
  { problem, tariff, teamOf, front, limits }: NestSearch,
  loops: readonly NestLoop[],
): Quickest | undefined {
  const einsums = problem.workload.einsums.map((_, e) => e);
  const frame = frameOf(problem, einsums, loops);
  const found = front.axes.length === 1 ? front.found[0]?.cost.latency_cycles : undefined;
  return quickestBindings(
    tariff,
    frame,
    teamOf(problem, loops),
    Math.max(...limits.inFlight),
    found ?? Number.POSITIVE_INFINITY,
  );
}
