import type { Block, Compute, Keep, Loop, PlacedBinding } from '../../mapper/placed.ts';
import { isIndexedBy, tensorBytes } from '../../mapper/tile.ts';
import { keptShare } from '../accesses.ts';
import { type Cut, findCut, pieceLength } from '../pieces.ts';
import { accessBytesOf, accessLatency, type Costs, rampCycles, readUses, type Use, writeUses } from '../resources.ts';
import { type Side, sidesOf } from './sides.ts';

/**
 * The estimate of `analytic/span.ts` for a loop tree with other numbers: the same formulas, over a tree that knows what
 * holds which resource and what waits for what, and has room for all that an evaluation writes.
 */
export type CompiledSpan = {
  cycles: number;
  bound: number;
  /** Writes cycles and bound. */
  readonly update: () => void;
};

type OpenNumbers = {
  readonly tiles: Float64Array;
  readonly stages: Float64Array;
  readonly inFlight: Float64Array;
  /** Bytes that a keep fills and drains on average when its block is entered. */
  readonly fills: Float64Array;
  readonly drains: Float64Array;
};

type BlockSpan = {
  readonly strict: boolean;
  readonly items: readonly Item[];
  /** By position in the block's resources; as in `Span`. */
  readonly busy: Float64Array;
  readonly certain: Float64Array;
  readonly free: Float64Array;
  cycles: number;
  bound: number;
};

/** What a block runs: tiles that come in, branches, tiles that leave. */
type Item = {
  readonly work: Movement | Work | LoopSpan;
  /** Positions in the block's resources of those that it holds. */
  readonly at: Int32Array;
  readonly busy: Float64Array;
  /** Nothing of a movement, all of a compute. */
  readonly certain: Float64Array;
  /** Items before it in the block that make what it takes. */
  readonly after: readonly Item[];
  cycles: number;
  bound: number;
  end: number;
  unawaited: boolean;
};

/** Transfers in proportion to bytes, in whole accesses of a memory. */
type Charge = {
  readonly access_bytes: number;
  /** Positions in the item's resources, and cycles a byte of each. */
  readonly at: Int32Array;
  readonly cycles: Float64Array;
};

type Movement = {
  readonly kind: 'fill' | 'drain';
  readonly keep: number;
  readonly kept: number;
  readonly charges: readonly Charge[];
  readonly latency: number;
  /** How a tile is cut into pieces, of which the first is awaited. */
  readonly cut: (Pick<Cut, 'loop' | 'coefficient'> & { step: number }) | undefined;
};

type Work = {
  readonly kind: 'compute';
  readonly units: readonly {
    readonly at: number;
    readonly cyclesPerPoint: number;
    /** Variables that run in time, and those that lie along the array. */
    readonly inTime: Int32Array;
    readonly along: Int32Array;
    readonly lanes: Float64Array;
  }[];
  readonly transfers: readonly (Charge & {
    readonly elementBytes: number;
    readonly sides: readonly Side[];
    /** Array dimensions for whose pieces it is read again. */
    readonly along: Int32Array;
    readonly lanes: Float64Array;
  })[];
  readonly latency: number;
};

type LoopSpan = {
  readonly kind: 'loop';
  readonly loop: number;
  readonly variable: number;
  readonly block: BlockSpan;
};

/** Resources and tensors of an item before it has a place in its block. */
type Draft = {
  readonly resources: readonly number[];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly trailing: boolean;
  /** Resources by number become positions in the item's. */
  readonly work: (at: (resource: number) => number) => Item['work'];
};

export function compileSpan(costs: Costs, open: OpenNumbers): CompiledSpan {
  const p = costs.placed;
  const extents = Float64Array.from(p.workload.variables, (v) => v.size);
  const [root] = compileBlock(costs, p.root);
  const state: State = { ...open, extents };
  const span: CompiledSpan = {
    cycles: 0,
    bound: 0,
    update: () => {
      measureBlock(state, root);
      span.cycles = root.cycles;
      span.bound = root.bound;
    },
  };
  return span;
}

// Compilation

