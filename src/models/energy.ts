import type { Accounting, Machine } from '../arch/machine.ts';
import { lanes } from '../arch/peaks.ts';
import { computedElements } from '../einsum/compulsory.ts';
import { computedPoints, countOperations } from '../einsum/operations.ts';
import type { Compute, PlacedMapping } from '../mapper/placed.ts';
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
 * - The accounting says which of these are charged.
 */
export function countActions(p: PlacedMapping, traffic: Traffic, accounting: Accounting): ReadonlyMap<string, Actions> {
  const parts = new Map<string, Actions>();
  const add = (part: string, count: number, each_pj: number): void => {
    if (count > 0 && each_pj > 0) parts.set(part, { count: (parts.get(part)?.count ?? 0) + count, each_pj });
  };
  const moved = chargedBytes(p, traffic, accounting);
  const inside = laneBytes(p);
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

/** Energy of the bytes that are charged for some traffic, in pJ: in proportion to it. */
export function trafficEnergy(p: PlacedMapping, traffic: ChargedTraffic, accounting: Accounting): number {
  const moved = chargedBytes(p, traffic, accounting);
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
): readonly Charged[] {
  const levels = nothing(p);
  for (const { level, compute, read_bytes, write_bytes, moves } of accesses) {
    if (compute !== undefined && laneLevel(p, compute) === level) continue;
    if (!(moves === 'drain' && freeDrains)) levels[level]!.read += read_bytes;
    levels[level]!.write += write_bytes;
  }
  for (const { compute, update_read_bytes, write_bytes } of computes) {
    const own = laneLevel(p, compute);
    if (own === undefined || compute.output.level === own) continue;
    if (!freeDrains) levels[own]!.read += write_bytes;
    levels[own]!.write += update_read_bytes;
  }
  return levels;
}

/** Bytes by level that lanes read and write at the points that they compute, whatever moves. */
function laneBytes(p: PlacedMapping): readonly Charged[] {
  const levels = nothing(p);
  for (const compute of p.computes) {
    const own = laneLevel(p, compute);
    if (own === undefined) continue;
    const { read, write } = laneAccesses(p, compute, own);
    levels[own]!.read += read;
    levels[own]!.write += write;
  }
  return levels;
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
