import { type Accounting, type Machine, operationName, physical } from '../arch/machine.ts';
import { lanes } from '../arch/peaks.ts';
import { computedElements } from '../einsum/compulsory.ts';
import { countOperations, expectedPoints } from '../einsum/operations.ts';
import { operandBits } from '../einsum/workload.ts';
import { copiesIn, copiesOf, hasLanesIn, laneUse } from '../mapper/lanes.ts';
import type { Compute, Keep, PlacedMapping } from '../mapper/placed.ts';
import { tensorBytes } from '../mapper/tile.ts';
import type { Actions, Charged } from './metrics.ts';
import type { Traffic } from './traffic.ts';

/**
 * What dynamic energy is charged for: counts of actions and the energy of one, by component and action ("DRAM read",
 * "Array2D mac").
 *
 * - Operations are those that are computed; lanes that idle in a padded array pass cost nothing.
 * - A memory is charged for the bytes that cross its port.
 * - Of a memory that is divided among the lanes of a unit, a tile is also read and written inside: at each point the
 *   lane reads every operand, and the sum that it adds to where there is one, and writes the result. An operand that is
 *   kept elsewhere comes in first, so it is written too; a result that is kept elsewhere is read once more when it goes.
 *   What is between the operations of one point stays in the lane.
 * - Where every lane has a memory of its own, it reads at each point the operands that are kept there, and writes the result, if
 *   that is; it reads what it adds to, but for the first point of each sum. A tile that several lanes hold comes to each
 *   of them, and leaves each. Sums of lanes are joined on the way, which costs nothing.
 * - The accounting says which of these are charged.
 */
export function countActions(
  p: PlacedMapping,
  charged: ReturnType<typeof countAccesses>,
  accounting: Accounting,
): ReadonlyMap<string, Actions> {
  const parts = new Map<string, Actions>();
  const add = (part: string, count: number, each_pj: number): void => {
    if (count > 0 && each_pj > 0) parts.set(part, { count: (parts.get(part)?.count ?? 0) + count, each_pj });
  };
  p.machine.levels.forEach(({ name, memory }, l) => {
    if (memory === undefined) return;
    const { access_bytes, read_pj_per_byte, write_pj_per_byte } = memory;
    const { read_bytes, fill_bytes, update_bytes } = sumOf(charged[l]!);
    add(`${name} read`, read_bytes / access_bytes, read_pj_per_byte * access_bytes);
    add(`${name} write`, (fill_bytes + update_bytes) / access_bytes, write_pj_per_byte * access_bytes);
  });
  const counts = countOperations(p.workload);
  for (const compute of p.computes) {
    const operations = counts.get(compute.einsum.name)!;
    const bits = operandBits(p.workload, compute.einsum);
    for (const binding of compute.bindings)
      for (const { operator, energy_pj } of binding.operations)
        if (!accounting.freeOperators.has(operator))
          add(operationName(p.machine.units[binding.unit]!, operator, bits), operations.get(operator) ?? 0, energy_pj);
  }
  return parts;
}

/** All energy that happens, in pJ, whatever an accounting charges for. */
export function physicalEnergy(p: PlacedMapping, traffic: ChargedTraffic): number {
  const actions = countActions(p, countAccesses(p, traffic, physical), physical);
  return [...actions.values()].reduce((sum, { count, each_pj }) => sum + count * each_pj, 0);
}

/** Lanes that hold the same: a tile of a keep, and what a compute adds to; the numbers of the mapping say how many there are. */
type Copies = {
  readonly ofKeep: (keep: Keep) => number;
  /** Undefined: no lane reads what it adds to. */
  readonly ofSum: (compute: Compute) => number | undefined;
};

const placedCopies = (p: PlacedMapping): Copies => ({
  ofKeep: (keep) => copiesOf(p, keep),
  ofSum: (compute) => copiesIn(p, laneUse(compute, compute.einsum.output)),
});

/** For those who count copies themselves. */
const uncopied: Copies = { ofKeep: () => 1, ofSum: () => undefined };

