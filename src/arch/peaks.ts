import {
  type BytesPerSecond,
  type OperationsPerByte,
  type OperationsPerSecond,
  operationsPerMac,
  power,
  ridgePoint,
  type Watts,
} from '../units.ts';
import type { Level, Machine, Unit } from './machine.ts';

/** What all instances of a unit do together when one operator keeps every lane busy. */
export type Peak = {
  readonly unit: string;
  readonly operator: string;
  readonly applications_per_cycle: number;
  /** A MAC counts as two operations, any other operator as one. */
  readonly operations_per_s: OperationsPerSecond;
  readonly power_w: Watts;
};

/** Lanes of one instance of a unit: the product of its array dimensions. */
export const lanes = (unit: Unit): number => unit.dimensions.reduce((product, { size }) => product * size, 1);

/** Operations a second of all lanes of all instances of a unit, each of which takes so many cycles. */
export const peakRate = (machine: Machine, unit: Unit, operator: string, cycles: number): OperationsPerSecond =>
  (((lanes(unit) * machine.levels[unit.level]!.totalInstances) / cycles) *
    machine.clock_hz *
    (operator === 'mac' ? operationsPerMac : 1)) as OperationsPerSecond;

/** Peaks of every unit and operator, in the order of the spec; an operator that takes no time of its own has none. */
export function peaks(machine: Machine): readonly Peak[] {
  return machine.units.flatMap((unit) => {
    const all = lanes(unit) * machine.levels[unit.level]!.totalInstances;
    const timed = [...unit.operators].filter(([, { cycles }]) => cycles > 0);
    return timed.map(([operator, { cycles, energy_pj }]) => {
      const applications_per_cycle = all / cycles;
      const rate = applications_per_cycle * machine.clock_hz;
      return {
        unit: unit.name,
        operator,
        applications_per_cycle,
        operations_per_s: peakRate(machine, unit, operator, cycles),
        power_w: power(energy_pj, rate),
      };
    });
  });
}

/** The unit with the highest MAC rate and that rate in operations/s; undefined if none can do a MAC. */
export function peakMac(machine: Machine): Peak | undefined {
  const macs = peaks(machine).filter(({ operator }) => operator === 'mac');
  return macs.reduce<Peak | undefined>(
    (best, peak) => (best === undefined || peak.operations_per_s > best.operations_per_s ? peak : best),
    undefined,
  );
}

/** Bytes a second of all instances of a level's read port; Infinity where the spec gives no bandwidth. */
const readBandwidth = (machine: Machine, level: Level): BytesPerSecond =>
  ((level.memory?.read_bytes_per_cycle ?? Number.POSITIVE_INFINITY) *
    level.totalInstances *
    machine.clock_hz) as BytesPerSecond;

/** Where the roofline of a memory level meets the peak. */
export type Ridge = {
  readonly level: string;
  readonly bandwidth_bytes_per_s: BytesPerSecond;
  readonly ridge_ops_per_byte: OperationsPerByte;
};

/** Ridge points of the peak MAC rate against the read port of each memory level of finite bandwidth, outermost first. */
export function ridges(machine: Machine): readonly Ridge[] {
  const peak = peakMac(machine);
  if (peak === undefined) return [];
  return machine.levels
    .map((level) => ({ level: level.name, bandwidth_bytes_per_s: readBandwidth(machine, level) }))
    .filter(({ bandwidth_bytes_per_s }) => Number.isFinite(bandwidth_bytes_per_s))
    .map((port) => ({ ...port, ridge_ops_per_byte: ridgePoint(peak.operations_per_s, port.bandwidth_bytes_per_s) }));
}

/** Power of each memory level when its read port is never idle; levels without a bandwidth have no such figure. */
export function portPowers(machine: Machine): readonly { readonly level: string; readonly power_w: Watts }[] {
  return machine.levels.flatMap((level) => {
    const rate = readBandwidth(machine, level);
    if (level.memory === undefined || !Number.isFinite(rate)) return [];
    return [{ level: level.name, power_w: power(level.memory.read_pj_per_byte, rate) }];
  });
}

/** Area of all instances of all levels and units. */
export function totalArea(machine: Machine): number {
  const ofLevels = machine.levels.reduce((sum, level) => sum + level.area_mm2 * level.totalInstances, 0);
  const ofUnits = machine.units.reduce(
    (sum, unit) => sum + unit.area_mm2 * machine.levels[unit.level]!.totalInstances,
    0,
  );
  return ofLevels + ofUnits;
}
