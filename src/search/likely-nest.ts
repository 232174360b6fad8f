import { type Body, usesOf } from './frame.ts';
import { leastCosts, offer } from './front.ts';
import type { Quickest } from './least-latency.ts';
import { leastPlaces } from './least-places.ts';
import { costOf, type Ledger, leastOf, sum } from './ledger.ts';
import { boundLedgers, isOverfull, type Keeping, type LoopsSearch, nestOf } from './loops-search.ts';
import type { Cost } from './objective.ts';
import { type Vector, zeros } from './vector.ts';

/** A way to keep all tensors of a nest, and what that costs at least; of cycles that computes wait for transfers, the sum. */
type LikelyPlaces = { readonly placed: readonly Keeping[]; readonly cost: Cost; readonly waits: number };

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
    return [{ placed: options, cost: costs.reduce(leastCosts), waits: vector[sums - 1]! }];
  });
}

/** Evaluates likely nests, one for each axis: the best places that fit, and the quickest or the cheapest bindings for them. */
export function dive(s: LoopsSearch, quickest: Quickest, places: readonly LikelyPlaces[]): void {
  const fitting = places.filter(({ placed }) => !isOverfull(s, placed));
  for (const axis of s.front.axes) {
    const [best] = fitting.toSorted((a, b) => a.cost[axis] - b.cost[axis] || a.waits - b.waits);
    if (best === undefined) return;
    const isTimed = axis === 'latency_cycles';
    const chosen = isTimed
      ? quickest.bindings
      : boundLedgers(s, axis)(best.placed).map((options) => options[0]!.option);
    const nest = nestOf(s, chosen, best.placed, Math.max(...s.limits.inFlight));
    const cost = s.evaluate(nest);
    if (cost !== undefined) offer(s.front, cost, nest);
  }
}

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
  for (let r = 0; r < tariff.energyAt; r++) cycles += least[r]!;
  for (const e of usesOf(problem.workload, tensor, frame.einsums)) {
    const access = staff[e]!.leastAccess(tensor, counts.innermost.get(e)!.level);
    for (let r = 0; r < tariff.energyAt; r++) cycles += access[r]!;
  }
  return cycles;
}
