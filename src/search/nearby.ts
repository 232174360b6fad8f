import { leastCosts } from './front.ts';
import { dive, placesWithin, quickest } from './likely-nest.ts';
import { loopsSearch, type NestSearch } from './loops-search.ts';
import { isComplete, type LoopSpace, loopSpaceOf, nextLoops } from './mapspace.ts';
import type { NestLoop } from './plan.ts';

/**
 * Tries a likely nest of each list of loops that is near those of the best nest, and goes on from there as long as one is better. Where
 * many lists promise alike, the best of a few tiles is often not good enough to tell them apart, and its neighbours are.
 */
export function searchNearby(search: NestSearch): void {
  const { problem, limits, leastUnder, front, isNoUse, expired } = search;
  const space = loopSpaceOf(
    problem,
    limits,
    problem.workload.einsums.map((_, e) => e),
  );
  const tried = new Set<string>();
  for (let from = front.found[0]?.value; from !== undefined; ) {
    for (const loops of nearbyLoops(space, from.loops)) {
      const key = JSON.stringify(loops);
      if (tried.has(key)) continue;
      tried.add(key);
      const costs = leastUnder(loops);
      if (costs.every(isNoUse)) continue;
      if (expired()) return;
      const bound = quickest(search, loops);
      if (bound === undefined) continue;
      const here = loopsSearch(search, loops);
      const least = costs.reduce(leastCosts);
      dive(here, bound, placesWithin(here, { ...least, latency_cycles: Math.max(least.latency_cycles, bound.cycles) }));
    }
    const best = front.found[0]!.value;
    from = best === from ? undefined : best;
  }
}

/** Lists of loops that differ in a tile, in the order of two loops, in a loop that is not there, or in how many are spread. */
function* nearbyLoops(space: LoopSpace, loops: readonly NestLoop[]): Generator<readonly NestLoop[]> {
  for (const near of changed(space, loops)) if (isInSpace(space, near)) yield near;
}

function* changed(space: LoopSpace, loops: readonly NestLoop[]): Generator<readonly NestLoop[]> {
  for (const [i, loop] of loops.entries()) {
    const tiles = space.tiles.get(loop.variable)!;
    const at = tiles.indexOf(loop.tile);
    for (const tile of [tiles[at - 1], tiles[at + 1]]) if (tile !== undefined) yield loops.with(i, { ...loop, tile });
    yield loops.toSpliced(i, 1);
    const { across, ...inTime } = loop;
    yield loops.with(i, inTime);
    for (const level of space.spread.levels) yield loops.with(i, { ...loop, across: level });
    const next = loops[i + 1];
    if (next !== undefined) yield loops.with(i, next).with(i + 1, loop);
  }
}

/** Whether a nest can have these loops and no others. */
const isInSpace = (space: LoopSpace, loops: readonly NestLoop[]): boolean =>
  isComplete(space, loops) &&
  loops.every(({ variable, tile, across }, i) =>
    [...nextLoops(space, loops.slice(0, i))].some(
      (n) => n.variable === variable && n.tile === tile && n.across === across,
    ),
  );
