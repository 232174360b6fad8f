import { limitedInterval } from '../einsum/position-limits.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, PositionLimit, Tensor, Workload } from '../einsum/workload.ts';
import type { Keep, Loop, PlacedBinding, PlacedMapping } from './placed.ts';

/**
 * Geometry of tiles. A tile is the smallest box, dimension by dimension and clipped to the tensor's shape, that
 * holds what the accesses below a keep touch while the loops above it stand still. Tiles are dense: they move
 * whole or not at all, whatever a filter leaves out inside them.
 */

/** Half-open intervals by dimension of a tensor, [lo0, hi0, lo1, hi1, ...]. */
export type TileBox = number[];

/** Mutable current intervals by variable: the state of the loops. */
export type Environment = {
  readonly lo: number[];
  readonly hi: number[];
  /** Runs of iterations visited so far, where they are counted. */
  readonly effort?: { runs: number };
};

export function wholeEnvironment(w: Workload): Environment {
  return {
    lo: w.variables.map(() => 0),
    hi: w.variables.map((v) => v.size),
    effort: { runs: 0 },
  };
}

export const copyEnvironment = (env: Environment): Environment => ({
  ...env,
  lo: env.lo.slice(),
  hi: env.hi.slice(),
});

/** Sets the loops to where `from` has them. */
export function setEnvironment(env: Environment, from: Environment): void {
  for (let v = 0; v < env.lo.length; v++) {
    env.lo[v] = from.lo[v]!;
    env.hi[v] = from.hi[v]!;
  }
}

/** Smallest and largest value (inclusive) of an index over the environment. */
export function indexLow(index: BoundIndex, env: Environment): number {
  let sum = index.offset;
  for (const t of index.terms)
    sum += t.coefficient * (t.coefficient > 0 ? env.lo[t.variable]! : env.hi[t.variable]! - 1);
  return index.divisor === 1 ? sum : Math.floor(sum / index.divisor);
}

function indexHigh(index: BoundIndex, env: Environment): number {
  let sum = index.offset;
  for (const t of index.terms)
    sum += t.coefficient * (t.coefficient > 0 ? env.hi[t.variable]! - 1 : env.lo[t.variable]!);
  return index.divisor === 1 ? sum : Math.floor(sum / index.divisor);
}

/** Whether two indices differ by a constant at most, before the division. */
export const keepStep = (a: BoundIndex, b: BoundIndex): boolean =>
  a === b ||
  (a.divisor === b.divisor &&
    a.terms.length === b.terms.length &&
    a.terms.every((t, i) => t.variable === b.terms[i]!.variable && t.coefficient === b.terms[i]!.coefficient));

/** Writes the box of one access, clipped to the shape, into `out`. */
export function accessBox(access: BoundAccess, tensor: Tensor, env: Environment, out: TileBox): TileBox {
  return access.limits === undefined
    ? boxOf(access, tensor, env, out)
    : boxOf(access, tensor, limitedTo(access.limits, env), out);
}

/** The part of an environment in which positions are that are selected; itself where all are. */
function limitedTo(limits: readonly PositionLimit[], env: Environment): Environment {
  let part: Environment | undefined;
  for (const limit of limits) {
    const v = limit.variable;
    const [lo, hi] = limitedInterval(limit, env);
    if (lo === env.lo[v] && hi === env.hi[v]) continue;
    part ??= { lo: env.lo.slice(), hi: env.hi.slice() };
    part.lo[v] = lo;
    part.hi[v] = hi;
  }
  return part ?? env;
}

function boxOf(access: BoundAccess, tensor: Tensor, env: Environment, out: TileBox): TileBox {
  for (let d = 0; d < access.indices.length; d++) {
    const index = access.indices[d]!;
    const size = tensor.dimensions[d]!.size;
    out[2 * d] = Math.min(size, Math.max(0, indexLow(index, env)));
    out[2 * d + 1] = Math.max(0, Math.min(size, indexHigh(index, env) + 1));
  }
  return out;
}

const scratch: TileBox = [];

function copyBox(from: TileBox, to: TileBox): void {
  for (let i = 0; i < from.length; i++) to[i] = from[i]!;
}

/** Writes the tile of a keep into `out`. Carried dimensions span every version: they take no storage. */
export function tileBox(keep: Pick<Keep, 'accesses'>, tensor: Tensor, env: Environment, out: TileBox): TileBox {
  accessBox(keep.accesses[0]!, tensor, env, out);
  for (let a = 1; a < keep.accesses.length; a++) {
    accessBox(keep.accesses[a]!, tensor, env, scratch);
    // An access that is wholly outside the shape touches nothing.
    if (elements(scratch, tensor.dimensions.length) === 0) continue;
    if (elements(out, tensor.dimensions.length) === 0) copyBox(scratch, out);
    for (let d = 0; d < tensor.dimensions.length; d++) {
      out[2 * d] = Math.min(out[2 * d]!, scratch[2 * d]!);
      out[2 * d + 1] = Math.max(out[2 * d + 1]!, scratch[2 * d + 1]!);
    }
  }
  for (let d = 0; d < tensor.dimensions.length; d++) {
    if (!tensor.dimensions[d]!.carried) continue;
    out[2 * d] = 0;
    out[2 * d + 1] = tensor.dimensions[d]!.size;
  }
  return out;
}

