import type { Accounting, Machine } from '../arch/machine.ts';
import type { Workload } from '../einsum/workload.ts';
import { chargedShare } from '../models/energy.ts';
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
  /** By mixture of resources: what is added up is what a mapping has to spend of all of them together. */
  readonly mixed: Float64Array;
  energy_pj: number;
  home_bytes: number;
};

export type Tariff = {
  readonly workload: Workload;
  readonly resources: Resources;
  readonly accounting: Accounting;
  readonly home: number;
  /** Levels that have a memory. */
  readonly memories: readonly number[];
  /**
   * Shares of resources that add up to 1. The busiest resource is as busy as any such mean, and the least of a mean over
   * choices between resources is more than nothing, where the least of each of them is not.
   */
  readonly mixtures: readonly { readonly resource: number; readonly share: number }[][];
  /** pJ a byte, by level, as charged. */
  readonly read_pj: Float64Array;
  readonly write_pj: Float64Array;
};

export function tariffOf(workload: Workload, machine: Machine, accounting: Accounting): Tariff {
  const price = (of: 'read_pj_per_byte' | 'write_pj_per_byte'): Float64Array =>
    Float64Array.from(machine.levels, ({ memory }, l) =>
      memory === undefined ? 0 : memory[of] * chargedShare(machine, l, accounting),
    );
  return {
    workload,
    resources: machineResources(machine),
    mixtures: mixturesOf(machineResources(machine)),
    accounting,
    home: homeOf(machine),
    memories: machine.levels.flatMap((level, l) => (level.memory === undefined ? [] : [l])),
    read_pj: price('read_pj_per_byte'),
    write_pj: price('write_pj_per_byte'),
  };
}

/** Each pair of resources in several proportions. */
function mixturesOf({ names, instances }: Resources): { resource: number; share: number }[][] {
  const parts = 8;
  const mixtures: { resource: number; share: number }[][] = [];
  for (let a = 0; a < names.length; a++)
    for (let b = 0; b < a; b++)
      for (let n = 1; n < parts; n++)
        mixtures.push([
          { resource: a, share: n / parts / instances[a]! },
          { resource: b, share: (1 - n / parts) / instances[b]! },
        ]);
  return mixtures;
}

/** Brings the mixtures up to date with the cycles. */
function mix({ mixtures }: Tariff, ledger: Ledger): Ledger {
  mixtures.forEach((mixture, m) => {
    ledger.mixed[m] = mixture.reduce((sum, { resource, share }) => sum + share * ledger.cycles[resource]!, 0);
  });
  return ledger;
}

export const openLedger = ({ resources, mixtures }: Tariff): Ledger => ({
  cycles: new Float64Array(resources.names.length),
  mixed: new Float64Array(mixtures.length),
  energy_pj: 0,
  home_bytes: 0,
});

/** Bytes through the ports of a level, some of which are not charged for. */
export function book(t: Tariff, to: Ledger, level: number, read: number, write: number, free = 0): void {
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
  for (let m = 0; m < l.mixed.length; m++) latency_cycles = Math.max(latency_cycles, l.mixed[m]!);
  return { latency_cycles, energy_pj: l.energy_pj, home_bytes: l.home_bytes };
}

/** A ledger of what `write` books. */
export function writeLedger(t: Tariff, write: (to: Ledger) => void): Ledger {
  const ledger = openLedger(t);
  write(ledger);
  return mix(t, ledger);
}

export function sum(t: Tariff, a: Ledger, b: Ledger): Ledger {
  const total = openLedger(t);
  for (let r = 0; r < total.cycles.length; r++) total.cycles[r] = a.cycles[r]! + b.cycles[r]!;
  for (let m = 0; m < total.mixed.length; m++) total.mixed[m] = a.mixed[m]! + b.mixed[m]!;
  total.energy_pj = a.energy_pj + b.energy_pj;
  total.home_bytes = a.home_bytes + b.home_bytes;
  return total;
}

/** The least of each sum: no option has less of any. */
export function leastOf(t: Tariff, options: readonly Ledger[]): Ledger {
  const least = openLedger(t);
  least.cycles.fill(Number.POSITIVE_INFINITY);
  least.mixed.fill(Number.POSITIVE_INFINITY);
  least.energy_pj = Number.POSITIVE_INFINITY;
  least.home_bytes = Number.POSITIVE_INFINITY;
  for (const o of options) {
    for (let r = 0; r < least.cycles.length; r++) least.cycles[r] = Math.min(least.cycles[r]!, o.cycles[r]!);
    for (let m = 0; m < least.mixed.length; m++) least.mixed[m] = Math.min(least.mixed[m]!, o.mixed[m]!);
    least.energy_pj = Math.min(least.energy_pj, o.energy_pj);
    least.home_bytes = Math.min(least.home_bytes, o.home_bytes);
  }
  return least;
}
