import type { BoundEinsum } from '../../einsum/workload.ts';
import type { Block, Branch, Compute, Keep, Loop, PlacedMapping } from '../../mapper/placed.ts';
import { type Environment, tileBox, wholeEnvironment } from '../../mapper/tile.ts';
import { createFound, enter, type Found, lookUp } from '../found.ts';
import { keyOf, type Shape, settledShape, shapeOf } from '../likeness.ts';
import { type Cut, findCut, pieceLength } from '../pieces.ts';
import { loopsInside, mostLag, type Reach, reachOf } from '../reach.ts';
import { accessLatency, type Costs, computeCost, drainUses, fillUses, resultDelay, type Use } from '../resources.ts';
import { forEachRun } from '../runs.ts';
import type { Traffic } from '../traffic.ts';
import { isActive, sumOverLeaves } from '../walk.ts';

/** Cycles that a part of the loop tree takes on one instance. */
export type Span = {
  /** Estimate: the busiest resource of what overlaps, the chain of what does not, and the ramp of each pipeline. */
  readonly cycles: number;
  /** No schedule that the mapping allows is shorter. */
  readonly bound: number;
  /** By resource. */
  readonly busy: Float64Array;
  /**
   * The part of `busy` that the block is certain to wait for: fills are spread evenly over the entries of a block, and
   * nothing waits for what trails.
   */
  readonly certain: Float64Array;
};

type Moved = { readonly fill_bytes: number; readonly drain_bytes: number };

/** Facts of a mapping that the spans of its blocks share. */
export type SpanContext = {
  readonly p: PlacedMapping;
  /** Bytes that a keep fills and drains on average when its block is entered. */
  readonly bytesAnEntry: ReadonlyMap<Keep, Moved>;
  /** What decides how iterations of a loop are alike, by its block: each by itself, and what is inside. */
  readonly shapes: Map<Block, { readonly shape: Shape; readonly inside: Shape; readonly reach: Reach | undefined }>;
  /** Iterations of each block that have been evaluated under a slowdown, by all that they depend on. */
  readonly spans: WeakMap<Float64Array, Map<Block, Found<Span>>>;
  /** How tiles are cut into pieces, by keep. */
  readonly cuts: readonly (Cut | undefined)[];
};

export function spanContext(p: PlacedMapping, traffic: Traffic): SpanContext {
  const bytesAnEntry = new Map<Keep, Moved>();
  for (const { keep, fill_bytes, drain_bytes } of traffic.movements) {
    if (fill_bytes === 0 && drain_bytes === 0) continue;
    const shape = shapeOf(keep.users, p.workload.tensors);
    const env = wholeEnvironment(p.workload);
    const entries = sumOverLeaves(keep.above, keep.users, shape, env, 1, (_, add) => add(0, 1))[0]!;
    bytesAnEntry.set(keep, { fill_bytes: fill_bytes / entries, drain_bytes: drain_bytes / entries });
  }
  return { p, bytesAnEntry, shapes: new Map(), spans: new WeakMap(), cuts: p.keeps.map((k) => findCut(p, k)) };
}

const most = (busy: Float64Array): number => busy.reduce((a, b) => Math.max(a, b), 0);

/**
 * Cycles from one iteration to the next of many, of which so many are under way at any time. At best the busiest resource
 * never stands still, or as many chains as are under way share the time; of what that saves against one chain after the
 * other, `overlap` is saved.
 */
export function steadyCycles({ cycles, busy }: Span, inFlight: number, overlap: number): number {
  if (inFlight === 1) return cycles;
  const ideal = Math.max(most(busy), cycles / inFlight);
  return ideal + (1 - overlap) * (cycles - ideal);
}

/** Span of one iteration of a block. */
export function blockSpan(ctx: SpanContext, costs: Costs, block: Block, env: Environment): Span {
  const items: Item[] = [];
  const moving = block.keeps.filter((keep) => ctx.bytesAnEntry.has(keep) && isActive(keep.users, env));
  for (const keep of moving) {
    const { fill_bytes } = ctx.bytesAnEntry.get(keep)!;
    if (fill_bytes > 0) items.push(fillItem(costs, keep, fill_bytes, firstShare(ctx, keep, env)));
  }
  for (const branch of block.branches) {
    const item = branch.kind === 'compute' ? computeItem(costs, branch, env) : loopItem(ctx, costs, branch, env);
    if (item !== undefined) items.push(item);
  }
  for (const keep of moving) {
    const { drain_bytes } = ctx.bytesAnEntry.get(keep)!;
    if (drain_bytes > 0) items.push(drainItem(costs, keep, drain_bytes));
  }
  const busy = addBusy(
    costs,
    items.map((i) => i.span.busy),
  );
  const certain = addBusy(
    costs,
    items.filter((i) => !i.unawaited).map((i) => i.span.certain),
  );
  return { ...(block.strict ? inSequence(items, busy) : asOperandsAllow(items, busy)), busy, certain };
}

