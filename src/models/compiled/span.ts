import type { Block, Branch, Compute, Keep, Loop } from '../../mapper/placed.ts';
import { isIndexedBy, tensorBytes } from '../../mapper/tile.ts';
import { keptShare } from '../accesses.ts';
import { findCut, mostPieces } from '../pieces.ts';
import { mostLag } from '../reach.ts';
import { type Held, hold, holdPort, holdRead, holdWrite, latencyOf, type OpenCosts, wholeAccesses } from './costs.ts';
import { type Factors, lengthOf, productOf, sumOf } from './factors.ts';
import type { Run, Steps, Value } from './graph.ts';
import { inFlightOf } from './room.ts';
import { sidesOf } from './sides.ts';
import type { TrafficSums } from './traffic.ts';

/** What `analytic/span.ts` says, of open numbers. */
export type Span = {
  readonly cycles: Value;
  readonly bound: Value;
  /** By resource. */
  readonly busy: Held;
  readonly certain: Held;
};

/** Bytes that keeps fill and drain, by their id: in all, and on average when their block is entered. */
export type Moved = {
  readonly fillBytes: readonly Value[];
  readonly drainBytes: readonly Value[];
  readonly fills: readonly Value[];
  readonly drains: readonly Value[];
};

export type SpanContext = Pick<Moved, 'fills' | 'drains'> & { readonly f: Factors; readonly costs: OpenCosts };

export function movedOf({ graph: g }: Factors, { movements }: TrafficSums): Moved {
  const fillBytes = movements.map(({ fill }) => sumOf(g, fill));
  const drainBytes = movements.map(({ drain }) => sumOf(g, drain));
  return {
    fillBytes,
    drainBytes,
    fills: movements.map(({ entries }, k) => g.divide(fillBytes[k]!, entries)),
    drains: movements.map(({ entries }, k) => g.divide(drainBytes[k]!, entries)),
  };
}

/** Extents of the variables while the loops around stand still, and the steps in which they do. */
type Place = { readonly extents: readonly Value[]; readonly steps: Steps | undefined };

type Item = Span & {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** One of two values: whether a block waits for it, or not. */
  readonly ifAwaited: (yes: Value, no: Value) => Value;
};

/** Span of one iteration of a block. */
export function blockSpan(ctx: SpanContext, block: Block, at: Place): Span {
  const moving = block.keeps.filter((keep) => keep.parent !== undefined);
  const items = [
    ...moving.filter((keep) => keep.fill !== 'never').map((keep) => fillItem(ctx, keep, at)),
    ...block.branches.map((b) => (b.kind === 'compute' ? computeItem(ctx, b, at) : loopItem(ctx, b, at))),
    ...moving.filter((keep) => keep.wanted || keep.returning.length > 0).map((keep) => drainItem(ctx, keep)),
  ];
  const busy = new Map<number, Value>();
  const certain = new Map<number, Value>();
  for (const item of items) {
    for (const [r, cycles] of item.busy) hold(ctx.costs, busy, r, cycles);
    for (const [r, cycles] of item.certain) hold(ctx.costs, certain, r, item.ifAwaited(cycles, 0));
  }
  const { cycles, bound } = block.strict ? inSequence(ctx, items) : asOperandsAllow(ctx, items);
  return { cycles: most(ctx, busy, cycles), bound, busy, certain };
}

/** Cycles that a block holds each resource for the tiles that it fetches before it first computes. */
export function firstFills(ctx: SpanContext, block: Block): Held {
  const held = new Map<number, Value>();
  for (let b: Block | undefined = block; b !== undefined; ) {
    for (const keep of b.keeps)
      if (keep.fill === 'always' && keep.parent !== undefined)
        for (const [r, cycles] of heldByFill(ctx, keep)) hold(ctx.costs, held, r, cycles);
    const next: Branch | undefined = b.branches[0];
    b = next?.kind === 'loop' ? next.block : undefined;
  }
  return held;
}

/** The longest that a resource is held, and no less than what is given. */
const most = ({ f: { graph: g } }: SpanContext, held: Held, least: Value): Value =>
  [...held.values()].reduce<Value>((a, b) => g.max(a, b), least);

/** Items one after the other. */
function inSequence({ f: { graph: g } }: SpanContext, items: readonly Item[]): Pick<Span, 'cycles' | 'bound'> {
  let cycles: Value = 0;
  let bound: Value = 0;
  for (const item of items) {
    cycles = g.add(cycles, item.ifAwaited(item.cycles, 0));
    bound = g.add(bound, item.ifAwaited(item.bound, 0));
  }
  return { cycles, bound };
}

