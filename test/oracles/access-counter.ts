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

/** One tile's worth of memory: what is in it, and whether it was computed into. */
type Buffer = { elements: ReadonlySet<string>; written: boolean };

/** Steps so far, and what they share: the most that one of those side by side reads, by stream of reads. */
type Launch = {
  steps: number;
  readonly served: readonly Map<string, number>[];
  readonly passed: readonly Map<string, number>[];
  /** Of that, what goes back, added to. */
  readonly added: readonly Map<string, number>[];
};

/** Bytes that a keep or an operand reads out of a cache that holds nothing. */
type Passage = {
  readonly cache: Keep;
  readonly reader: string;
  readonly accesses: readonly BoundAccess[];
  bytes: number;
  /** They go back, added to. */
  readonly adds: boolean;
};

type Walk = {
  readonly p: PlacedMapping;
  readonly buffers: ReadonlyMap<Keep, Buffer>;
  /** Elements of tiles that were computed into, by keep. */
  readonly known: ReadonlyMap<Keep, Set<string>>;
  /** Elements of outputs that were computed into, by compute. */
  readonly produced: readonly Set<string>[];
  /** The grid that is being run. */
  launch: Launch;
  /** What the step of a grid that is being run reads through caches that hold nothing, reader by reader. */
  step: Passage[] | undefined;
  /** Times that something was computed. */
  computed: number;
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
    launch: newLaunch(p),
    step: undefined,
    computed: 0,
    counts: {
      filled: zeros(p.keeps.length),
      served: zeros(p.keeps.length),
      drained: zeros(p.keeps.length),
      reads: p.computes.map((c) => zeros(c.operands.length)),
      updates: zeros(p.computes.length),
      writes: zeros(p.computes.length),
    },
  };
  const whole = p.workload.variables.map((v) => ({ lo: 0, hi: v.size }));
  walkBlock(walk, p.root, whole);
  for (const keep of p.keeps) {
    empty(walk, keep);
    if (!isMulticast(p, keep)) walk.counts.served[keep.id] = walk.counts.filled[keep.id]!;
  }
  return walk.counts;
}

/** Levels in which an access to a tile of a keep is one, and which part of it: what spilled is accessed further out too. */
export function placesOf({ level, spill, parent }: Keep, times = 1): readonly { level: number; times: number }[] {
  if (spill === undefined) return [{ level, times }];
  const outside = times * spill.share;
  return [
    { level, times },
    ...(parent === undefined ? [{ level: spill.level, times: outside }] : placesOf(parent, outside)),
  ];
}

/** The part of a keep's tiles that comes from its parent and goes there. */
export const movedPart = ({ spill }: Keep): number => (spill === undefined ? 1 : 1 - spill.share);

const newLaunch = (p: PlacedMapping): Launch => ({
  steps: 0,
  served: p.keeps.map(() => new Map()),
  passed: p.keeps.map(() => new Map()),
  added: p.keeps.map(() => new Map()),
});

const bytes = (p: PlacedMapping, tensor: number, elements: number): number =>
  (elements * p.workload.tensors[tensor]!.bitsPerElement) / 8;

const isMulticast = (p: PlacedMapping, keep: Keep): boolean =>
  keep.parent !== undefined && keep.local && !keep.parent.local && p.machine.levels[keep.parent.level]!.multicast;

// The walk

function walkBlock(walk: Walk, block: Block, place: Place): void {
  for (const keep of block.keeps) enterKeep(walk, keep, place);
  for (const branch of block.branches) {
    if (branch.kind === 'compute') compute(walk, branch, place);
    else walkLoop(walk, branch, place);
  }
}

