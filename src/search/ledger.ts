import type { Accounting, Machine } from '../arch/machine.ts';
import type { Workload } from '../einsum/workload.ts';
import { chargedShare } from '../models/energy.ts';
import { machineResources, type Resources } from '../models/resources.ts';
import type { BindingCounts } from './count-binding.ts';
import type { Innermost, KeepCounts } from './count-keeps.ts';
import { vectorFront } from './front.ts';
import type { Cost } from './objective.ts';
import { homeOf } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/**
 * Sums of what choices cost: cycles that each unit and port is held, by resource; then energy in pJ; then bytes at home. What energy
 * is charged for is said in `models/energy.ts`.
 */
export type Ledger = Vector;

export type Tariff = {
  readonly workload: Workload;
  readonly resources: Resources;
  readonly accounting: Accounting;
  /** Of each resource, as many share the work as evenly as if there were so many. */
  readonly sharers: readonly number[];
  readonly home: number;
  /** Levels that have a memory. */
  readonly memories: readonly number[];
  /** pJ a byte, by level, as charged. */
  readonly read_pj: Vector;
  readonly write_pj: Vector;
  /** Where energy and bytes at home stand in a ledger. */
  readonly energyAt: number;
  readonly homeAt: number;
  /** Entries of a ledger that decide which of two is better. */
  readonly weighed: readonly number[];
};

export function tariffOf(
  workload: Workload,
  machine: Machine,
  accounting: Accounting,
  axes: readonly (keyof Cost)[],
): Tariff {
  const price = (of: 'read_pj_per_byte' | 'write_pj_per_byte'): Vector =>
    machine.levels.map(({ memory }, l) =>
      memory === undefined ? 0 : memory[of] * chargedShare(machine, l, accounting),
    );
  const resources = machineResources(machine);
  const energyAt = resources.names.length;
  const entries: Readonly<Record<keyof Cost, readonly number[]>> = {
    latency_cycles: resources.names.map((_, r) => r),
    energy_pj: [energyAt],
    home_bytes: [energyAt + 1],
    // Room is no sum over choices.
    room_bytes: [],
  };
  return {
    workload,
    resources,
    accounting,
    sharers: resources.instances,
    home: homeOf(machine),
    memories: machine.levels.flatMap((level, l) => (level.memory === undefined ? [] : [l])),
    read_pj: price('read_pj_per_byte'),
    write_pj: price('write_pj_per_byte'),
    energyAt,
    homeAt: energyAt + 1,
    weighed: axes.flatMap((axis) => entries[axis]),
  };
}

export const openLedger = (t: Tariff): Ledger => zeros(t.homeAt + 1);

/** Bytes through the ports of a level, some of which are not charged for. */
export function book(t: Tariff, to: Ledger, level: number, read: number, write: number, free = 0): void {
  const { resources } = t;
  const [reads, writes] = [resources.ofRead(level), resources.ofWrite(level)];
  if (reads !== undefined) to[reads]! += read / resources.bytesPerCycle[reads]!;
  if (writes !== undefined) to[writes]! += write / resources.bytesPerCycle[writes]!;
  to[t.energyAt]! += (read - free) * t.read_pj[level]! + write * t.write_pj[level]!;
  if (level === t.home) to[t.homeAt]! += read + write;
}

export function bookKeeps(t: Tariff, to: Ledger, k: KeepCounts): void {
  for (let l = 0; l < k.read_bytes.length; l++) {
    if (k.read_bytes[l] === 0 && k.write_bytes[l] === 0) continue;
    book(t, to, l, k.read_bytes[l]!, k.write_bytes[l]!, t.accounting.freeDrains ? k.drain_bytes[l] : 0);
  }
}

export function bookBinding(t: Tariff, to: Ledger, b: BindingCounts): void {
  b.unit_cycles.forEach((cycles, unit) => {
    to[t.resources.ofUnit(unit)]! += cycles;
  });
  to[t.energyAt]! += b.energy_pj;
}