/** Cycles that a block holds each resource for the tiles that it fetches before it first computes. */
export function firstFills(ctx: SpanContext, costs: Costs, block: Block): Float64Array {
  const held = new Float64Array(costs.resources.names.length);
  for (let b: Block | undefined = block; b !== undefined; ) {
    for (const keep of b.keeps) {
      const bytes = ctx.bytesAnEntry.get(keep)?.fill_bytes ?? 0;
      if (keep.fill !== 'always') continue;
      for (const { resource, cycles } of fillUses(costs, keep, bytes)) held[resource] = held[resource]! + cycles;
    }
    const next: Branch | undefined = b.branches[0];
    b = next?.kind === 'loop' ? next.block : undefined;
  }
  return held;
}

function addBusy(costs: Costs, parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(costs.resources.names.length);
  for (const part of parts) for (let r = 0; r < sum.length; r++) sum[r] = sum[r]! + part[r]!;
  return sum;
}

type Item = {
  readonly span: Span;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** Nothing waits for it: a trailing branch, a tile that is fetched ahead, or one that leaves under the next. */
  readonly unawaited: boolean;
};

function usesSpan(costs: Costs, uses: readonly Use[], latency: number): Span {
  const busy = new Float64Array(costs.resources.names.length);
  for (const u of uses) busy[u.resource] = busy[u.resource]! + u.cycles;
  const cycles = most(busy) + latency;
  return { cycles, bound: cycles, busy, certain: busy };
}

/** The part of a tile that comes first: work on it can begin while the rest is on its way. */
function firstShare({ p, cuts }: SpanContext, keep: Keep, env: Environment): number {
  const cut = cuts[keep.id];
  if (cut === undefined) return 1;
  const box = tileBox(keep, p.workload.tensors[keep.tensor]!, env, []);
  const length = box[2 * cut.dimension + 1]! - box[2 * cut.dimension]!;
  return Math.min(1, pieceLength(cut, length) / length);
}

function fillItem(costs: Costs, keep: Keep, bytes: number, awaited: number): Item {
  const latency = accessLatency(costs, keep.parent!, keep.level);
  const { busy } = usesSpan(costs, fillUses(costs, keep, bytes), latency);
  // An average is no bound on a single fill; the total is bounded by the busy time of the ports.
  const certain = new Float64Array(busy.length);
  const span = { cycles: awaited * most(busy) + latency, bound: 0, busy, certain };
  return { span, reads: [], writes: [keep.tensor], unawaited: keep.stages > 1 && !keep.demand };
}

/** What leaves a keep. With a second stage the next tile is computed meanwhile. */
function drainItem(costs: Costs, keep: Keep, bytes: number): Item {
  const span = usesSpan(costs, drainUses(costs, keep, bytes), 0);
  const certain = new Float64Array(span.busy.length);
  return { span: { ...span, bound: 0, certain }, reads: [keep.tensor], writes: [], unawaited: keep.stages > 1 };
}

function computeItem(costs: Costs, compute: Compute, env: Environment): Item | undefined {
  if (!isActive([compute.einsum], env)) return undefined;
  const { uses } = computeCost(costs, compute, env, false);
  const latency = compute.operands.reduce((l, k) => Math.max(l, accessLatency(costs, k, undefined)), 0);
  return {
    span: usesSpan(costs, uses, latency + resultDelay(costs.placed, compute, env)),
    reads: compute.einsum.operands.map((o) => o.tensor),
    writes: [compute.einsum.output.tensor],
    unawaited: compute.trailing,
  };
}

function loopItem(ctx: SpanContext, costs: Costs, loop: Loop, env: Environment): Item | undefined {
  const { einsums, reads, writes } = insideOf(loop);
  if (!isActive(einsums, env)) return undefined;
  return { span: loopSpan(ctx, costs, loop, env), reads, writes, unawaited: loop.trailing };
}

type Inside = { readonly einsums: readonly BoundEinsum[] } & Pick<Item, 'reads' | 'writes'>;

/** The Einsums under loops, and the tensors that they read and write; a loop is asked for them in each iteration around. */
const insides = new WeakMap<Loop, Inside>();