/** Bytes of a level that are charged for, of all lanes that divide its memory. */
export type LevelCharge = { readonly level: number; readonly read_bytes: number; readonly write_bytes: number };

/** What is charged for some traffic, in proportion to it. Tiles have one copy. */
export function trafficCharges(
  p: PlacedMapping,
  traffic: ChargedTraffic,
  accounting: Accounting,
): readonly LevelCharge[] {
  const charges = openCharges(p, accounting, () => 1);
  chargeTraffic(charges, traffic, uncopied);
  return byLevel(charges);
}

/**
 * What is charged for what lanes do at so many points, of which so many begin a sum, whatever moves: in proportion to both.
 * Tiles have one copy.
 */
export function laneCharges(
  p: PlacedMapping,
  compute: Compute,
  counts: PointCounts,
  accounting: Accounting,
): readonly LevelCharge[] {
  const charges = openCharges(p, accounting, () => 1);
  chargeLanes(charges, compute, counts, uncopied);
  return byLevel(charges);
}

const byLevel = ({ levels }: Charges): readonly LevelCharge[] =>
  levels.flatMap((tensors, level) => {
    const { read_bytes, fill_bytes, update_bytes } = sumOf(tensors);
    return tensors.size === 0 ? [] : [{ level, read_bytes, write_bytes: fill_bytes + update_bytes }];
  });

type ChargedTraffic = Pick<Traffic, 'accesses' | 'computes'>;

/** What is charged so far: by level, then by position of the tensor. */
type Charges = {
  readonly p: PlacedMapping;
  readonly accounting: Accounting;
  /** Of what lanes do that divide the memory of a level, the share that is charged for. */
  readonly shareOf: (level: number) => number;
  readonly levels: readonly Map<number, Charged>[];
};

const nothing: Charged = { read_bytes: 0, fill_bytes: 0, update_bytes: 0 };

const openCharges = (p: PlacedMapping, accounting: Accounting, shareOf: Charges['shareOf']): Charges => ({
  p,
  accounting,
  shareOf,
  levels: p.machine.levels.map(() => new Map()),
});

function charge({ shareOf, levels }: Charges, level: number, tensor: number, more: Partial<Charged>): void {
  const share = shareOf(level);
  const before = levels[level]!.get(tensor) ?? nothing;
  const { read_bytes = 0, fill_bytes = 0, update_bytes = 0 } = more;
  levels[level]!.set(tensor, {
    read_bytes: before.read_bytes + share * read_bytes,
    fill_bytes: before.fill_bytes + share * fill_bytes,
    update_bytes: before.update_bytes + share * update_bytes,
  });
}

function sumOf(tensors: ReadonlyMap<number, Charged>): Charged {
  let { read_bytes, fill_bytes, update_bytes } = nothing;
  for (const t of tensors.values()) {
    read_bytes += t.read_bytes;
    fill_bytes += t.fill_bytes;
    update_bytes += t.update_bytes;
  }
  return { read_bytes, fill_bytes, update_bytes };
}

/** All that is charged for, by level, then by position of the tensor. */
export function countAccesses(
  p: PlacedMapping,
  traffic: ChargedTraffic,
  accounting: Accounting,
): readonly ReadonlyMap<number, Charged>[] {
  const copies = placedCopies(p);
  const charges = openCharges(p, accounting, (level) => chargedShare(p.machine, level, accounting));
  chargeTraffic(charges, traffic, copies);
  for (const compute of p.computes) chargeLanes(charges, compute, pointCounts(p, compute), copies);
  return charges.levels;
}

/** Bytes that cross a port, and those that come to lanes and leave them. */
function chargeTraffic(charges: Charges, { accesses, computes }: ChargedTraffic, copies: Copies): void {
  const { p } = charges;
  const { freeDrains } = charges.accounting;
  for (const { keep, level, compute, read_bytes, write_bytes, moves } of accesses) {
    if (compute !== undefined && isInLanes(p, compute, level)) continue;
    const times = compute === undefined && level === keep.level ? copies.ofKeep(keep) : 1;
    charge(charges, level, keep.tensor, {
      read_bytes: moves === 'drain' && freeDrains ? 0 : read_bytes * times,
      [moves === 'fill' ? 'fill_bytes' : 'update_bytes']: write_bytes * times,
    });
  }
  for (const { compute, update_read_bytes, write_bytes } of computes) {
    const own = laneLevel(p, compute);
    if (own === undefined || compute.output.level === own) continue;
    const left = { read_bytes: freeDrains ? 0 : write_bytes, fill_bytes: update_read_bytes };
    charge(charges, own, compute.output.tensor, left);
  }
}