function walkLoop(walk: Walk, loop: Loop, place: Place): void {
  const { p } = walk;
  const inside = p.keeps.filter((k) => k.above.includes(loop));
  const isGrid = loop.across !== undefined && !loop.above.some((l) => l.across !== undefined);
  if (isGrid) walk.launch = newLaunch(p);
  const { lo, hi } = place[loop.variable]!;
  for (let at = lo; at < hi; at += loop.tile) {
    const inner = place.map((r, v) => (v === loop.variable ? { lo: at, hi: Math.min(hi, at + loop.tile) } : r));
    for (const keep of inside) if (isRenewed(p, keep, loop)) empty(walk, keep);
    if (isInnermost(p, loop)) walkStep(walk, loop, inner, inside);
    else walkBlock(walk, loop.block, inner);
  }
  if (!isGrid) return;
  walk.launch.served.forEach((streams, k) => {
    for (const stream of streams.values()) walk.counts.served[k] = walk.counts.served[k]! + stream;
  });
  walk.launch.passed.forEach((streams, k) => {
    for (const stream of streams.values()) pass(walk, p.keeps[k]!, stream, false);
  });
  walk.launch.added.forEach((streams, k) => {
    for (const stream of streams.values()) pass(walk, p.keeps[k]!, stream, true);
  });
}

/** One step of a grid. Steps of one wave that want the same share the reads of the one that reads most. */
function walkStep(walk: Walk, loop: Loop, place: Place, inside: readonly Keep[]): void {
  const { p, counts, launch } = walk;
  const before = [...counts.filled];
  const computed = walk.computed;
  const passages: Passage[] = [];
  walk.step = passages;
  forgetParts(walk, inside, loop);
  walkBlock(walk, loop.block, place);
  for (const keep of inside) if (keep.adds) empty(walk, keep);
  walk.step = undefined;
  if (walk.computed === computed) return;
  const wave = Math.floor(launch.steps++ / p.machine.levels[loop.across!]!.totalInstances);
  const share = (
    streams: Map<string, number>,
    reader: string,
    accesses: readonly BoundAccess[],
    read: number,
  ): void => {
    const tile = [...tileOf(p, { tensor: accesses[0]!.tensor, accesses }, place)];
    const stream = `${reader} ${wave}: ${tile}`;
    streams.set(stream, Math.max(streams.get(stream) ?? 0, read));
  };
  for (const keep of inside.filter((k) => isMulticast(p, k)))
    share(launch.served[keep.id]!, '', keep.accesses, counts.filled[keep.id]! - before[keep.id]!);
  for (const { cache, reader, accesses, bytes: read, adds } of passages)
    share((adds ? launch.added : launch.passed)[cache.id]!, reader, accesses, read);
}

/** What a step makes of a sum that instances add up, it begins anew. */
function forgetParts({ p, known, produced }: Walk, inside: readonly Keep[], loop: Loop): void {
  for (const keep of inside) if (keep.local && isAdded(p, keep.tensor)) known.get(keep)!.clear();
  for (const c of p.computes) if (c.above.includes(loop) && isAdded(p, c.einsum.output.tensor)) produced[c.id]!.clear();
}

const isAdded = (p: PlacedMapping, tensor: number): boolean => p.keeps.some((k) => k.adds && k.tensor === tensor);

/** Something is read out of a keep; where that is a cache that holds nothing, it comes from further out. */
function readFrom(
  walk: Walk,
  keep: Keep,
  reader: string,
  accesses: readonly BoundAccess[],
  read: number,
  adds = false,
): void {
  if (keep.holds) return;
  if (walk.step === undefined) {
    pass(walk, keep, read, adds);
    return;
  }
  const passage = walk.step.find((x) => x.cache === keep && x.reader === reader && x.adds === adds);
  if (passage === undefined) walk.step.push({ cache: keep, reader, accesses, bytes: read, adds });
  else passage.bytes += read;
}

/** Bytes go through a cache, and through those that they come from. */
function pass(walk: Walk, cache: Keep, read: number, adds: boolean): void {
  const { filled, drained } = walk.counts;
  for (let k: Keep | undefined = cache; k !== undefined && !k.holds; k = k.parent) {
    filled[k.id] = filled[k.id]! + read;
    if (adds) drained[k.id] = drained[k.id]! + read;
  }
}