function insideOf(loop: Loop): Inside {
  let inside = insides.get(loop);
  if (inside === undefined) {
    const einsums = computesOf(loop).map((c) => c.einsum);
    const reads = einsums.flatMap((e) => e.operands.map((o) => o.tensor));
    inside = { einsums, reads, writes: einsums.map((e) => e.output.tensor) };
    insides.set(loop, inside);
  }
  return inside;
}

const computesOf = (branch: Branch): readonly Compute[] =>
  branch.kind === 'compute' ? [branch] : branch.block.branches.flatMap(computesOf);

function loopSpan(ctx: SpanContext, costs: Costs, loop: Loop, env: Environment): Span {
  const { block } = loop;
  const { einsums } = insideOf(loop);
  let known = ctx.shapes.get(block);
  if (known === undefined) {
    const shape = shapeOf(einsums, ctx.p.workload.tensors);
    const loops = loopsInside(block);
    known = { shape, inside: settledShape(shape, loops), reach: reachOf(einsums, loops) };
    ctx.shapes.set(block, known);
  }
  const busy = new Float64Array(costs.resources.names.length);
  const certain = new Float64Array(busy.length);
  // What lags is of another iteration, so work that never meets in one may be beside each other.
  const beside = block.strict ? 1 : mostLag(block) > 0 ? Number.POSITIVE_INFINITY : block.inFlight;
  let cycles = 0;
  let bound = 0;
  let ramp = 0;
  const visit = (_first: number, length: number): void => {
    if (!isActive(einsums, env)) return;
    const body = iterationSpan(ctx, costs, block, env);
    for (let r = 0; r < busy.length; r++) {
      busy[r] = busy[r]! + length * body.busy[r]!;
      certain[r] = certain[r]! + length * body.certain[r]!;
    }
    const steady = steadyCycles(body, block.inFlight, ctx.p.machine.overlap);
    cycles += length * steady;
    ramp = body.cycles - steady;
    bound += (length * body.bound) / beside;
  };
  forEachRun(loop, known.shape, env, visit, known.reach);
  return { cycles: cycles + ramp, bound: beside === 1 ? bound : Math.max(bound, most(certain)), busy, certain };
}

/** Span of an iteration; those that behave alike, in whichever step of a grid, are evaluated once. */
function iterationSpan(ctx: SpanContext, costs: Costs, block: Block, env: Environment): Span {
  const { inside, reach } = ctx.shapes.get(block)!;
  const key = keyOf(inside, env, reach);
  let spans = ctx.spans.get(costs.slowdown);
  if (spans === undefined) {
    spans = new Map();
    ctx.spans.set(costs.slowdown, spans);
  }
  let ofBlock = spans.get(block);
  if (ofBlock === undefined) {
    ofBlock = createFound();
    spans.set(block, ofBlock);
  }
  const known = lookUp(ofBlock, key);
  if (known !== undefined) return known;
  const span = blockSpan(ctx, costs, block, env);
  enter(ofBlock, key, span);
  return span;
}

/** Branches one after the other; what is fetched ahead or trails only keeps its resources busy. */
function inSequence(items: readonly Item[], busy: Float64Array): Pick<Span, 'cycles' | 'bound'> {
  let cycles = 0;
  let bound = 0;
  for (const { span, unawaited } of items) {
    if (unawaited) continue;
    cycles += span.cycles;
    bound += span.bound;
  }
  return { cycles: Math.max(cycles, most(busy)), bound };
}

/** Each item starts when its operands and its resources are free, in order. */
function asOperandsAllow(items: readonly Item[], busy: Float64Array): Pick<Span, 'cycles' | 'bound'> {
  const free = new Float64Array(busy.length);
  const ready = new Map<number, number>();
  let cycles = 0;
  let bound = 0;
  for (const { span, reads, writes, unawaited } of items) {
    let start = 0;
    for (const tensor of reads) if (!writes.includes(tensor)) start = Math.max(start, ready.get(tensor) ?? 0);
    for (let r = 0; r < free.length; r++) if (span.busy[r]! > 0) start = Math.max(start, free[r]!);
    // What is fetched ahead gives way: its port serves others between its pieces.
    if (!unawaited) for (let r = 0; r < free.length; r++) if (span.busy[r]! > 0) free[r] = start + span.busy[r]!;
    const end = start + span.cycles;
    for (const tensor of writes) ready.set(tensor, Math.max(ready.get(tensor) ?? 0, end));
    if (unawaited) continue;
    cycles = Math.max(cycles, end);
    bound = Math.max(bound, span.bound);
  }
  return { cycles: Math.max(cycles, most(busy)), bound };
}