/** Whether what a compute has in a level is charged for by points and not by what crosses a port. */
const isInLanes = (p: PlacedMapping, compute: Compute, level: number): boolean =>
  laneLevel(p, compute) === level || hasLanesIn(p.machine, level, compute.bindings[0]!.unit);

/** Points at which an Einsum computes, and elements of its output that it computes. */
export type PointCounts = { readonly points: number; readonly elements: number };

const pointCounts = ({ workload }: PlacedMapping, { einsum }: Compute): PointCounts => ({
  points: expectedPoints(workload, einsum),
  elements: computedElements(workload, einsum) * einsum.density,
});

/** What lanes read and write at the points that they compute, whatever moves. */
function chargeLanes(charges: Charges, compute: Compute, counts: PointCounts, copies: Copies): void {
  const { p } = charges;
  for (const { level, tensor, points, begun } of privateAccesses(p, compute, counts)) {
    if (begun === undefined) charge(charges, level, tensor, { read_bytes: points });
    else {
      const copied = copies.ofSum(compute);
      const read_bytes = copied === undefined ? 0 : Math.max(0, points - begun * copied);
      charge(charges, level, tensor, { read_bytes, update_bytes: points });
    }
  }
  const own = laneLevel(p, compute);
  if (own === undefined) return;
  const { operands, output } = compute;
  const { points, elements } = counts;
  const bytes = (tensor: number, elements: number): number => tensorBytes(p.workload.tensors[tensor]!, elements);
  charge(charges, own, output.tensor, {
    read_bytes: bytes(output.tensor, points - elements),
    update_bytes: bytes(output.tensor, points),
  });
  for (const { tensor, level } of operands) {
    const all = bytes(tensor, points);
    charge(charges, own, tensor, { read_bytes: all, fill_bytes: level === own ? 0 : all });
  }
}

/**
 * What lanes have in memories of their own, in bytes at all points: operands, which are read at each, and a result, which is
 * written. `begun`: bytes of the result's elements; each lane with a part of a sum begins it without reading.
 */
export function privateAccesses(
  { workload, machine }: PlacedMapping,
  { bindings, operands, output }: Compute,
  counts: PointCounts,
): readonly { readonly level: number; readonly tensor: number; readonly points: number; readonly begun?: number }[] {
  const bytes = (keep: Keep, elements: number): number => tensorBytes(workload.tensors[keep.tensor]!, elements);
  return [...operands, output].flatMap((keep, i) => {
    if (!hasLanesIn(machine, keep.level, bindings[0]!.unit)) return [];
    const of = { level: keep.level, tensor: keep.tensor, points: bytes(keep, counts.points) };
    return i < operands.length ? [of] : [{ ...of, begun: bytes(keep, counts.elements) }];
  });
}

/** The level whose memory the lanes of a compute have among them. Of several units the first has the registers. */
function laneLevel(p: PlacedMapping, compute: Compute): number | undefined {
  const { level } = p.machine.units[compute.bindings[0]!.unit]!;
  return p.machine.levels[level]!.memory?.perLane === true ? level : undefined;
}

/** Of a memory that lanes divide among them, an accounting may charge for one of them: those of the largest unit count. */
export function chargedShare(machine: Machine, level: number, { oneLane }: Accounting): number {
  if (!(oneLane && machine.levels[level]!.memory?.perLane === true)) return 1;
  const largest = Math.max(...machine.units.filter((u) => u.level === level).map(lanes));
  return 1 / (largest * machine.levels[level]!.totalInstances);
}
