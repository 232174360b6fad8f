import type { Block, Branch, Compute, Keep, Loop, PlacedBinding } from '../../mapper/placed.ts';
import { isIndexedBy, tensorBytes } from '../../mapper/tile.ts';
import { keptShare } from '../accesses.ts';
import { findCut, mostPieces } from '../pieces.ts';
import { accessBytesOf, accessLatency, type Costs, rampCycles, readUses, type Use, writeUses } from '../resources.ts';
import { mostLag } from '../walk.ts';
import { type Factors, productOf, sumOf } from './factors.ts';
import type { Run, Steps, Value } from './graph.ts';
import { inFlightOf } from './room.ts';
import { type Side, sidesOf } from './sides.ts';
import type { TrafficSums } from './traffic.ts';

/** What `analytic/span.ts` says, of open numbers. */
export type Span = {
  readonly cycles: Value;
  readonly bound: Value;
  /** By resource. */
  readonly busy: Held;
  readonly certain: Held;
};

type Held = ReadonlyMap<number, Value>;

export type SpanContext = {
  readonly f: Factors;
  readonly costs: Costs;
  /** Bytes that a keep fills and drains on average when its block is entered, by its id. */
  readonly fills: readonly Value[];
  readonly drains: readonly Value[];
};

export function spanContext(f: Factors, costs: Costs, { movements }: TrafficSums): SpanContext {
  const { graph: g } = f;
  return {
    f,
    costs,
    fills: movements.map(({ fill, entries }) => g.divide(sumOf(g, fill), entries)),
    drains: movements.map(({ drain, entries }) => g.divide(sumOf(g, drain), entries)),
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
    for (const [r, cycles] of item.busy) addTo(ctx, busy, r, cycles);
    for (const [r, cycles] of item.certain) addTo(ctx, certain, r, item.ifAwaited(cycles, 0));
  }
  const { cycles, bound } = block.strict ? inSequence(ctx, items) : asOperandsAllow(ctx, items);
  return { cycles: most(ctx, busy, cycles), bound, busy, certain };
}

const addTo = ({ f: { graph: g } }: SpanContext, held: Map<number, Value>, resource: number, cycles: Value): void => {
  held.set(resource, g.add(held.get(resource) ?? 0, cycles));
};

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

/** Adds what an amount holds, in whole accesses of so many bytes where that is not 0. */
function charge(
  ctx: SpanContext,
  held: Map<number, Value>,
  amount: Value,
  access_bytes: number,
  uses: readonly Use[],
): void {
  const { graph: g } = ctx.f;
  const whole = access_bytes === 0 ? amount : g.multiply(access_bytes, g.ceil(g.divide(amount, access_bytes)));
  for (const { resource, cycles } of uses) addTo(ctx, held, resource, g.multiply(cycles, whole));
}

const portUse = ({ resources }: Costs, port: number | undefined): readonly Use[] =>
  port === undefined ? [] : [{ resource: port, cycles: 1 / resources.bytesPerCycle[port]! }];

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

function fillItem(ctx: SpanContext, keep: Keep, at: Place): Item {
  const { costs } = ctx;
  const { graph: g } = ctx.f;
  const { machine } = costs.placed;
  const parent = keep.parent!;
  const bytes = ctx.fills[keep.id]!;
  const kept = g.multiply(keptShare(keep), bytes);
  const busy = new Map<number, Value>();
  charge(ctx, busy, kept, accessBytesOf(machine, parent), readUses(costs, parent, 1));
  charge(ctx, busy, kept, accessBytesOf(machine, keep), portUse(costs, costs.resources.ofWrite(keep.level)));
  const awaited = g.multiply(firstShare(ctx, keep, at), most(ctx, busy, 0));
  const cycles = g.add(awaited, accessLatency(costs, parent, keep.level));
  return moveItem(ctx, keep, bytes, { cycles, busy, reads: [], writes: [keep.tensor] });
}

function drainItem(ctx: SpanContext, keep: Keep): Item {
  const { costs } = ctx;
  const { machine } = costs.placed;
  const parent = keep.parent!;
  const bytes = ctx.drains[keep.id]!;
  const kept = ctx.f.graph.multiply(keptShare(keep), bytes);
  const busy = new Map<number, Value>();
  charge(ctx, busy, kept, accessBytesOf(machine, keep), portUse(costs, costs.resources.ofRead(keep.level)));
  charge(ctx, busy, kept, accessBytesOf(machine, parent), writeUses(costs, parent, 1));
  return moveItem(ctx, keep, bytes, { cycles: most(ctx, busy, 0), busy, reads: [keep.tensor], writes: [] });
}

/** The part of a tile that comes first: whole steps of the loop that cuts it, in at most so many pieces. */
function firstShare({ f, costs }: SpanContext, keep: Keep, { extents }: Place): Value {
  const { graph: g } = f;
  const cut = findCut(costs.placed, keep);
  if (cut === undefined) return 1;
  const { loop, coefficient } = cut;
  const length = lengthOf(f, [{ variable: loop.variable, coefficient }], extents);
  const step = g.multiply(coefficient, f.tiles[loop.id]!);
  const steps = g.max(1, g.ceil(g.divide(g.divide(length, step), mostPieces)));
  return g.min(1, g.divide(g.multiply(step, steps), length));
}

function lengthOf({ graph: g }: Factors, side: Side, extents: readonly Value[]): Value {
  return side.reduce<Value>(
    (length, { variable, coefficient }) =>
      coefficient === 1 && side.length === 1
        ? extents[variable]!
        : g.add(length, g.multiply(coefficient, g.subtract(extents[variable]!, 1))),
    1,
  );
}

function computeItem(ctx: SpanContext, compute: Compute, { extents }: Place): Item {
  const { f, costs } = ctx;
  const { graph: g, p } = f;
  const { einsum, bindings, operands, output } = compute;
  const passes = (dimensions: PlacedBinding['dimensions']): Value =>
    productOf(
      g,
      dimensions.map(({ variable, size }) => g.ceil(g.divide(extents[variable]!, size))),
    );
  const busy = new Map<number, Value>();
  for (const { unit, dimensions, cyclesPerPoint } of bindings) {
    const inTime = einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v));
    const points = g.multiply(
      productOf(
        g,
        inTime.map((v) => extents[v]!),
      ),
      passes(dimensions),
    );
    const use = { resource: costs.resources.ofUnit(unit), cycles: 1 };
    charge(ctx, busy, g.multiply(cyclesPerPoint, points), 0, [use]);
  }
  const transfer = (keep: Keep, access: typeof einsum.output, uses: readonly Use[], times: Value): void => {
    if (uses.length === 0) return;
    const lengths = sidesOf(p.workload, access)!.map((side) => lengthOf(f, side, extents));
    const bytes = g.multiply(tensorBytes(p.workload.tensors[access.tensor]!, 1), productOf(g, lengths));
    charge(ctx, busy, g.multiply(bytes, times), accessBytesOf(p.machine, keep), uses);
  };
  operands.forEach((keep, i) => {
    const access = einsum.operands[i]!;
    const others = bindings[0]!.dimensions.filter((d) => !isIndexedBy(access, d.variable));
    transfer(keep, access, readUses(costs, keep, 1), passes(others));
  });
  transfer(output, einsum.output, writeUses(costs, output, 1), 1);
  const latency = operands.reduce((longest, keep) => Math.max(longest, accessLatency(costs, keep, undefined)), 0);
  const cycles = g.add(most(ctx, busy, 0), latency + rampCycles(p, compute));
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
  const steady = g.max(most(ctx, body.busy, 0), g.divide(body.cycles, inFlight));
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
