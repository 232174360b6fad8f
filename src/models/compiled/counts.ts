import type { Accounting } from '../../arch/machine.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { type Access, accessesOfCompute, accessesOfMovement } from '../accesses.ts';
import { countActions, trafficEnergy } from '../energy.ts';
import { machineResources } from '../resources.ts';
import type { ComputeTraffic } from '../traffic.ts';
import { product, type Sum, times } from './factors.ts';
import type { TrafficSums } from './traffic.ts';

/** Bytes by level, cycles of units by resource, and energy in pJ. */
export type CountSums = {
  readonly reads: readonly Sum[];
  readonly writes: readonly Sum[];
  readonly units: readonly Sum[];
  readonly energy: Sum;
};

/**
 * Counts of a mapping from those of its parts. All are in proportion to what moves, so that a single byte of each
 * part says where it counts, and how much.
 */
export function countSums(p: PlacedMapping, { movements, computes }: TrafficSums, accounting: Accounting): CountSums {
  const resources = machineResources(p.machine);
  const reads = p.machine.levels.map((): Sum[number][] => []);
  const writes = p.machine.levels.map((): Sum[number][] => []);
  const units = resources.names.map((): Sum[number][] => []);
  const energy: Sum[number][] = [product(fixedEnergy(p, accounting))];
  const add = (bytes: Sum, accesses: readonly Access[], traffic: readonly ComputeTraffic[]): void => {
    for (const { level, read_bytes, write_bytes } of accesses) {
      reads[level]!.push(...times(bytes, read_bytes));
      writes[level]!.push(...times(bytes, write_bytes));
    }
    energy.push(...times(bytes, trafficEnergy(p, { accesses, computes: traffic }, accounting)));
  };
  for (const { keep, fill, drain } of movements) {
    const none = { keep, fill_bytes: 0, parent_read_bytes: 0, drain_bytes: 0 };
    add(fill, accessesOfMovement({ ...none, fill_bytes: 1, parent_read_bytes: 1 }), []);
    add(drain, accessesOfMovement({ ...none, drain_bytes: 1 }), []);
  }
  for (const { compute, reads: operands, updateReads, writes: results, units: cycles } of computes) {
    const none = { compute, read_bytes: operands.map(() => 0), update_read_bytes: 0, write_bytes: 0 };
    const addPart = (bytes: Sum, part: ComputeTraffic): void => add(bytes, accessesOfCompute(part), [part]);
    operands.forEach((bytes, i) => {
      addPart(bytes, { ...none, read_bytes: operands.map((_, o) => (o === i ? 1 : 0)) });
    });
    addPart(updateReads, { ...none, update_read_bytes: 1 });
    addPart(results, { ...none, write_bytes: 1 });
    compute.bindings.forEach(({ unit }, b) => {
      units[resources.ofUnit(unit)]!.push(...cycles[b]!);
    });
  }
  return { reads, writes, units, energy };
}

/** Energy of what does not depend on what moves: operations, and what lanes do at the points that they compute. */
function fixedEnergy(p: PlacedMapping, accounting: Accounting): number {
  const nothing = { movements: [], computes: [], accesses: [], levels: new Map() };
  let energy_pj = 0;
  for (const { count, each_pj } of countActions(p, nothing, accounting).values()) energy_pj += count * each_pj;
  return energy_pj;
}

/** A port works for the bytes that are read from its level, or written to it. */
export type Port = { readonly resource: number; readonly level: number; readonly bytesPerCycle: number };

/** Ports for reads and for writes; those without a limit are not among them. */
export function portsOf({ machine }: PlacedMapping): {
  readonly reads: readonly Port[];
  readonly writes: readonly Port[];
} {
  const { ofRead, ofWrite, bytesPerCycle } = machineResources(machine);
  const ports = (of: (level: number) => number | undefined): readonly Port[] =>
    machine.levels.flatMap((_, level) => {
      const resource = of(level);
      return resource === undefined ? [] : [{ resource, level, bytesPerCycle: bytesPerCycle[resource]! }];
    });
  return { reads: ports(ofRead), writes: ports(ofWrite) };
}