/** Elements that a tile stores: carried dimensions count once. */
export function volume(tensor: Tensor, box: TileBox): number {
  let product = 1;
  for (let d = 0; d < tensor.dimensions.length; d++)
    if (!tensor.dimensions[d]!.carried) product *= Math.max(0, box[2 * d + 1]! - box[2 * d]!);
  return product;
}

/** Elements of a box, every version of a carried dimension counted. */
export function elements(box: TileBox, dimensions: number): number {
  let product = 1;
  for (let d = 0; d < dimensions; d++) product *= Math.max(0, box[2 * d + 1]! - box[2 * d]!);
  return product;
}

/** Elements that two tiles share. */
export function sharedVolume(tensor: Tensor, a: TileBox, b: TileBox): number {
  let product = 1;
  for (let d = 0; d < tensor.dimensions.length; d++) {
    if (tensor.dimensions[d]!.carried) continue;
    product *= Math.max(0, Math.min(a[2 * d + 1]!, b[2 * d + 1]!) - Math.max(a[2 * d]!, b[2 * d]!));
  }
  return product;
}

/** Bytes of a number of elements; sub-byte formats are packed. */
export const tensorBytes = (tensor: Tensor, elements: number): number => (elements * tensor.bitsPerElement) / 8;

/**
 * Passes of an array over a tile: each rank on an array dimension is cut into pieces of the dimension's size (the
 * last one may leave lanes idle); the other ranks run in time.
 */
export function arrayPoints(binding: PlacedBinding, { variables, operands }: BoundEinsum, env: Environment): number {
  const limits = operands[0]?.limits;
  const { lo, hi } = limits === undefined ? env : limitedTo(limits, env);
  let steps = 1;
  for (const v of variables) steps *= hi[v]! - lo[v]!;
  for (const d of binding.dimensions) {
    const extent = hi[d.variable]! - lo[d.variable]!;
    if (extent === 0) return 0;
    steps = (steps / extent) * Math.ceil(extent / d.size);
  }
  return steps;
}

/**
 * Times that each element of an access crosses the port of its buffer while an array works on a tile: once for
 * each piece of the ranks on array dimensions that do not index it. Along array dimensions that do not index it,
 * one read serves all lanes.
 */
export function arrayReads(binding: PlacedBinding, access: BoundAccess, env: Environment): number {
  const { lo, hi } = access.limits === undefined ? env : limitedTo(access.limits, env);
  let times = 1;
  for (const d of binding.dimensions) {
    if (isIndexedBy(access, d.variable)) continue;
    times *= Math.ceil((hi[d.variable]! - lo[d.variable]!) / d.size);
  }
  return times;
}

export const isIndexedBy = (access: BoundAccess, variable: number): boolean =>
  access.indices.some((index) => index.terms.some((t) => t.variable === variable));

/** Whether a variable selects among stored elements: a carried dimension's does not. */
export const isStoredBy = (access: BoundAccess, tensor: Tensor, variable: number): boolean =>
  access.indices.some((index, d) => !tensor.dimensions[d]!.carried && index.terms.some((t) => t.variable === variable));

/** Steps that a loop can take at most, whatever the steps of the loops above it. */
export function mostSteps(loop: Loop, size: number): number {
  let extent = size;
  for (const above of loop.above) if (above.variable === loop.variable) extent = Math.min(extent, above.tile);
  return Math.ceil(extent / loop.tile);
}

/** The spatial loops among loops, outermost first: the grid that they belong to. */
export const gridOf = (above: readonly Loop[]): readonly Loop[] => above.filter((l) => l.across !== undefined);

/**
 * Loops that an instance begins anew under when it makes its part of a sum: those of the grid, and those around it, if
 * the grid is over a rank that is reduced. None if it is not: what an instance makes is then all there is.
 */
export function loopsAround(w: Workload, { reduced }: BoundEinsum, above: readonly Loop[]): readonly Loop[] {
  const adds = (l: Loop): boolean =>
    l.across !== undefined && reduced.includes(l.variable) && mostSteps(l, w.variables[l.variable]!.size) > 1;
  return above.some(adds) ? above.slice(0, above.findLastIndex((l) => l.across !== undefined) + 1) : [];
}

/** Steps of a grid at most. */
export const gridSteps = (p: PlacedMapping, grid: readonly Loop[]): number =>
  grid.reduce((n, l) => n * mostSteps(l, p.workload.variables[l.variable]!.size), 1);

/** Loops above a keep that launch what is inside them anew: those around a grid, and its own; none if it is outside. */
export function launching(p: PlacedMapping, keep: Keep): readonly Loop[] {
  const innermost = p.grids.map((g) => g.at(-1)!);
  const around = keep.above.filter((l) => innermost.some((i) => i.above.includes(l)));
  return around.length === keep.above.length
    ? []
    : keep.above.filter((l) => around.includes(l) || innermost.includes(l));
}

/** Whether launches find a keep in place: it is around a grid, not in one or beside one. */
export const isAroundGrid = (p: PlacedMapping, keep: Keep): boolean =>
  p.grids.length > 0 && keep.above.every((l) => p.grids.some((g) => g.at(-1)!.above.includes(l)));