/** Each item starts when its operands and its resources are free, in order. */
function asOperandsAllow({ f: { graph: g } }: SpanContext, items: readonly Item[]): Pick<Span, 'cycles' | 'bound'> {
  const free = new Map<number, Value>();
  const ready = new Map<number, Value>();
  let cycles: Value = 0;
  let bound: Value = 0;
  for (const { reads, writes, busy, ifAwaited, ...item } of items) {
    let start: Value = 0;
    for (const tensor of reads) if (!writes.includes(tensor)) start = g.max(start, ready.get(tensor) ?? 0);
    for (const [r, held] of busy) start = g.max(start, g.ifAbove(held, 0, free.get(r) ?? 0, 0));
    for (const [r, held] of busy) {
      const before = free.get(r) ?? 0;
      free.set(r, ifAwaited(g.ifAbove(held, 0, g.add(start, held), before), before));
    }
    const end = g.add(start, item.cycles);
    for (const tensor of writes) ready.set(tensor, g.max(ready.get(tensor) ?? 0, end));
    cycles = g.max(cycles, ifAwaited(end, 0));
    bound = g.max(bound, ifAwaited(item.bound, 0));
  }
  return { cycles, bound };
}

/** Tiles that come in ahead, or leave under the next, are not awaited; what moves nothing is not there. */
function moveItem(
  { f: { graph: g, stages } }: SpanContext,
  keep: Keep,
  bytes: Value,
  moved: Pick<Item, 'cycles' | 'busy' | 'reads' | 'writes'>,
): Item {
  return {
    ...moved,
    cycles: g.ifAbove(bytes, 0, moved.cycles, 0),
    // An average is no bound on a single tile; the total is bounded by the busy time of the ports.
    bound: 0,
    certain: new Map(),
    ifAwaited: (yes, no) => g.ifAbove(stages[keep.id]!, 1, no, g.ifAbove(bytes, 0, yes, no)),
  };
}

function heldByFill({ f: { graph: g }, costs, fills }: SpanContext, keep: Keep): Held {
  const kept = g.multiply(keptShare(keep), fills[keep.id]!);
  const held = new Map<number, Value>();
  holdRead(costs, held, keep.parent!, wholeAccesses(costs, keep.parent!, kept));
  holdPort(costs, held, costs.resources.ofWrite(keep.level), wholeAccesses(costs, keep, kept));
  return held;
}

function fillItem(ctx: SpanContext, keep: Keep, at: Place): Item {
  const { graph: g } = ctx.f;
  const busy = heldByFill(ctx, keep);
  const awaited = g.multiply(firstShare(ctx, keep, at), most(ctx, busy, 0));
  const cycles = g.add(awaited, latencyOf(ctx.costs, keep.parent!, keep.level));
  const bytes = ctx.fills[keep.id]!;
  const item = moveItem(ctx, keep, bytes, { cycles, busy, reads: [], writes: [keep.tensor] });
  return keep.demand ? { ...item, ifAwaited: (yes, no) => g.ifAbove(bytes, 0, yes, no) } : item;
}

function drainItem(ctx: SpanContext, keep: Keep): Item {
  const { costs } = ctx;
  const bytes = ctx.drains[keep.id]!;
  const kept = ctx.f.graph.multiply(keptShare(keep), bytes);
  const busy = new Map<number, Value>();
  holdPort(costs, busy, costs.resources.ofRead(keep.level), wholeAccesses(costs, keep, kept));
  holdWrite(costs, busy, keep.parent!, wholeAccesses(costs, keep.parent!, kept));
  return moveItem(ctx, keep, bytes, { cycles: most(ctx, busy, 0), busy, reads: [keep.tensor], writes: [] });
}

/** The part of a tile that comes first: whole steps of the loop that cuts it, in at most so many pieces. */
function firstShare({ f }: SpanContext, keep: Keep, { extents }: Place): Value {
  const { graph: g } = f;
  const cut = findCut(f.p, keep);
  if (cut === undefined) return 1;
  const { loop, coefficient } = cut;
  const length = lengthOf(f, [{ variable: loop.variable, coefficient }], extents);
  const step = g.multiply(coefficient, f.tiles[loop.id]!);
  const steps = g.max(1, g.ceil(g.divide(g.divide(length, step), mostPieces)));
  return g.min(1, g.divide(g.multiply(step, steps), length));
}

