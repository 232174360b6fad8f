import type { BoundAccess, BoundEinsum } from '../../src/einsum/workload.ts';
import type { Block, Compute, Keep, Loop, PlacedMapping } from '../../src/mapper/placed.ts';

/**
 * Counts accesses the slow way: walks every iteration of the loop tree, holds the set of elements that each buffer
 * has, and counts each element that comes, goes, is read and is written. It shares nothing with what it checks but
 * the data that describes a placed mapping, and follows the rules at the head of `src/models/traffic.ts`.
 */
export type Accesses = {
  /** Bytes by keep. */
  readonly filled: readonly number[];
  /** Reads of the parent for the fills: fewer where it multicasts. */
  readonly served: readonly number[];
  readonly drained: readonly number[];
  /** Bytes by compute. */
  readonly reads: readonly (readonly number[])[];
  readonly updates: readonly number[];
  readonly writes: readonly number[];
};

type Range = { readonly lo: number; readonly hi: number };
type Place = readonly Range[];

/** Coordinates of the grid's step around a place: one number a spatial loop. */
type Step = readonly number[];

/** One tile's worth of memory: what is in it, and whether it was computed into. */
type Buffer = { elements: ReadonlySet<string>; written: boolean };

type Walk = {
  readonly p: PlacedMapping;
  readonly buffers: ReadonlyMap<Keep, Buffer>;
  /** Elements of tiles that were computed into, by keep. */
  readonly known: ReadonlyMap<Keep, Set<string>>;
  /** Elements of outputs that were computed into, by compute. */
  readonly produced: readonly Set<string>[];
  /** What one read of a multicasting parent brings: element, moment and wave, by keep. */
  readonly multicast: readonly Set<string>[];
  readonly counts: { readonly [K in keyof Accesses]: number[] | number[][] } & {
    readonly filled: number[];
    readonly drained: number[];
    readonly updates: number[];
    readonly writes: number[];
    readonly reads: number[][];
    readonly served: number[];
  };
};

export function countAccesses(p: PlacedMapping): Accesses {
  const zeros = (n: number): number[] => new Array(n).fill(0);
  const walk: Walk = {
    p,
    buffers: new Map(p.keeps.map((k) => [k, { elements: new Set(), written: false }])),
    known: new Map(p.keeps.map((k) => [k, new Set()])),
    produced: p.computes.map(() => new Set()),
    multicast: p.keeps.map(() => new Set()),
    counts: {
      filled: zeros(p.keeps.length),
      served: zeros(p.keeps.length),
      drained: zeros(p.keeps.length),
      reads: p.computes.map((c) => zeros(c.operands.length)),
      updates: zeros(p.computes.length),
      writes: zeros(p.computes.length),
    },
  };
  walkBlock(
    walk,
    p.root,
    p.workload.variables.map((v) => ({ lo: 0, hi: v.size })),
    [],
  );
  for (const keep of p.keeps) empty(walk, keep);
  walk.multicast.forEach((reads, k) => {
    const keep = p.keeps[k]!;
    walk.counts.served[k] = isMulticast(p, keep) ? bytes(p, keep.tensor, reads.size) : walk.counts.filled[k]!;
  });
  return walk.counts;
}

const bytes = (p: PlacedMapping, tensor: number, elements: number): number =>
  (elements * p.workload.tensors[tensor]!.bitsPerElement) / 8;

const isMulticast = (p: PlacedMapping, keep: Keep): boolean =>
  keep.parent !== undefined && keep.local && !keep.parent.local && p.machine.levels[keep.parent.level]!.multicast;

// The walk

function walkBlock(walk: Walk, block: Block, place: Place, step: Step): void {
  for (const keep of block.keeps) enterKeep(walk, keep, place, step);
  for (const branch of block.branches) {
    if (branch.kind === 'compute') compute(walk, branch, place);
    else walkLoop(walk, branch, place, step);
  }
}

