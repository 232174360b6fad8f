import {
  type Accounting,
  type Level,
  type Machine,
  type Memory,
  physical,
  type Unit,
  unlimitedPower,
} from '../../../src/arch/machine.ts';
import type { Choices } from '../choices.ts';

/**
 * A machine of two to four memory levels and up to three units that can run any of the given operators. Numbers are
 * small and mean; half of the machines have ports without limit or no latencies at all.
 */
export function chooseMachine(c: Choices, operators: readonly string[]): Machine {
  const ideal = c.chance(15);
  const levels: Level[] = [];
  const count = c.integer(2, 4);
  for (let l = 0; l < count; l++) {
    // Mostly a chain; now and then two levels side by side.
    const parent = l === 0 ? undefined : l > 1 && c.chance(15) ? l - 2 : l - 1;
    const instances = l === 0 || c.chance(55) ? 1 : c.integer(2, 6);
    levels.push({
      name: `L${l}`,
      parent,
      instances,
      totalInstances: instances * (parent === undefined ? 1 : levels[parent]!.totalInstances),
      memory: chooseMemory(c, ideal, l > 0 && c.chance(15)),
      multicast: c.chance(40),
      launch_cycles: ideal ? 0 : c.pick([0, 0, 40, 12.5]),
      step_cycles: ideal ? 0 : c.pick([0, 0, 5, 3.25]),
      area_mm2: 0,
    });
  }
  const units: Unit[] = [];
  const unitCount = c.integer(1, 3);
  for (let u = 0; u < unitCount; u++) units.push(chooseUnit(c, u, count, operators, ideal));
  units.sort((a, b) => a.level - b.level);
  const withLanes = levels.map((level, l) => {
    const own = c.pick(['neither', 'neither', 'per lane', 'private']);
    const perLane = own === 'per lane' && units.some((u) => u.level === l);
    return { ...level, memory: { ...level.memory!, perLane, private: own === 'private' && l > 0 } };
  });
  return {
    name: 'random',
    description: '',
    clock_hz: 1e9,
    parameters: new Map(),
    overlap: ideal ? 1 : c.pick([1, 1, 0.5, 0]),
    power: unlimitedPower,
    levels: withLanes,
    units,
    accountings: new Map([
      ['physical', physical],
      ['other', chooseAccounting(c, operators)],
    ]),
    sources: [],
  };
}

function chooseMemory(c: Choices, ideal: boolean, small: boolean): Memory {
  const rate = (): number =>
    ideal ? Number.POSITIVE_INFINITY : c.pick([Number.POSITIVE_INFINITY, 1, 2, 3, 4, 0.5, 7, 10, 64]);
  return {
    capacity_bytes: small ? c.integer(64, 600) : Number.POSITIVE_INFINITY,
    read_bytes_per_cycle: rate(),
    write_bytes_per_cycle: rate(),
    sharedPort: c.chance(30),
    access_bytes: ideal ? 1 : c.pick([1, 1, 4, 32]),
    perLane: false,
    private: false,
    adds: c.chance(40),
    read_pj_per_byte: c.pick([0, 1, 2.5]),
    write_pj_per_byte: c.pick([0, 1, 3.5]),
    latency_cycles: ideal ? 0 : c.pick([0, 0, 1, 2.5, 20]),
  };
}

const chooseAccounting = (c: Choices, operators: readonly string[]): Accounting => ({
  oneLane: c.chance(50),
  freeDrains: c.chance(50),
  freeOperators: new Set(operators.filter(() => c.chance(20))),
});

function chooseUnit(c: Choices, u: number, levels: number, operators: readonly string[], ideal: boolean): Unit {
  return {
    name: `U${u}`,
    level: levels - 1 - c.integer(0, levels - 1),
    dimensions: ['rows', 'columns'].slice(0, c.integer(0, 2)).map((name) => ({ name, size: c.integer(1, 6) })),
    operators: new Map(
      operators.map((o) => [o, { cycles: c.pick([1, 1, 2, 3, 0.5, 6]), energy_pj: c.pick([0, 1, 0.25]) }]),
    ),
    ramp_up_cycles: ideal ? 0 : c.pick([0, 0, 3, 10]),
    ramp_down_cycles: ideal ? 0 : c.pick([0, 0, 2]),
    area_mm2: 0,
    operand_bits: c.pick([undefined, 8, 16]),
    least_operand_bits: c.pick([1, 16]),
    selector: undefined,
  };
}
