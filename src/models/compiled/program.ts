import type { Block, Branch, Compute, Keep, PlacedBinding } from '../../mapper/placed.ts';
import { isIndexedBy, tensorBytes } from '../../mapper/tile.ts';
import { keptShare } from '../accesses.ts';
import { type Cut, findCut } from '../pieces.ts';
import { accessBytesOf, accessLatency, type Costs, rampCycles, readUses, type Use, writeUses } from '../resources.ts';
import { createMeasures, type Measures, measureOf } from './measures.ts';
import { type Side, sidesOf } from './sides.ts';

/**
 * A loop tree as a model of its time runs it: blocks of items, which are tiles that come in, branches, and tiles that leave,
 * in arrays by number. Where an array says where something begins, one more entry says where the last ends.
 */
export type Program = {
  readonly measures: Measures;
  /** Keeps, by id, whose tiles take time to come or to go. */
  readonly moving: Int32Array;
  readonly blocks: number;
  /** By block: 1 for a sequence; its items; its slots, one for each resource that it holds. */
  readonly strict: Uint8Array;
  readonly items: Int32Array;
  readonly slots: Int32Array;
  /** By item: what it is, and the keep, compute or loop by id. */
  readonly kinds: Uint8Array;
  readonly subjects: Int32Array;
  readonly trailing: Uint8Array;
  /** Cycles from when it lets go of its resources until its result is there. */
  readonly latencies: Float64Array;
  /** By item, of a fill whose tile comes in pieces: how. */
  readonly cuts: readonly (Piece | undefined)[];
  /** By item, of a loop: its variable, and the block inside. */
  readonly variables: Int32Array;
  readonly inside: Int32Array;
  /** By item: items before it in the block that make what it takes. */
  readonly waits: Int32Array;
  readonly waitsFor: Int32Array;
  /** By item: the resources that it holds, as slots of its block. */
  readonly uses: Int32Array;
  readonly useSlots: Int32Array;
  /** By item, but for loops: what it holds them for. */
  readonly charges: Int32Array;
  /** By charge: a constant times measures, in whole accesses of so many bytes where that is not 0. */
  readonly coefficients: Float64Array;
  readonly factors: Int32Array;
  readonly factorMeasures: Int32Array;
  readonly accesses: Float64Array;
  /** By charge: uses, and cycles of each for what is charged. */
  readonly rates: Int32Array;
  readonly rateUses: Int32Array;
  readonly rateCycles: Float64Array;
};

export const fillItem = 0;
const drainItem = 1;
export const computeItem = 2;
export const loopItem = 3;

type Piece = Pick<Cut, 'loop' | 'coefficient'> & { step: number };

type Charge = {
  readonly coefficient: number;
  readonly factors: readonly number[];
  readonly access_bytes: number;
  readonly uses: readonly Use[];
};

type Draft = {
  readonly kind: number;
  readonly subject: number;
  readonly trailing: boolean;
  readonly latency: number;
  readonly cut?: Piece | undefined;
  readonly variable?: number;
  readonly inside?: BlockDraft;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly charges: readonly Charge[];
};

type BlockDraft = { readonly strict: boolean; readonly items: readonly Draft[]; readonly resources: readonly number[] };