function walkLoop(walk: Walk, loop: Loop, place: Place, step: Step): void {
  const inside = walk.p.keeps.filter((k) => k.above.includes(loop));
  const { lo, hi } = place[loop.variable]!;
  for (let at = lo; at < hi; at += loop.tile) {
    const inner = place.map((r, v) => (v === loop.variable ? { lo: at, hi: Math.min(hi, at + loop.tile) } : r));
    for (const keep of inside) if (isRenewed(walk.p, keep, loop)) empty(walk, keep);
    walkBlock(walk, loop.block, inner, loop.across === undefined ? step : [...step, (at - lo) / loop.tile]);
  }
}

/** Whether a keep starts with an empty buffer in each iteration of a loop. */
function isRenewed(p: PlacedMapping, keep: Keep, loop: Loop): boolean {
  if (keep.renewing.includes(loop)) return true;
  // Loops around a grid launch it and what is beside it; its innermost loop launches its steps.
  const grids = p.loops.filter(
    (l) => l.across !== undefined && !p.loops.some((x) => x.across !== undefined && x.above.includes(l)),
  );
  const launches = (l: Loop): boolean => grids.some((g) => g.above.includes(l));
  return keep.above.some((l) => !launches(l)) && (launches(loop) || grids.includes(loop));
}

const gridAround = (loops: readonly Loop[]): readonly Loop[] => loops.filter((l) => l.across !== undefined);

/** Steps of a loop when nothing around it is ragged. */
function fullSteps(p: PlacedMapping, loop: Loop): number {
  const sizes = loop.above.filter((l) => l.variable === loop.variable).map((l) => l.tile);
  return Math.ceil(Math.min(p.workload.variables[loop.variable]!.size, ...sizes) / loop.tile);
}

// Tiles

function enterKeep(walk: Walk, keep: Keep, place: Place, step: Step): void {
  if (!keep.users.some((e) => computes(walk.p, e, place))) return;
  const buffer = walk.buffers.get(keep)!;
  const tile = tileOf(walk.p, keep, place);
  const fresh = [...tile].filter((x) => !buffer.elements.has(x));
  if (fresh.length > 0 || tile.size < buffer.elements.size) replace(walk, keep, buffer, tile);
  if (keep.parent === undefined) return;
  const known = walk.known.get(keep)!;
  const filled = keep.fill === 'always' ? fresh : keep.fill === 'never' ? [] : fresh.filter((x) => known.has(x));
  const { counts } = walk;
  counts.filled[keep.id] = counts.filled[keep.id]! + bytes(walk.p, keep.tensor, filled.length);
  if (!isMulticast(walk.p, keep)) return;
  const moment = momentOf(walk.p, keep, place, step);
  for (const x of filled) walk.multicast[keep.id]!.add(`${x} at ${moment}`);
}

const empty = (walk: Walk, keep: Keep): void => replace(walk, keep, walk.buffers.get(keep)!, new Set());

/** Another tile takes the place of the one in a buffer: what was computed there and does not stay is drained. */
function replace(walk: Walk, keep: Keep, buffer: Buffer, tile: ReadonlySet<string>): void {
  const { drained } = walk.counts;
  const gone = [...buffer.elements].filter((x) => !tile.has(x)).length;
  if (keep.drain && buffer.written) drained[keep.id] = drained[keep.id]! + bytes(walk.p, keep.tensor, gone);
  buffer.elements = tile;
  buffer.written = false;
}

/** Instances in one wave of the grid that want the same tile at the same iteration of the other loops get one read. */
function momentOf(p: PlacedMapping, keep: Keep, place: Place, step: Step): string {
  const grid = gridAround(keep.above);
  const linear = grid.reduce((n, l, i) => n * fullSteps(p, l) + step[i]!, 0);
  const wave = Math.floor(linear / p.machine.levels[grid[0]!.across!]!.totalInstances);
  const others = keep.above.filter((l) => l.across === undefined).map((l) => place[l.variable]!.lo);
  return `${wave}: ${others.join()}`;
}

/** Box of an access at a place, clipped to the tensor's shape; undefined if all of it is outside. */
function rangesOf(p: PlacedMapping, access: BoundAccess, place: Place): readonly Range[] | undefined {
  const { dimensions } = p.workload.tensors[access.tensor]!;
  const ranges: Range[] = [];
  for (const [d, { terms, offset, divisor }] of access.indices.entries()) {
    let sums = [offset];
    for (const t of terms) {
      const { lo, hi } = place[t.variable]!;
      sums = sums.flatMap((s) => Array.from({ length: hi - lo }, (_, i) => s + t.coefficient * (lo + i)));
    }
    const at = sums.map((s) => Math.floor(s / divisor));
    const range = { lo: Math.max(0, Math.min(...at)), hi: Math.min(dimensions[d]!.size, Math.max(...at) + 1) };
    if (range.lo >= range.hi) return undefined;
    ranges.push(range);
  }
  return ranges;
}

