import { storedElements } from '../einsum/shape.ts';
import { accessesOf, type Frame, usesOf } from './frame.ts';
import { gridDepth, isOwnLevel } from './grid.ts';

/** Elements of the largest tile under some loops. */
export function largestTile(f: Frame, tensor: number, above: readonly number[]): number {
  const { workload } = f.problem;
  const extent = (variable: number): number => {
    let least = workload.variables[variable]!.size;
    for (const i of above) if (f.loops[i]!.variable === variable) least = Math.min(least, f.loops[i]!.tile);
    return least;
  };
  const indices = indicesOf(f, tensor);
  return workload.tensors[tensor]!.dimensions.reduce((n, { size, carried }, d) => {
    if (carried) return n;
    const reach = indices[d]!.reduce((sum, t) => sum + t.coefficient * (extent(t.variable) - 1), 1);
    return n * Math.min(size, reach);
  }, 1);
}

type Indices = readonly (readonly { readonly variable: number; readonly coefficient: number }[])[];

/** By the Einsums of a frame, then by tensor: asked for at every count. */
const knownIndices = new WeakMap<Frame['einsums'], Map<number, Indices>>();

/** Terms of each dimension, of the access that has most. */
function indicesOf({ problem: { workload }, einsums }: Frame, tensor: number): Indices {
  const known = knownIndices.get(einsums) ?? new Map<number, Indices>();
  knownIndices.set(einsums, known);
  const old = known.get(tensor);
  if (old !== undefined) return old;
  const accesses = einsums.flatMap((e) => accessesOf(workload.einsums[e]!).filter((a) => a.tensor === tensor));
  const indices = workload.tensors[tensor]!.dimensions.map((_, d) =>
    accesses.map((a) => a.indices[d]!.terms).reduce((a, b) => (b.length > a.length ? b : a)),
  );
  known.set(tensor, indices);
  return indices;
}

/** Elements of a tensor, of one version where it is carried. */
export const stored = ({ problem: { workload } }: Frame, tensor: number): number =>
  storedElements(workload.tensors[tensor]!);

type Sweep = { readonly moved: number; readonly single: boolean };

/**
 * Elements that come into a buffer of one tile while loops go by: whenever the tile is another one. A loop that does not move
 * the tile finds it again if the loops inside have not moved it either. Loops that restart find nothing.
 */
export function moved(f: Frame, tensor: number, above: readonly number[], restarts: readonly number[]): number {
  const { workload } = f.problem;
  const indices = indicesOf(f, tensor);
  const { dimensions } = workload.tensors[tensor]!;
  const indexing = (variable: number): boolean =>
    indices.some((terms, d) => !dimensions[d]!.carried && terms.some((t) => t.variable === variable));
  // Tiles partition the tensor: their volumes are sums over coordinates, so a share of it is enough.
  const extents = workload.variables.map((v) => v.size);
  const sweep = (at: number): Sweep => {
    const index = above[at];
    if (index === undefined) return { moved: volumeOf(workload, dimensions, indices, extents), single: true };
    const { variable, tile } = f.loops[index]!;
    const size = extents[variable]!;
    const whole = Math.floor(size / tile);
    const left = size % tile;
    const step = (length: number): Sweep => {
      extents[variable] = length;
      const inside = sweep(at + 1);
      extents[variable] = size;
      return inside;
    };
    const most = whole > 0 ? step(tile) : undefined;
    const last = left > 0 ? step(left) : undefined;
    const steps = whole + (left > 0 ? 1 : 0);
    const sum = whole * (most?.moved ?? 0) + (last?.moved ?? 0);
    if (restarts.includes(index)) return { moved: sum, single: false };
    const single = (most?.single ?? true) && (last?.single ?? true);
    if (indexing(variable)) return { moved: sum, single: single && steps === 1 };
    return single ? { moved: (most ?? last)!.moved, single } : { moved: sum, single };
  };
  return sweep(0).moved;
}

/** Elements of a tile of such extents; of a partition that is clipped, on average. */
function volumeOf(
  w: Frame['problem']['workload'],
  dimensions: readonly { readonly size: number; readonly carried: boolean }[],
  indices: readonly (readonly { readonly variable: number; readonly coefficient: number }[])[],
  extents: readonly number[],
): number {
  return dimensions.reduce((n, { size, carried }, d) => {
    if (carried) return n;
    const share = indices[d]!.reduce((x, t) => x * (extents[t.variable]! / w.variables[t.variable]!.size), 1);
    return n * size * share;
  }, 1);
}

/** Bytes of the largest tile of a tensor in the body that its users are in at a depth. */
export function tileBytes(f: Frame, tensor: number, depth: number): number {
  const { workload } = f.problem;
  const [user] = usesOf(workload, tensor, f.einsums);
  const body = f.bodies.get(user!)![depth]!;
  return (largestTile(f, tensor, body.above) * workload.tensors[tensor]!.bitsPerElement) / 8;
}

/**
 * Bytes that come into a place of a tensor in a level, and leave one that it is made in, at least, if these loops are outermost and there
 * is a place further out: as little as the outermost place moves whose tile fits, or one under all of them, if none fits yet. Where loops
 * are spread, a place of an instance is inside all of those.
 */
export function leastMoved(
  f: Frame,
  tensor: number,
  level: number,
): { readonly in_bytes: number; readonly out_bytes: number } {
  const { workload, machine } = f.problem;
  const { bitsPerElement, producer } = workload.tensors[tensor]!;
  const room_bytes = machine.levels[level]!.memory!.capacity_bytes;
  const bytes = (elements: number): number => (elements * bitsPerElement) / 8;
  const users = usesOf(workload, tensor, f.einsums);
  const depth = isOwnLevel(machine, f.loops, level) ? gridDepth(f.loops) : 0;
  const movedFor = (e: number): number => {
    const bodies = f.bodies.get(e)!;
    const fits = bodies.find((b, d) => d >= depth && bytes(largestTile(f, tensor, b.above)) <= room_bytes);
    const { above } = fits ?? bodies.at(-1)!;
    return bytes(moved(f, tensor, above, above.slice(0, depth)));
  };
  if (producer === undefined || !users.includes(producer))
    return { in_bytes: users.reduce((most, e) => Math.max(most, movedFor(e)), 0), out_bytes: 0 };
  const out_bytes = movedFor(producer);
  return { in_bytes: out_bytes - bytes(stored(f, tensor)), out_bytes };
}

/**
 * Bytes that a level is read for, at least, where so many come from there into an inner one: of a level that multicasts, what several
 * instances want at once is read once.
 */
export function readTogether(f: Frame, tensor: number, outer: number, inner: number, in_bytes: number): number {
  const { workload, machine } = f.problem;
  const { multicast } = machine.levels[outer]!;
  if (!multicast || isOwnLevel(machine, f.loops, outer) || !isOwnLevel(machine, f.loops, inner)) return in_bytes;
  const whole_bytes = (stored(f, tensor) * workload.tensors[tensor]!.bitsPerElement) / 8;
  const { totalInstances } = machine.levels[f.loops[0]!.across!]!;
  return Math.max(Math.min(in_bytes, whole_bytes), in_bytes / totalInstances);
}