/** A block, and the resources that it holds. */
function compileBlock(costs: Costs, block: Block): readonly [BlockSpan, readonly number[]] {
  const moving = block.keeps.filter((keep) => keep.parent !== undefined);
  const drafts = [
    ...moving.filter((keep) => keep.fill !== 'never').map((keep) => movementDraft(costs, keep, 'fill')),
    ...block.branches.map((branch) =>
      branch.kind === 'compute' ? computeDraft(costs, branch) : loopDraft(costs, branch),
    ),
    ...moving
      .filter((keep) => keep.wanted || keep.returning.length > 0)
      .map((keep) => movementDraft(costs, keep, 'drain')),
  ];
  const resources = [...new Set(drafts.flatMap((d) => d.resources))];
  const items: Item[] = [];
  for (const draft of drafts) {
    const { resources: held, reads, writes, trailing } = draft;
    const taken = reads.filter((tensor) => !writes.includes(tensor));
    const work = draft.work((resource) => held.indexOf(resource));
    const busy = new Float64Array(held.length);
    items.push({
      work,
      at: Int32Array.from(held, (r) => resources.indexOf(r)),
      busy,
      certain: work.kind === 'compute' ? busy : new Float64Array(held.length),
      after: items.filter((_, i) => drafts[i]!.writes.some((tensor) => taken.includes(tensor))),
      cycles: 0,
      bound: 0,
      end: 0,
      unawaited: trailing,
    });
  }
  const perResource = (): Float64Array => new Float64Array(resources.length);
  const span = { strict: block.strict, items, busy: perResource(), certain: perResource(), free: perResource() };
  return [{ ...span, cycles: 0, bound: 0 }, resources];
}

const chargeOf = (access_bytes: number, uses: readonly Use[], at: (resource: number) => number): Charge => ({
  access_bytes,
  at: Int32Array.from(uses, (u) => at(u.resource)),
  cycles: Float64Array.from(uses, (u) => u.cycles),
});

const resourcesOf = (uses: readonly Use[]): readonly number[] => [...new Set(uses.map((u) => u.resource))];

function movementDraft(costs: Costs, keep: Keep, kind: 'fill' | 'drain'): Draft {
  const p = costs.placed;
  const parent = keep.parent!;
  const { machine } = p;
  const port = kind === 'fill' ? costs.resources.ofWrite(keep.level) : costs.resources.ofRead(keep.level);
  const own: readonly Use[] =
    port === undefined ? [] : [{ resource: port, cycles: 1 / costs.resources.bytesPerCycle[port]! }];
  const outer = kind === 'fill' ? readUses(costs, parent, 1) : writeUses(costs, parent, 1);
  const cut = kind === 'fill' ? findCut(p, keep) : undefined;
  return {
    resources: resourcesOf([...own, ...outer]),
    reads: kind === 'fill' ? [] : [keep.tensor],
    writes: kind === 'fill' ? [keep.tensor] : [],
    trailing: false,
    work: (at) => ({
      kind,
      keep: keep.id,
      kept: keptShare(keep),
      charges: [
        chargeOf(accessBytesOf(machine, parent), outer, at),
        chargeOf(accessBytesOf(machine, keep), own, at),
      ].filter((c) => c.at.length > 0),
      latency: kind === 'fill' ? accessLatency(costs, parent, keep.level) : 0,
      cut: cut && { ...cut },
    }),
  };
}

