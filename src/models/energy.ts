import type { Accounting, Machine } from '../arch/machine.ts';
import { lanes } from '../arch/peaks.ts';
import { computedElements } from '../einsum/compulsory.ts';
import { computedPoints, countOperations } from '../einsum/operations.ts';
import { copiesIn, copiesOf, hasLanesIn, laneUse } from '../mapper/lanes.ts';
import type { Compute, Keep, PlacedMapping } from '../mapper/placed.ts';
import { tensorBytes } from '../mapper/tile.ts';
import type { Actions } from './metrics.ts';
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
  traffic: Traffic,
  accounting: Accounting,
  copies: Copies = placedCopies(p),
): ReadonlyMap<string, Actions> {
  const parts = new Map<string, Actions>();
  const add = (part: string, count: number, each_pj: number): void => {
    if (count > 0 && each_pj > 0) parts.set(part, { count: (parts.get(part)?.count ?? 0) + count, each_pj });
  };
  const moved = chargedBytes(p, traffic, accounting, copies);
  const inside = laneBytes(p, copies);
  p.machine.levels.forEach(({ name, memory }, l) => {
    if (memory === undefined) return;
    const { access_bytes, read_pj_per_byte, write_pj_per_byte } = memory;
    const share = chargedShare(p.machine, l, accounting);
    const accesses = (bytes: number): number => (bytes * share) / access_bytes;
    add(`${name} read`, accesses(moved[l]!.read + inside[l]!.read), read_pj_per_byte * access_bytes);
    add(`${name} write`, accesses(moved[l]!.write + inside[l]!.write), write_pj_per_byte * access_bytes);
  });
  const counts = countOperations(p.workload);
  for (const compute of p.computes) {
    const operations = counts.get(compute.einsum.name)!;
    for (const binding of compute.bindings)
      for (const { operator, energy_pj } of binding.operations)
        if (!accounting.freeOperators.has(operator))
          add(`${p.machine.units[binding.unit]!.name} ${operator}`, operations.get(operator) ?? 0, energy_pj);
  }
  return parts;
}

/** Lanes that hold the same: a tile of a keep, and what a compute adds to; the numbers of the mapping say how many there are. */
type Copies = { readonly ofKeep: (keep: Keep) => number; readonly ofSum: (compute: Compute) => number };

const placedCopies = (p: PlacedMapping): Copies => ({
  ofKeep: (keep) => copiesOf(p, keep),
  ofSum: (compute) => copiesIn(p, laneUse(compute, compute.einsum.output)),
});

/** For those who count copies themselves: a tile has one, and no lane reads what it adds to. */
export const uncopied: Copies = { ofKeep: () => 1, ofSum: () => Number.POSITIVE_INFINITY };

/** Energy of the bytes that are charged for some traffic, in pJ: in proportion to it. Tiles have one copy. */
export function trafficEnergy(p: PlacedMapping, traffic: ChargedTraffic, accounting: Accounting): number {
  const moved = chargedBytes(p, traffic, accounting, uncopied);
  return p.machine.levels.reduce((sum, { memory }, l) => {
    if (memory === undefined) return sum;
    const { read, write } = moved[l]!;
    const share = chargedShare(p.machine, l, accounting);
    return sum + share * (read * memory.read_pj_per_byte + write * memory.write_pj_per_byte);
  }, 0);
}

type Charged = { read: number; write: number };
type ChargedTraffic = Pick<Traffic, 'accesses' | 'computes'>;

const nothing = (p: PlacedMapping): Charged[] => p.machine.levels.map(() => ({ read: 0, write: 0 }));

