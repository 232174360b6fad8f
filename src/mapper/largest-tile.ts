import type { BoundIndex, Workload } from '../einsum/workload.ts';
import type { Keep } from './placed.ts';
import { keepStep } from './tile.ts';

/**
 * The largest tile that a keep can hold, wherever the loops above stand: the first tile may be clipped by the border
 * of the tensor, or begin at a multiple of a divisor where others do not.
 */

/** How far a variable reaches inside a tile, and what its beginnings are multiples of (0: it begins at 0 only). */
type Reach = { readonly extent: number; readonly grain: number; readonly last: number };

/** Elements; carried dimensions count once. */
export function largestTile(w: Workload, keep: Keep): number {
  const reaches = w.variables.map((_, v) => reachOf(w, keep, v));
  let product = 1;
  w.tensors[keep.tensor]!.dimensions.forEach((dimension, d) => {
    if (dimension.carried) return;
    const indices = unlike(keep.accesses.map((access) => access.indices[d]!));
    let most = 1;
    for (const a of indices) for (const b of indices) most = Math.max(most, spread(a, b, reaches));
    product *= Math.min(dimension.size, most);
  });
  return product;
}

/** Each once, however many accesses have it. */
const unlike = (indices: readonly BoundIndex[]): readonly BoundIndex[] =>
  indices.filter(
    (a, i) => !indices.slice(0, i).some((b) => a.divisor === 1 && a.offset === b.offset && keepStep(a, b)),
  );

function reachOf(w: Workload, keep: Keep, variable: number): Reach {
  const { size } = w.variables[variable]!;
  const tiles = keep.above.filter((l) => l.variable === variable && l.tile < size).map((l) => l.tile);
  const extent = tiles.reduce((a, b) => Math.min(a, b), size);
  return { extent, grain: tiles.reduce(greatestDivisor, 0), last: size - extent };
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Most coordinates from the lowest of one index to the highest of another, both ends counted. */
function spread(high: BoundIndex, low: BoundIndex, reaches: readonly Reach[]): number {
  if (high.divisor !== low.divisor) return Number.POSITIVE_INFINITY;
  let distance = high.offset - low.offset;
  const variables = new Set([...high.terms, ...low.terms].map((t) => t.variable));
  for (const v of variables) {
    const { extent, last } = reaches[v]!;
    const up = coefficientOf(high, v);
    const down = coefficientOf(low, v);
    // Where the tile begins counts only as far as the two indices do not move together.
    distance += Math.max(0, (up - down) * last) + Math.max(0, up) * (extent - 1) - Math.min(0, down) * (extent - 1);
  }
  const phase = high === low ? latestPhase(low, reaches) : low.divisor - 1;
  return Math.max(0, Math.floor((distance + phase) / low.divisor) + 1);
}

const coefficientOf = (index: BoundIndex, variable: number): number =>
  index.terms.reduce((sum, t) => (t.variable === variable ? sum + t.coefficient : sum), 0);

/** Largest remainder by the divisor that a tile can begin with: it needs the most quotients. */
function latestPhase(index: BoundIndex, reaches: readonly Reach[]): number {
  const { divisor, offset, terms } = index;
  if (terms.some((t) => t.coefficient < 0)) return divisor - 1;
  const grain = terms.reduce((g, t) => greatestDivisor(g, t.coefficient * reaches[t.variable]!.grain), divisor);
  return divisor - grain + (((offset % grain) + grain) % grain);
}