function computeDraft(costs: Costs, compute: Compute): Draft {
  const { workload, machine } = costs.placed;
  const { einsum, bindings } = compute;
  const transfers = [
    ...compute.operands.map((keep, i) => ({
      keep,
      access: einsum.operands[i]!,
      uses: readUses(costs, keep, 1),
      dimensions: bindings[0]!.dimensions.filter((d) => !isIndexedBy(einsum.operands[i]!, d.variable)),
    })),
    { keep: compute.output, access: einsum.output, uses: writeUses(costs, compute.output, 1), dimensions: [] },
  ].filter(({ uses }) => uses.length > 0);
  const units = bindings.map((binding) => costs.resources.ofUnit(binding.unit));
  return {
    resources: [...new Set([...units, ...transfers.flatMap(({ uses }) => resourcesOf(uses))])],
    reads: einsum.operands.map((o) => o.tensor),
    writes: [einsum.output.tensor],
    trailing: compute.trailing,
    work: (at) => ({
      kind: 'compute',
      units: bindings.map(({ dimensions, cyclesPerPoint }, i) => ({
        at: at(units[i]!),
        cyclesPerPoint,
        inTime: Int32Array.from(einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v))),
        ...alongArray(dimensions),
      })),
      transfers: transfers.map(({ keep, access, uses, dimensions }) => ({
        ...chargeOf(accessBytesOf(machine, keep), uses, at),
        elementBytes: tensorBytes(workload.tensors[access.tensor]!, 1),
        sides: sidesOf(workload, access)!,
        ...alongArray(dimensions),
      })),
      latency:
        compute.operands.reduce((most, keep) => Math.max(most, accessLatency(costs, keep, undefined)), 0) +
        rampCycles(costs.placed, compute),
    }),
  };
}

const alongArray = (dimensions: PlacedBinding['dimensions']): { along: Int32Array; lanes: Float64Array } => ({
  along: Int32Array.from(dimensions, (d) => d.variable),
  lanes: Float64Array.from(dimensions, (d) => d.size),
});

function loopDraft(costs: Costs, loop: Loop): Draft {
  const [block, resources] = compileBlock(costs, loop.block);
  const einsums = costs.placed.computes.filter((c) => c.above.includes(loop)).map((c) => c.einsum);
  return {
    resources,
    reads: einsums.flatMap((e) => e.operands.map((o) => o.tensor)),
    writes: einsums.map((e) => e.output.tensor),
    trailing: loop.trailing,
    work: () => ({ kind: 'loop', loop: loop.id, variable: loop.variable, block }),
  };
}

// Evaluation

type State = OpenNumbers & {
  /** Current extents by variable. */
  readonly extents: Float64Array;
};

function measureBlock(s: State, b: BlockSpan): void {
  const { items, busy, certain } = b;
  clear(busy);
  clear(certain);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    measureItem(s, item);
    const { at } = item;
    for (let k = 0; k < at.length; k++) {
      busy[at[k]!] = busy[at[k]!]! + item.busy[k]!;
      if (!item.unawaited) certain[at[k]!] = certain[at[k]!]! + item.certain[k]!;
    }
  }
  if (b.strict) runInSequence(b);
  else runAsOperandsAllow(b);
}

function measureItem(s: State, item: Item): void {
  const { work } = item;
  switch (work.kind) {
    case 'compute':
      measureCompute(s, item, work);
      break;
    case 'loop':
      measureLoop(s, item, work);
      break;
    default:
      measureMovement(s, item, work);
  }
}

function measureMovement(s: State, item: Item, { kind, keep, kept, charges, latency, cut }: Movement): void {
  const { busy } = item;
  const bytes = kind === 'fill' ? s.fills[keep]! : s.drains[keep]!;
  clear(busy);
  for (let c = 0; c < charges.length; c++) charge(charges[c]!, bytes * kept, busy);
  // What moves nothing is not there.
  item.unawaited = s.stages[keep]! > 1 || bytes === 0;
  let awaited = 1;
  if (cut !== undefined) {
    const length = 1 + cut.coefficient * (s.extents[cut.loop.variable]! - 1);
    cut.step = cut.coefficient * s.tiles[cut.loop.id]!;
    awaited = Math.min(1, pieceLength(cut, length) / length);
  }
  item.cycles = bytes > 0 ? awaited * most(busy) + latency : 0;
}

function charge({ access_bytes, at, cycles }: Charge, bytes: number, busy: Float64Array): void {
  const whole = Math.ceil(bytes / access_bytes) * access_bytes;
  for (let i = 0; i < at.length; i++) busy[at[i]!] = busy[at[i]!]! + whole * cycles[i]!;
}