export function compileProgram(costs: Costs): Program {
  const measures = createMeasures(costs.placed);
  const root = draftBlock(costs, measures, costs.placed.root);
  const blocks = withInside(root);
  const items = blocks.flatMap((block) => block.items.map((item) => ({ item, block })));
  const heldBy = ({ item, block }: (typeof items)[number]): readonly number[] =>
    item.inside?.resources ??
    block.resources.filter((r) => item.charges.some((c) => c.uses.some((u) => u.resource === r)));
  const uses = ranges(items.map(heldBy));
  const slots = ranges(blocks.map((b) => b.resources));
  const charges = items.flatMap((i, at) => i.item.charges.map((charge) => ({ charge, at })));
  const rates = ranges(charges.map(({ charge }) => charge.uses));
  const waits = ranges(
    items.map(({ item, block }) => {
      const taken = item.reads.filter((tensor) => !item.writes.includes(tensor));
      const before = block.items.slice(0, block.items.indexOf(item));
      return before.filter((b) => b.writes.some((tensor) => taken.includes(tensor)));
    }),
  );
  const position = new Map(items.map(({ item }, i) => [item, i]));
  const factors = ranges(charges.map(({ charge }) => charge.factors));
  return {
    measures,
    moving: Int32Array.from(new Set(items.flatMap(({ item }) => (item.kind <= drainItem ? [item.subject] : [])))),
    blocks: blocks.length,
    strict: Uint8Array.from(blocks, (b) => (b.strict ? 1 : 0)),
    items: ranges(blocks.map((b) => b.items)).starts,
    slots: slots.starts,
    kinds: Uint8Array.from(items, ({ item }) => item.kind),
    subjects: Int32Array.from(items, ({ item }) => item.subject),
    trailing: Uint8Array.from(items, ({ item }) => (item.trailing ? 1 : 0)),
    latencies: Float64Array.from(items, ({ item }) => item.latency),
    cuts: items.map(({ item }) => item.cut),
    variables: Int32Array.from(items, ({ item }) => item.variable ?? 0),
    inside: Int32Array.from(items, ({ item }) => (item.inside === undefined ? -1 : blocks.indexOf(item.inside))),
    waits: waits.starts,
    waitsFor: Int32Array.from(waits.all, (item) => position.get(item)!),
    uses: uses.starts,
    useSlots: Int32Array.from(
      items.flatMap((i) => {
        const first = slots.starts[blocks.indexOf(i.block)]!;
        return heldBy(i).map((r) => first + i.block.resources.indexOf(r));
      }),
    ),
    charges: ranges(items.map(({ item }) => item.charges)).starts,
    coefficients: Float64Array.from(charges, ({ charge }) => charge.coefficient),
    factors: factors.starts,
    factorMeasures: Int32Array.from(factors.all),
    accesses: Float64Array.from(charges, ({ charge }) => charge.access_bytes),
    rates: rates.starts,
    rateUses: Int32Array.from(
      charges.flatMap(({ charge, at }) =>
        charge.uses.map((u) => uses.starts[at]! + heldBy(items[at]!).indexOf(u.resource)),
      ),
    ),
    rateCycles: Float64Array.from(rates.all, (u) => u.cycles),
  };
}

/** A block and all inside, the block first. */
const withInside = (block: BlockDraft): readonly BlockDraft[] => [
  block,
  ...block.items.flatMap(({ inside }) => (inside === undefined ? [] : withInside(inside))),
];

/** Lists one after the other, and where each begins. */
function ranges<T>(lists: readonly (readonly T[])[]): { readonly starts: Int32Array; readonly all: readonly T[] } {
  const starts = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    starts[i + 1] = starts[i]! + list.length;
  });
  return { starts, all: lists.flat() };
}

function draftBlock(costs: Costs, m: Measures, block: Block): BlockDraft {
  const moving = block.keeps.filter((keep) => keep.parent !== undefined);
  const fills = moving.filter((keep) => keep.fill !== 'never').map((keep) => draftFill(costs, m, keep));
  const branches = block.branches.map((branch) => draftBranch(costs, m, branch));
  const drains = moving
    .filter((keep) => keep.wanted || keep.returning.length > 0)
    .map((keep) => draftDrain(costs, m, keep));
  // What comes or goes at once holds nobody up, unless it shows when a trailing branch ends.
  const isFelt = ({ charges, latency }: Draft): boolean => charges.length > 0 || latency > 0;
  const hasTrailing = branches.some((branch) => branch.trailing);
  const items = [...fills.filter(isFelt), ...branches, ...drains.filter((d) => hasTrailing || isFelt(d))];
  const resources = items.flatMap(
    (d) => d.inside?.resources ?? d.charges.flatMap((c) => c.uses.map((u) => u.resource)),
  );
  return { strict: block.strict, items, resources: [...new Set(resources)] };
}

/** What a movement of a keep's tiles charges a level: nothing where there is no port with a limit. */
function chargeFor(costs: Costs, at: Keep, moved: Keep, measure: number, uses: readonly Use[]): readonly Charge[] {
  const access_bytes = accessBytesOf(costs.placed.machine, at);
  return uses.length === 0 ? [] : [{ coefficient: keptShare(moved), factors: [measure], access_bytes, uses }];
}

const portUse = ({ resources }: Costs, port: number | undefined): readonly Use[] =>
  port === undefined ? [] : [{ resource: port, cycles: 1 / resources.bytesPerCycle[port]! }];