const isInnermost = (p: PlacedMapping, loop: Loop): boolean =>
  loop.across !== undefined && !p.loops.some((l) => l.across !== undefined && l.above.includes(loop));

/** Whether a keep starts with an empty buffer in each iteration of a loop. */
function isRenewed(p: PlacedMapping, keep: Keep, loop: Loop): boolean {
  if (keep.renewing.includes(loop)) return true;
  // Loops around a grid launch it and what is beside it; its innermost loop launches its steps.
  const grids = p.loops.filter((l) => isInnermost(p, l));
  const launches = (l: Loop): boolean => grids.some((g) => g.above.includes(l));
  return keep.above.some((l) => !launches(l)) && (launches(loop) || grids.includes(loop));
}

// Tiles

function enterKeep(walk: Walk, keep: Keep, place: Place): void {
  if (!keep.holds) return;
  if (!keep.users.some((e) => computes(walk.p, e, place))) return;
  const buffer = walk.buffers.get(keep)!;
  const tile = tileOf(walk.p, keep, place);
  const fresh = [...tile].filter((x) => !buffer.elements.has(x));
  if (fresh.length > 0 || tile.size < buffer.elements.size) replace(walk, keep, buffer, tile);
  if (keep.parent === undefined) return;
  const known = walk.known.get(keep)!;
  const filled = keep.fill === 'always' ? fresh : keep.fill === 'never' ? [] : fresh.filter((x) => known.has(x));
  const { counts } = walk;
  const moved = bytes(walk.p, keep.tensor, filled.length);
  counts.filled[keep.id] = counts.filled[keep.id]! + moved;
  readFrom(walk, keep.parent, `keep ${keep.id}`, keep.accesses, moved);
}

const empty = (walk: Walk, keep: Keep): void => replace(walk, keep, walk.buffers.get(keep)!, new Set());

/** Another tile takes the place of the one in a buffer: what was computed there and does not stay is drained. */
function replace(walk: Walk, keep: Keep, buffer: Buffer, tile: ReadonlySet<string>): void {
  const { drained } = walk.counts;
  const gone = [...buffer.elements].filter((x) => !tile.has(x)).length;
  if (keep.drain && buffer.written) {
    const moved = bytes(walk.p, keep.tensor, gone);
    drained[keep.id] = drained[keep.id]! + moved;
    if (keep.adds) readFrom(walk, keep.parent!, `keep ${keep.id}`, keep.accesses, moved, true);
    else for (let k = keep.parent; k?.holds === false; k = k.parent) drained[k.id] = drained[k.id]! + moved;
  }
  buffer.elements = tile;
  buffer.written = false;
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
function tileOf(p: PlacedMapping, keep: Pick<Keep, 'tensor' | 'accesses'>, place: Place): ReadonlySet<string> {
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
  walk.computed++;
  einsum.operands.forEach((access, i) => {
    const ranges = rangesOf(p, access, place)!;
    const reads = counts.reads[c.id]!;
    const read = bytes(p, access.tensor, elementsOf(ranges).length * arrayPasses(c, access, place));
    reads[i] = reads[i]! + read;
    readFrom(walk, c.operands[i]!, `compute ${c.id} operand ${i}`, [access], read);
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

/** Points at which an Einsum computes, tried one after the other. */
export function pointsOf(p: PlacedMapping, einsum: BoundEinsum): number {
  const point: number[] = [];
  const count = (depth: number): number => {
    const v = einsum.variables[depth];
    if (v === undefined) return isComputed(einsum, point) ? 1 : 0;
    let points = 0;
    for (let x = 0; x < p.workload.variables[v]!.size; x++) {
      point[v] = x;
      points += count(depth + 1);
    }
    return points;
  };
  return count(0);
}