function measureCompute({ extents }: State, item: Item, { units, transfers, latency }: Work): void {
  const { busy } = item;
  clear(busy);
  for (let u = 0; u < units.length; u++) {
    const { at, cyclesPerPoint, inTime, along, lanes } = units[u]!;
    let cycles = cyclesPerPoint * passes(extents, along, lanes);
    for (let v = 0; v < inTime.length; v++) cycles *= extents[inTime[v]!]!;
    busy[at] = busy[at]! + cycles;
  }
  for (let t = 0; t < transfers.length; t++) {
    const transfer = transfers[t]!;
    const { elementBytes, sides, along, lanes } = transfer;
    let bytes = elementBytes * passes(extents, along, lanes);
    for (let d = 0; d < sides.length; d++) bytes *= lengthOf(sides[d]!, extents);
    charge(transfer, bytes, busy);
  }
  item.cycles = most(busy) + latency;
  item.bound = item.cycles;
}

function passes(extents: Float64Array, along: Int32Array, lanes: Float64Array): number {
  let n = 1;
  for (let d = 0; d < along.length; d++) n *= Math.ceil(extents[along[d]!]! / lanes[d]!);
  return n;
}

function lengthOf(side: Side, extents: Float64Array): number {
  let length = 1;
  for (let t = 0; t < side.length; t++) length += side[t]!.coefficient * (extents[side[t]!.variable]! - 1);
  return length;
}

/** The full steps of a loop and, where its tile does not divide, the last one. */
function measureLoop(s: State, item: Item, { loop, variable, block }: LoopSpan): void {
  const { extents } = s;
  const extent = extents[variable]!;
  const tile = s.tiles[loop]!;
  const full = Math.floor(extent / tile);
  const left = extent - full * tile;
  const inFlight = s.inFlight[loop]!;
  clear(item.busy);
  clear(item.certain);
  item.cycles = 0;
  item.bound = 0;
  let ramp = 0;
  if (full > 0) {
    extents[variable] = tile;
    ramp = addSteps(s, item, block, inFlight, full);
  }
  if (left > 0) {
    extents[variable] = left;
    ramp = addSteps(s, item, block, inFlight, 1);
  }
  extents[variable] = extent;
  item.cycles += ramp;
  if (!block.strict && inFlight > 1) item.bound = Math.max(item.bound / inFlight, most(item.certain));
}

/** Adds as many steps of a loop, all alike; what the last takes longer than a step of many. */
function addSteps(s: State, item: Item, block: BlockSpan, inFlight: number, times: number): number {
  measureBlock(s, block);
  const { busy, certain } = block;
  for (let r = 0; r < busy.length; r++) {
    item.busy[r] = item.busy[r]! + times * busy[r]!;
    item.certain[r] = item.certain[r]! + times * certain[r]!;
  }
  const steady = inFlight === 1 ? block.cycles : Math.max(most(busy), block.cycles / inFlight);
  item.cycles += times * steady;
  item.bound += times * block.bound;
  return block.cycles - steady;
}

/** As `fill(0)`, whose call takes longer than that for a few numbers. */
function clear(numbers: Float64Array): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] = 0;
}

function most(busy: Float64Array): number {
  let most = 0;
  for (let r = 0; r < busy.length; r++) if (busy[r]! > most) most = busy[r]!;
  return most;
}

function runInSequence(b: BlockSpan): void {
  let cycles = 0;
  let bound = 0;
  for (let i = 0; i < b.items.length; i++) {
    const item = b.items[i]!;
    if (item.unawaited) continue;
    cycles += item.cycles;
    bound += item.bound;
  }
  b.cycles = Math.max(cycles, most(b.busy));
  b.bound = bound;
}

function runAsOperandsAllow(b: BlockSpan): void {
  const { items, free } = b;
  clear(free);
  let cycles = 0;
  let bound = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const { at, busy, after } = item;
    let start = 0;
    for (let k = 0; k < after.length; k++) if (after[k]!.end > start) start = after[k]!.end;
    for (let k = 0; k < at.length; k++) if (busy[k]! > 0 && free[at[k]!]! > start) start = free[at[k]!]!;
    item.end = start + item.cycles;
    if (item.unawaited) continue;
    for (let k = 0; k < at.length; k++) if (busy[k]! > 0) free[at[k]!] = start + busy[k]!;
    if (item.end > cycles) cycles = item.end;
    if (item.bound > bound) bound = item.bound;
  }
  b.cycles = Math.max(cycles, most(b.busy));
  b.bound = bound;
}
