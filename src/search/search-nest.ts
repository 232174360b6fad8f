import { createHeap, popHeap, pushHeap } from '../models/cycle/heap.ts';
import { leastCosts } from './front.ts';
import type { Quickest } from './least-latency.ts';
import { dive, placesWithin, quickest } from './likely-nest.ts';
import { loopsSearch, type NestSearch, productOf } from './loops-search.ts';
import { isComplete, loopSpaceOf, nextLoops } from './mapspace.ts';
import { searchNearby } from './nearby.ts';
import type { Cost } from './objective.ts';
import type { NestLoop } from './plan.ts';
import type { Region } from './region.ts';
import { searchLoops } from './search-loops.ts';
import { spaceOf } from './space-size.ts';
import { createTally } from './tally.ts';

/**
 * Finds the best nests of all Einsums of a workload: every nest of the space is evaluated, or shown to be no better than one that was.
 * Loops are tried from the outermost inwards; what loops cost at least, those inside cannot make less. Those that promise most go
 * first, and of each only one likely nest, until nothing promises more than what was found; then all nests of the loops that are left.
 *
 * Gives what nests that were not looked at cost at least; undefined if there are none.
 */
export function searchNest(search: NestSearch): Cost | undefined {
  const { problem, limits, front, tally, isNoUse, expired, regions } = search;
  const [axis] = front.axes;
  // A few tiles first, and what is near the best of them: that is good enough to pass over most of the others.
  const few = { ...search, limits: { ...limits, tiles: limits.coarse }, tally: createTally(), regions: undefined };
  promising(few, (least) => least[axis!]);
  searchNearby(search);
  const told = (): bigint => tally.evaluated + tally.overfull + tally.illegal + tally.bounded;
  const before = told();
  const { open, waiting } = promising(search, (least) => front.weigh?.(least) ?? least[axis!]);
  const missed = [...waiting];
  for (const { loops, least } of open) {
    const isOpen = !isNoUse(least);
    const isLeft = isOpen && (expired() || !searchLoops(loopsSearch(search, loops)));
    if (isLeft) missed.push(least);
    regions?.push({ loops, inside: false, became: isLeft ? 'left' : isOpen ? 'searched' : 'bounded', least: [least] });
  }
  const space = spaceOf(
    problem,
    limits,
    problem.workload.einsums.map((_, e) => e),
  );
  tally.space += space;
  // What was never come to is under loops that cost too much, as long as the effort sufficed.
  const rest = space - (told() - before);
  if (missed.length > 0) tally.left += rest;
  else tally.bounded += rest;
  return missed.length === 0 ? undefined : missed.reduce(leastCosts);
}

/**
 * Ways to keep tensors that are gone through at once. Where a number weighs several axes, the likely nest, which is the best by one, is
 * often no good.
 */
const fewPlaces = 10_000n;

type Lists = {
  /** Loops of which one nest was tried. */
  readonly open: readonly { readonly loops: readonly NestLoop[]; readonly least: Cost }[];
  /** What those cost at least that were not tried. */
  readonly waiting: readonly Cost[];
};

/** One likely nest of each list of loops, those that promise most first, as long as any promises more than what was found. */
function promising(search: NestSearch, promise: (least: Cost) => number): Lists {
  const { problem, limits, leastUnder, front, isNoUse, expired, regions } = search;
  const { axes } = front;
  const loopSpace = loopSpaceOf(
    problem,
    limits,
    problem.workload.einsums.map((_, e) => e),
  );
  const waiting = createHeap();
  const lists: Waiting[] = [];
  const add = (list: Waiting): void => pushHeap(waiting, -lists.push(list), promise(list.least));
  // Of equals the last, which has more loops and so smaller tiles.
  const addOpen = (loops: readonly NestLoop[]): void => {
    const costs = leastUnder(loops);
    if (costs.every(isNoUse)) regions?.push({ loops, inside: true, became: 'bounded', least: costs });
    else add({ loops, least: costs.reduce(leastCosts), closed: undefined });
  };
  const addClosed = ({ loops, least }: Waiting): void => {
    const isTimed = axes.includes('latency_cycles');
    const closed = isTimed ? quickest(search, loops) : { cycles: 0, bindings: [] };
    const cycles = closed?.cycles ?? front.found[0]!.cost.latency_cycles;
    const cost = { ...least, latency_cycles: Math.max(least.latency_cycles, cycles) };
    if (closed !== undefined && !isNoUse(cost)) add({ loops, least: cost, closed });
    else regions?.push({ loops, inside: false, became: 'bounded', least: [cost] });
  };
  const note = ({ loops, least, closed }: Waiting, became: Region['became']): void => {
    regions?.push({ loops, inside: closed === undefined, became, least: [least] });
  };
  const open: Lists['open'][number][] = [];
  const left: Cost[] = [];
  addOpen([]);
  while (waiting.length > 0 && !expired()) {
    const list = lists[-popHeap(waiting) - 1]!;
    if (isNoUse(list.least)) {
      note(list, 'bounded');
      continue;
    }
    if (list.closed === undefined) {
      if (isComplete(loopSpace, list.loops)) addClosed(list);
      for (const next of nextLoops(loopSpace, list.loops)) addOpen([...list.loops, next]);
      continue;
    }
    const here = loopsSearch(search, list.loops);
    const places = placesWithin(here, list.least);
    if (places.length === 0) {
      // None of those that fit promises more than what was found.
      note(list, 'searched');
      continue;
    }
    const least = places.map((p) => p.cost).reduce(leastCosts);
    if (front.weigh !== undefined && productOf(here.keepings.map((k) => k.length)) <= fewPlaces) {
      const isDone = searchLoops(here);
      note(list, isDone ? 'searched' : 'left');
      if (!isDone) left.push(least);
      continue;
    }
    dive(here, list.closed, places);
    open.push({ loops: list.loops, least });
  }
  while (waiting.length > 0) {
    const list = lists[-popHeap(waiting) - 1]!;
    note(list, 'left');
    left.push(list.least);
  }
  return { open, waiting: left };
}

/** Loops, and what nests cost at least that have them outermost, or, once it is known how quick they can be, have no others. */
type Waiting = {
  readonly loops: readonly NestLoop[];
  readonly least: Cost;
  readonly closed: Quickest | undefined;
};