const elementsOf = (ranges: readonly Range[]): readonly string[] =>
  ranges.reduce<string[]>(
    (all, { lo, hi }) => all.flatMap((x) => Array.from({ length: hi - lo }, (_, i) => `${x}.${lo + i}`)),
    [''],
  );

/** The smallest box that holds what the accesses below touch; all versions of a carried dimension are one element. */
function tileOf(p: PlacedMapping, keep: Keep, place: Place): ReadonlySet<string> {
  const { dimensions } = p.workload.tensors[keep.tensor]!;
  const boxes = keep.accesses.flatMap((a) => {
    const ranges = rangesOf(p, a, place);
    return ranges === undefined ? [] : [ranges];
  });
  if (boxes.length === 0) return new Set();
  const hull = dimensions.map(
    (dimension, d): Range =>
      dimension.carried
        ? { lo: 0, hi: 1 }
        : { lo: Math.min(...boxes.map((b) => b[d]!.lo)), hi: Math.max(...boxes.map((b) => b[d]!.hi)) },
  );
  return new Set(elementsOf(hull));
}

// Computes

/** Whether an Einsum computes at some point of a place: tries the points one after the other. */
function computes(p: PlacedMapping, einsum: BoundEinsum, place: Place): boolean {
  const point: number[] = [];
  const search = (depth: number): boolean => {
    const v = einsum.variables[depth];
    if (v === undefined) return isComputed(einsum, point);
    for (point[v] = place[v]!.lo; point[v]! < place[v]!.hi; point[v]!++) if (search(depth + 1)) return true;
    return false;
  };
  return p.workload.einsums.includes(einsum) && search(0);
}

const isComputed = (einsum: BoundEinsum, point: readonly number[]): boolean =>
  einsum.domain.some((all) =>
    all.every((c) => c.terms.reduce((sum, t) => sum + t.coefficient * point[t.variable]!, c.offset) >= 0),
  );

function compute(walk: Walk, c: Compute, place: Place): void {
  const { p, counts } = walk;
  const { einsum } = c;
  if (!computes(p, einsum, place)) return;
  einsum.operands.forEach((access, i) => {
    const ranges = rangesOf(p, access, place)!;
    const reads = counts.reads[c.id]!;
    reads[i] = reads[i]! + bytes(p, access.tensor, elementsOf(ranges).length * arrayPasses(c, access, place));
  });
  const output = elementsOf(rangesOf(p, einsum.output, place)!);
  const produced = walk.produced[c.id]!;
  const again = output.filter((x) => produced.has(x)).length;
  for (const x of output) produced.add(x);
  counts.updates[c.id] = counts.updates[c.id]! + bytes(p, einsum.output.tensor, again);
  counts.writes[c.id] = counts.writes[c.id]! + bytes(p, einsum.output.tensor, output.length);
  for (let keep: Keep | undefined = c.output; keep !== undefined; keep = keep.parent) markWritten(walk, keep);
}

/** What the array's lanes cannot take at once comes again, for operands that the ranks on the array do not select. */
function arrayPasses(c: Compute, access: BoundAccess, place: Place): number {
  let passes = 1;
  for (const { variable, size } of c.bindings[0]!.dimensions) {
    if (access.indices.some((i) => i.terms.some((t) => t.variable === variable))) continue;
    const { lo, hi } = place[variable]!;
    let pieces = 0;
    for (let at = lo; at < hi; at += size) pieces++;
    passes *= pieces;
  }
  return passes;
}

/** The tile that is here now has been computed into. */
function markWritten(walk: Walk, keep: Keep): void {
  const buffer = walk.buffers.get(keep)!;
  buffer.written = true;
  const known = walk.known.get(keep)!;
  for (const x of buffer.elements) known.add(x);
}
