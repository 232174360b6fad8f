import type { Costs } from '../resources.ts';
import { type BlockDraft, draftBlock, drainItem, type Piece } from './draft.ts';
import { createMeasures, type Measures } from './measures.ts';

/**
 * A loop tree as a model of its time runs it: blocks of items, which are tiles that come in, branches, and tiles
 * that leave, in arrays by number. Where an array says where something begins, one more entry says where the last
 * ends.
 */
export type Program = {
  readonly measures: Measures;
  /** Keeps, by id, whose tiles take time to come or to go. */
  readonly moving: Int32Array;
  readonly blocks: number;
  /** By block: 1 for a sequence; 1 where a branch lags; its items; its slots, one for each resource that it holds. */
  readonly strict: Uint8Array;
  readonly lags: Uint8Array;
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
    lags: Uint8Array.from(blocks, (b) => (b.lags ? 1 : 0)),
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
