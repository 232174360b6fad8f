import type { Accounting, Machine } from '../arch/machine.ts';
import { lanes } from '../arch/peaks.ts';
import type { Workload } from '../einsum/workload.ts';
import { machineResources, type Resources } from '../models/resources.ts';
import type { BindingCounts, KeepCounts } from './counts.ts';
import type { Cost } from './objective.ts';
import { homeOf } from './plan.ts';

/**
 * Sums of what choices cost: cycles that each unit and port is held, energy, and bytes at home. What energy is charged for is said
 * in `models/energy.ts`.
 */
export type Ledger = {
  /** By resource. */
  readonly cycles: Float64Array;
  energy_pj: number;
  home_bytes: number;
};

export type Tariff = {
  readonly workload: Workload;
  readonly resources: Resources;
  readonly accounting: Accounting;
  readonly home: number;
  /** pJ a byte, by level, as charged. */
  readonly read_pj: Float64Array;
  readonly write_pj: Float64Array;
};

export function tariffOf(workload: Workload, machine: Machine, accounting: Accounting): Tariff {
  const price = (of: 'read_pj_per_byte' | 'write_pj_per_byte'): Float64Array =>
    Float64Array.from(machine.levels, ({ memory, totalInstances }, l) => {
      if (memory === undefined) return 0;
      if (!(accounting.oneLane && memory.perLane)) return memory[of];
      const largest = Math.max(...machine.units.filter((u) => u.level === l).map(lanes));
      return memory[of] / (largest * totalInstances);
    });
  return {
    workload,
    resources: machineResources(machine),
    accounting,
    home: homeOf(machine),
    read_pj: price('read_pj_per_byte'),
    write_pj: price('write_pj_per_byte'),
  };
}

export const openLedger = ({ resources }: Tariff): Ledger => ({
  cycles: new Float64Array(resources.names.length),
  energy_pj: 0,
  home_bytes: 0,
});

/** Bytes through the ports of a level; `charged` is false where lanes are charged instead. */
function book(t: Tariff, to: Ledger, level: number, read: number, write: number, free = 0): void {
  const { resources } = t;
  const [reads, writes] = [resources.ofRead(level), resources.ofWrite(level)];
  if (reads !== undefined) to.cycles[reads]! += read / resources.bytesPerCycle[reads]!;
  if (writes !== undefined) to.cycles[writes]! += write / resources.bytesPerCycle[writes]!;
  to.energy_pj += (read - free) * t.read_pj[level]! + write * t.write_pj[level]!;
  if (level === t.home) to.home_bytes += read + write;
}

export function bookKeeps(t: Tariff, to: Ledger, k: KeepCounts): void {
  for (let l = 0; l < k.read_bytes.length; l++) {
    if (k.read_bytes[l] === 0 && k.write_bytes[l] === 0) continue;
    book(t, to, l, k.read_bytes[l]!, k.write_bytes[l]!, t.accounting.freeDrains ? k.drain_bytes[l] : 0);
  }
}

export function bookBinding(t: Tariff, to: Ledger, b: BindingCounts): void {
  b.unit_cycles.forEach((cycles, unit) => {
    to.cycles[t.resources.ofUnit(unit)]! += cycles;
  });
  to.energy_pj += b.energy_pj;
}

/** What an Einsum reads or writes of a tensor whose innermost place is in a level. */
export function bookAccess(
  t: Tariff,
  to: Ledger,
  b: BindingCounts,
  tensor: number,
  operand: number | undefined,
  level: number,
): void {
  const own = b.laneLevel;
  const read = operand === undefined ? b.update_bytes : b.read_bytes[operand]!;
  const write = operand === undefined ? b.write_bytes : 0;
  const before = to.energy_pj;
  book(t, to, level, read, write);
  if (own === undefined) return;
  // Lanes are charged for what they do at the points, not for what crosses the port of their own memory.
  if (level === own) to.energy_pj = before;
  const bytes = (elements: number): number => (elements * t.workload.tensors[tensor]!.bitsPerElement) / 8;
  const points = bytes(b.points);
  if (operand !== undefined) {
    to.energy_pj += points * t.read_pj[own]! + (level === own ? 0 : points * t.write_pj[own]!);
    return;
  }
  to.energy_pj += bytes(b.points - b.elements) * t.read_pj[own]! + points * t.write_pj[own]!;
  if (level === own) return;
  to.energy_pj += (t.accounting.freeDrains ? 0 : write * t.read_pj[own]!) + read * t.write_pj[own]!;
}

/** No mapping with such sums costs less. */
export function costOf(t: Tariff, l: Ledger): Cost {
  let latency_cycles = 0;
  for (let r = 0; r < l.cycles.length; r++)
    latency_cycles = Math.max(latency_cycles, l.cycles[r]! / t.resources.instances[r]!);
  return { latency_cycles, energy_pj: l.energy_pj, home_bytes: l.home_bytes };
}
