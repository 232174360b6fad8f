import type { Level, Machine, Memory, Selector, Unit } from './machine.ts';
import { lanes, type Peak, peaks, portPowers, type Ridge, ridges, totalArea } from './peaks.ts';

/** What `attnsim show MACHINE` says, as plain data: the machine, what follows from it, and its sources. */
export type MachineDescription = {
  readonly name: string;
  readonly description: string;
  readonly clock_hz: number;
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly source: string }[];
  readonly levels: readonly LevelDescription[];
  readonly units: readonly UnitDescription[];
  readonly ridges: readonly Ridge[];
  readonly port_powers: ReturnType<typeof portPowers>;
  readonly area_mm2: number;
  /** Names. */
  readonly accountings: readonly string[];
  readonly sources: Machine['sources'];
};

type LevelDescription = {
  readonly name: string;
  readonly parent: string | undefined;
  /** Levels between it and the root, for indentation. */
  readonly depth: number;
  readonly instances: number;
  readonly total_instances: number;
  readonly memory: Memory | undefined;
  readonly multicast: boolean;
  readonly area_mm2: number;
};

type UnitDescription = {
  readonly name: string;
  readonly level: string;
  readonly dimensions: Unit['dimensions'];
  readonly lanes: number;
  readonly total_lanes: number;
  readonly peaks: readonly Peak[];
  readonly ramp_up_cycles: number;
  readonly ramp_down_cycles: number;
  readonly area_mm2: number;
  readonly selector: Selector | undefined;
};

export function describeMachine(machine: Machine): MachineDescription {
  const all = peaks(machine);
  return {
    name: machine.name,
    description: machine.description,
    clock_hz: machine.clock_hz,
    parameters: machine.sources
      .filter(({ path }) => path.startsWith('parameters.'))
      .map(({ path, value, source }) => ({ name: path.slice('parameters.'.length), value, source })),
    levels: machine.levels.map((level) => describeLevel(machine, level)),
    units: machine.units.map((unit) => ({
      name: unit.name,
      level: machine.levels[unit.level]!.name,
      dimensions: unit.dimensions,
      lanes: lanes(unit),
      total_lanes: lanes(unit) * machine.levels[unit.level]!.totalInstances,
      peaks: all.filter((peak) => peak.unit === unit.name),
      ramp_up_cycles: unit.ramp_up_cycles,
      ramp_down_cycles: unit.ramp_down_cycles,
      area_mm2: unit.area_mm2,
      selector: unit.selector,
    })),
    ridges: ridges(machine),
    port_powers: portPowers(machine),
    area_mm2: totalArea(machine),
    accountings: [...machine.accountings.keys()],
    sources: machine.sources,
  };
}

function describeLevel(machine: Machine, level: Level): LevelDescription {
  let depth = 0;
  for (let at = level.parent; at !== undefined; at = machine.levels[at]!.parent) depth++;
  return {
    name: level.name,
    parent: level.parent === undefined ? undefined : machine.levels[level.parent]!.name,
    depth,
    instances: level.instances,
    total_instances: level.totalInstances,
    memory: level.memory,
    multicast: level.multicast,
    area_mm2: level.area_mm2,
  };
}
