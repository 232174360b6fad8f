import type { Block, Branch, Compute, Keep, PlacedBinding } from '../../mapper/placed.ts';
import { isIndexedBy, tensorBytes } from '../../mapper/tile.ts';
import { keptShare } from '../accesses.ts';
import { type Cut, findCut } from '../pieces.ts';
import { accessBytesOf, accessLatency, type Costs, rampCycles, readUses, type Use, writeUses } from '../resources.ts';
import { mostLag } from '../walk.ts';
import { type Measures, measureOf } from './measures.ts';
import { type Side, sidesOf } from './sides.ts';

/** Blocks and what they run, as the program (`program.ts`) has them in arrays. */

/** What an item is. */
export const fillItem = 0;
export const drainItem = 1;
export const computeItem = 2;
export const loopItem = 3;

/** How a tile is cut into pieces; the length of a step is that of the last evaluation. */
export type Piece = Pick<Cut, 'loop' | 'coefficient'> & { step: number };

/**
 * What holds resources: an amount, a constant times measures, in whole accesses of so many bytes where that is not
 * 0.
 */
type Charge = {
  readonly coefficient: number;
  readonly factors: readonly number[];
  readonly access_bytes: number;
  /** Cycles of each resource for one of what is charged. */
  readonly uses: readonly Use[];
};

type Draft = {
  readonly kind: number;
  /** The keep, compute or loop, by id. */
  readonly subject: number;
  readonly trailing: boolean;
  readonly latency: number;
  /** Of a fill. */
  readonly cut?: Piece | undefined;
  /** Of a loop. */
  readonly variable?: number;
  readonly inside?: BlockDraft;
  /** Tensors that it takes and makes. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly charges: readonly Charge[];
};

export type BlockDraft = {
  readonly strict: boolean;
  /** A branch lags behind the loop around. */
  readonly lags: boolean;
  readonly items: readonly Draft[];
  readonly resources: readonly number[];
};

/** What a block runs, and the resources that it holds. */
export function draftBlock(costs: Costs, m: Measures, block: Block): BlockDraft {
  const moving = block.keeps.filter((keep) => keep.parent !== undefined);
  const fills = moving.filter((keep) => keep.fill !== 'never').map((keep) => draftFill(costs, m, keep));
  const branches = block.branches.map((branch) => draftBranch(costs, m, branch));
  const drains = moving
    .filter((keep) => keep.wanted || keep.returning.length > 0)
    .map((keep) => draftDrain(costs, m, keep));
  // What comes or goes at once is not felt, unless it waits for what the block does not wait for.
  const isFelt = ({ charges, latency }: Draft): boolean => charges.length > 0 || latency > 0;
  const before = [...fills.filter(isFelt), ...branches];
  const isLate = (drain: Draft): boolean =>
    before.some((i) => (i.trailing || i.kind === fillItem) && i.writes.some((t) => drain.reads.includes(t)));
  const items = [...before, ...drains.filter((drain) => isFelt(drain) || isLate(drain))];
  const resources = items.flatMap(
    (d) => d.inside?.resources ?? d.charges.flatMap((c) => c.uses.map((u) => u.resource)),
  );
  return { strict: block.strict, lags: mostLag(block) > 0, items, resources: [...new Set(resources)] };
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