function draftFill(costs: Costs, m: Measures, keep: Keep): Draft {
  const measure = m.fills + keep.id;
  const cut = findCut(costs.placed, keep);
  return {
    kind: fillItem,
    subject: keep.id,
    trailing: false,
    latency: accessLatency(costs, keep.parent!, keep.level),
    cut: cut && { loop: cut.loop, coefficient: cut.coefficient, step: cut.step },
    reads: [],
    writes: [keep.tensor],
    charges: [
      ...chargeFor(costs, keep.parent!, keep, measure, readUses(costs, keep.parent!, 1)),
      ...chargeFor(costs, keep, keep, measure, portUse(costs, costs.resources.ofWrite(keep.level))),
    ],
  };
}

function draftDrain(costs: Costs, m: Measures, keep: Keep): Draft {
  const measure = m.drains + keep.id;
  return {
    kind: drainItem,
    subject: keep.id,
    trailing: false,
    latency: 0,
    reads: [keep.tensor],
    writes: [],
    charges: [
      ...chargeFor(costs, keep, keep, measure, portUse(costs, costs.resources.ofRead(keep.level))),
      ...chargeFor(costs, keep.parent!, keep, measure, writeUses(costs, keep.parent!, 1)),
    ],
  };
}

function draftBranch(costs: Costs, m: Measures, branch: Branch): Draft {
  if (branch.kind === 'compute') return draftCompute(costs, m, branch);
  const einsums = costs.placed.computes.filter((c) => c.above.includes(branch)).map((c) => c.einsum);
  return {
    kind: loopItem,
    subject: branch.id,
    trailing: branch.trailing,
    latency: 0,
    variable: branch.variable,
    inside: draftBlock(costs, m, branch.block),
    reads: einsums.flatMap((e) => e.operands.map((o) => o.tensor)),
    writes: einsums.map((e) => e.output.tensor),
    charges: [],
  };
}

function draftCompute(costs: Costs, m: Measures, compute: Compute): Draft {
  const p = costs.placed;
  const { einsum, bindings, operands, output } = compute;
  const units = bindings.map(({ unit, dimensions, cyclesPerPoint }): Charge => {
    const inTime = einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v));
    return {
      coefficient: cyclesPerPoint,
      factors: [...inTime, ...passesOf(m, dimensions)],
      access_bytes: 0,
      uses: [{ resource: costs.resources.ofUnit(unit), cycles: 1 }],
    };
  });
  const transfer = (
    keep: Keep,
    access: typeof einsum.output,
    uses: readonly Use[],
    passes: readonly number[],
  ): Charge => ({
    coefficient: tensorBytes(p.workload.tensors[access.tensor]!, 1),
    factors: [...lengthsOf(m, sidesOf(p.workload, access)!), ...passes],
    access_bytes: accessBytesOf(p.machine, keep),
    uses,
  });
  const reads = operands.map((keep, i) => {
    const access = einsum.operands[i]!;
    const others = bindings[0]!.dimensions.filter((d) => !isIndexedBy(access, d.variable));
    return transfer(keep, access, readUses(costs, keep, 1), passesOf(m, others));
  });
  const write = transfer(output, einsum.output, writeUses(costs, output, 1), []);
  const latency = operands.reduce((most, keep) => Math.max(most, accessLatency(costs, keep, undefined)), 0);
  return {
    kind: computeItem,
    subject: compute.id,
    trailing: compute.trailing,
    latency: latency + rampCycles(p, compute),
    reads: einsum.operands.map((o) => o.tensor),
    writes: [einsum.output.tensor],
    charges: [...units, ...reads, write].filter((c) => c.uses.length > 0),
  };
}

/** Passes along array dimensions. */
const passesOf = (m: Measures, dimensions: PlacedBinding['dimensions']): readonly number[] =>
  dimensions.map(({ variable, size }) => measureOf(m, { kind: 'passes', variable, lanes: size }));

/** Lengths of sides: of most the extent of their variable. */
const lengthsOf = (m: Measures, sides: readonly Side[]): readonly number[] =>
  sides
    .filter((side) => side.length > 0)
    .map((side) => {
      const [only] = side;
      return side.length === 1 && only!.coefficient === 1
        ? only!.variable
        : measureOf(m, { kind: 'length', terms: side });
    });