function computeItem(ctx: SpanContext, compute: Compute, { extents }: Place): Item {
  const { f, costs } = ctx;
  const { graph: g, p } = f;
  const { einsum, bindings, operands, output } = compute;
  const open = f.machine.bindings[compute.id]!;
  const passes = (b: number, counts: (variable: number) => boolean): Value =>
    productOf(
      g,
      bindings[b]!.dimensions.flatMap(({ variable }, d) =>
        counts(variable) ? [g.ceil(g.divide(extents[variable]!, open[b]!.lanes[d]!))] : [],
      ),
    );
  const busy = new Map<number, Value>();
  for (const [b, { unit, dimensions }] of bindings.entries()) {
    const inTime = einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v));
    const points = g.multiply(
      productOf(
        g,
        inTime.map((v) => extents[v]!),
      ),
      passes(b, () => true),
    );
    const r = costs.resources.ofUnit(unit);
    hold(costs, busy, r, g.multiply(open[b]!.cyclesPerPoint, g.multiply(points, costs.sharers[r]!)));
  }
  const bytesOf = (access: typeof einsum.output): Value => {
    const lengths = sidesOf(p.workload, access)!.map((side) => lengthOf(f, side, extents));
    return g.multiply(tensorBytes(p.workload.tensors[access.tensor]!, 1), productOf(g, lengths));
  };
  operands.forEach((keep, i) => {
    const access = einsum.operands[i]!;
    const others = passes(0, (variable) => !isIndexedBy(access, variable));
    const bytes = g.multiply(bytesOf(access), others);
    holdRead(costs, busy, keep, wholeAccesses(costs, keep, bytes));
  });
  holdWrite(costs, busy, output, wholeAccesses(costs, output, bytesOf(einsum.output)));
  const latency = operands.map((keep) => latencyOf(costs, keep, undefined)).reduce<Value>(g.max, 0);
  const cycles = g.add(most(ctx, busy, 0), g.add(latency, f.machine.ramp[compute.id]!));
  return {
    cycles,
    bound: cycles,
    busy,
    certain: busy,
    reads: einsum.operands.map((o) => o.tensor),
    writes: [einsum.output.tensor],
    ifAwaited: (yes, no) => (compute.trailing ? no : yes),
  };
}

function loopItem(ctx: SpanContext, loop: Loop, at: Place): Item {
  const einsums = computesOf(loop).map((c) => c.einsum);
  return {
    ...loopSpan(ctx, loop, at),
    reads: einsums.flatMap((e) => e.operands.map((o) => o.tensor)),
    writes: einsums.map((e) => e.output.tensor),
    ifAwaited: (yes, no) => (loop.trailing ? no : yes),
  };
}

const computesOf = (branch: Branch): readonly Compute[] =>
  branch.kind === 'compute' ? [branch] : branch.block.branches.flatMap(computesOf);

function loopSpan(ctx: SpanContext, loop: Loop, { extents, steps }: Place): Span {
  const { graph: g, tiles } = ctx.f;
  const { variable, block } = loop;
  const run = g.run(extents[variable]!, tiles[loop.id]!, steps);
  const body = blockSpan(ctx, block, { extents: extents.with(variable, run.length), steps: run.steps });
  const inFlight = inFlightOf(ctx.f, loop);
  const ideal = g.max(most(ctx, body.busy, 0), g.divide(body.cycles, inFlight));
  const { missed } = ctx.f.machine;
  const steady = missed === 0 ? ideal : g.add(ideal, g.multiply(missed, g.subtract(body.cycles, ideal)));
  const certain = sumOver(run, body.certain);
  const one = run.sum(body.bound);
  // What lags is of another iteration, so work that never meets in one may be beside each other.
  const beside = most(ctx, certain, mostLag(block) > 0 ? 0 : g.divide(one, inFlight));
  return {
    cycles: g.add(run.sum(steady), run.last(g.subtract(body.cycles, steady))),
    bound: block.strict ? one : g.ifAbove(inFlight, mostLag(block) > 0 ? 0 : 1, beside, one),
    busy: sumOver(run, body.busy),
    certain,
  };
}

const sumOver = (run: Run, held: Held): Held => new Map([...held].map(([r, cycles]) => [r, run.sum(cycles)]));