/** What an Einsum reads or writes of a tensor whose innermost place is in a level. */
export function bookAccess(
  t: Tariff,
  to: Ledger,
  b: BindingCounts,
  tensor: number,
  operand: number | undefined,
  { level, filled, drained }: Innermost,
): void {
  const own = b.laneLevel;
  const access = operand ?? b.read_bytes.length;
  const bytes = (elements: number): number => (elements * t.workload.tensors[tensor]!.bitsPerElement) / 8;
  const passing = b.private?.levels.has(level) === false ? b.private.passing_bytes[access]! : undefined;
  const write = operand === undefined ? (passing ?? b.write_bytes) : 0;
  const updated = passing === undefined ? b.update_bytes : passing - bytes(b.elements);
  const read = operand === undefined ? updated : (passing ?? b.read_bytes[operand]!);
  const before = to[t.energyAt]!;
  book(t, to, level, read, write);
  const points = bytes(b.points);
  if (b.private?.levels.has(level) === true) {
    const copies = b.private.copies[access]!;
    const left = t.accounting.freeDrains ? 0 : drained;
    to[t.energyAt] = before + (copies - 1) * (filled * t.write_pj[level]! + left * t.read_pj[level]!);
    to[t.energyAt]! +=
      operand === undefined
        ? points * t.write_pj[level]! + bytes(Math.max(0, b.points - b.elements * copies)) * t.read_pj[level]!
        : points * t.read_pj[level]!;
  } else if (b.private?.again[access] === true) to[t.energyAt] = Number.POSITIVE_INFINITY;
  if (own === undefined) return;
  // Lanes are charged for what they do at the points, not for what crosses the port of their own memory.
  if (level === own) to[t.energyAt] = before;
  if (operand !== undefined) {
    to[t.energyAt]! += points * t.read_pj[own]! + (level === own ? 0 : points * t.write_pj[own]!);
    return;
  }
  to[t.energyAt]! += bytes(b.points - b.elements) * t.read_pj[own]! + points * t.write_pj[own]!;
  if (level === own) return;
  to[t.energyAt]! += (t.accounting.freeDrains ? 0 : write * t.read_pj[own]!) + read * t.write_pj[own]!;
}

/** No mapping with such sums costs less. */
export function costOf(t: Tariff, l: Ledger): Cost {
  let latency_cycles = 0;
  for (let r = 0; r < t.energyAt; r++) latency_cycles = Math.max(latency_cycles, l[r]! / t.sharers[r]!);
  return { latency_cycles, energy_pj: l[t.energyAt]!, home_bytes: l[t.homeAt]!, room_bytes: 0 };
}

/** A ledger of what `write` books. */
export function writeLedger(t: Tariff, write: (to: Ledger) => void): Ledger {
  const ledger = openLedger(t);
  write(ledger);
  return ledger;
}

export function addTo(to: Ledger, more: Ledger): void {
  for (let i = 0; i < to.length; i++) to[i]! += more[i]!;
}

/** As long as the first. */
export function sum(a: Ledger, b: Ledger): Ledger {
  const total = a.slice();
  addTo(total, b);
  return total;
}

/** The least of each sum: no option has less of any. */
export function leastOf(t: Tariff, options: readonly Ledger[]): Ledger {
  const least = openLedger(t).fill(Number.POSITIVE_INFINITY);
  for (const o of options) for (let i = 0; i < least.length; i++) least[i] = Math.min(least[i]!, o[i]!);
  return least;
}

/** Those of which none is as good as another in all that is weighed. */
export const leastLedgers = ({ weighed }: Weighed, options: readonly Ledger[]): readonly Ledger[] =>
  vectorFront(options, weighed, (ledger) => ledger);

/** What one of each list costs at least together, in whatever way they are chosen: all sums that could be the best. */
export const joined = (t: Weighed, lists: readonly (readonly Ledger[])[]): readonly Ledger[] =>
  lists.reduce(
    (sums, options) =>
      leastLedgers(
        t,
        sums.flatMap((s) => options.map((o) => sum(s, o))),
      ),
    [zeros(t.homeAt + 1)],
  );

type Weighed = Pick<Tariff, 'weighed' | 'homeAt'>;