/** Bytes by level that cross a port, and those that come to lanes and leave them. */
function chargedBytes(
  p: PlacedMapping,
  { accesses, computes }: ChargedTraffic,
  { freeDrains }: Accounting,
  copies: Copies,
): readonly Charged[] {
  const levels = nothing(p);
  for (const { keep, level, compute, read_bytes, write_bytes, moves } of accesses) {
    if (compute !== undefined && isInLanes(p, compute, level)) continue;
    const times = level === keep.level ? copies.ofKeep(keep) : 1;
    if (!(moves === 'drain' && freeDrains)) levels[level]!.read += read_bytes * times;
    levels[level]!.write += write_bytes * times;
  }
  for (const { compute, update_read_bytes, write_bytes } of computes) {
    const own = laneLevel(p, compute);
    if (own === undefined || compute.output.level === own) continue;
    if (!freeDrains) levels[own]!.read += write_bytes;
    levels[own]!.write += update_read_bytes;
  }
  return levels;
}

/** Whether what a compute has in a level is charged for by points and not by what crosses a port. */
const isInLanes = (p: PlacedMapping, compute: Compute, level: number): boolean =>
  laneLevel(p, compute) === level || hasLanesIn(p.machine, level, compute.bindings[0]!.unit);

/** Bytes by level that lanes read and write at the points that they compute, whatever moves. */
function laneBytes(p: PlacedMapping, copies: Copies): readonly Charged[] {
  const levels = nothing(p);
  for (const compute of p.computes) {
    for (const { level, points, begun } of privateAccesses(p, compute)) {
      levels[level]!.read += begun === undefined ? points : Math.max(0, points - begun * copies.ofSum(compute));
      levels[level]!.write += begun === undefined ? 0 : points;
    }
    const own = laneLevel(p, compute);
    if (own === undefined) continue;
    const { read, write } = laneAccesses(p, compute, own);
    levels[own]!.read += read;
    levels[own]!.write += write;
  }
  return levels;
}

/**
 * What lanes have in memories of their own, in bytes at all points: operands, which are read at each, and a result, which is
 * written. `begun`: bytes of the result's elements; each lane with a part of a sum begins it without reading.
 */
export function privateAccesses(
  { workload, machine }: PlacedMapping,
  { einsum, bindings, operands, output }: Compute,
): readonly { readonly level: number; readonly points: number; readonly begun: number | undefined }[] {
  const bytes = (keep: Keep, elements: number): number => tensorBytes(workload.tensors[keep.tensor]!, elements);
  const all = computedPoints(workload, einsum);
  return [...operands, output].flatMap((keep, i) => {
    if (!hasLanesIn(machine, keep.level, bindings[0]!.unit)) return [];
    const begun = i < operands.length ? undefined : bytes(keep, computedElements(workload, einsum));
    return [{ level: keep.level, points: bytes(keep, all), begun }];
  });
}

/** The level whose memory the lanes of a compute have among them. Of several units the first has the registers. */
function laneLevel(p: PlacedMapping, compute: Compute): number | undefined {
  const { level } = p.machine.units[compute.bindings[0]!.unit]!;
  return p.machine.levels[level]!.memory?.perLane === true ? level : undefined;
}

/** Bytes that the lanes read and write at the points that they compute. */
function laneAccesses({ workload }: PlacedMapping, { einsum, operands, output }: Compute, own: number): Charged {
  const points = computedPoints(workload, einsum);
  const bytes = (tensor: number, elements: number): number => tensorBytes(workload.tensors[tensor]!, elements);
  let read = bytes(output.tensor, points - computedElements(workload, einsum));
  let write = bytes(output.tensor, points);
  for (const { tensor, level } of operands) {
    read += bytes(tensor, points);
    if (level !== own) write += bytes(tensor, points);
  }
  return { read, write };
}

/** Of a memory that lanes divide among them, an accounting may charge for one of them: those of the largest unit count. */
export function chargedShare(machine: Machine, level: number, { oneLane }: Accounting): number {
  if (!(oneLane && machine.levels[level]!.memory?.perLane === true)) return 1;
  const largest = Math.max(...machine.units.filter((u) => u.level === level).map(lanes));
  return 1 / (largest * machine.levels[level]!.totalInstances);
}
