/**
 * A machine with every number resolved. Time is in cycles of the machine's clock, data in bytes,
 * energy in picojoules, area in square millimetres. Per-instance unless a name says otherwise.
 */
export type Machine = {
  readonly name: string;
  readonly description: string;
  readonly clock_hz: number;
  /**
   * Part of what pipelining could save at best that it does save, from 0 to 1. The closed form takes it; the simulator
   * plays what a schedule allows, as if it were 1.
   */
  readonly overlap: number;
  readonly power: Power;
  /** Overridable with `--param`; what a sweep varies. In bytes, seconds, cycles, pJ, mm and what they combine to. */
  readonly parameters: ReadonlyMap<string, number>;
  /** Parents before children; the first is the root. */
  readonly levels: readonly Level[];
  /** Units of all levels, in the order of the levels. */
  readonly units: readonly Unit[];
  /** By name; the first is `physical`, which every machine has. */
  readonly accountings: ReadonlyMap<string, Accounting>;
  /** Where each number comes from: path in the spec, value as written, citation, and what the spec says about it. */
  readonly sources: readonly {
    readonly path: string;
    readonly value: string;
    readonly source: string;
    readonly note?: string;
  }[];
};

/** What actions are charged for: all that happen, but for what is said here. Time and traffic do not depend on it. */
export type Accounting = {
  /** Of a memory that lanes divide among them, only the accesses of one lane are charged (on average over the lanes). */
  readonly oneLane: boolean;
  /** Reads of what goes to the level above are not charged. */
  readonly freeDrains: boolean;
  /** Operators that cost nothing on any unit. */
  readonly freeOperators: ReadonlySet<string>;
};

export const physical: Accounting = { oneLane: false, freeDrains: false, freeOperators: new Set() };

/** Power of the whole machine. */
export type Power = {
  /** Beside that of actions. */
  readonly idle_w: number;
  /** At which a lower clock keeps it. Infinity where the spec gives none. */
  readonly limit_w: number;
  /** Time for which it may take more. */
  readonly window_s: number;
  /** Energy for each unit of that of actions. */
  readonly scale: number;
  /** Standard error of a predicted power, as a share of it. */
  readonly uncertainty: number;
};

export const unlimitedPower: Power = {
  idle_w: 0,
  limit_w: Number.POSITIVE_INFINITY,
  window_s: 0,
  scale: 1,
  uncertainty: 0,
};

/** Whether a spec says anything of the power of the whole machine. */
export const hasPower = ({ power }: Pick<Machine, 'power'>): boolean =>
  power.idle_w > 0 || Number.isFinite(power.limit_w);

/** A machine whose memories hold anything. */
export const withoutCapacities = (machine: Machine): Machine => ({
  ...machine,
  levels: machine.levels.map((level) =>
    level.memory === undefined
      ? level
      : { ...level, memory: { ...level.memory, capacity_bytes: Number.POSITIVE_INFINITY } },
  ),
});

/** A level of a machine, with its memory if it has one. */
export type Level = {
  readonly name: string;
  /** Position in `levels`; undefined for the root. */
  readonly parent: number | undefined;
  /** Instances under one instance of the parent. */
  readonly instances: number;
  /** Instances in the whole machine. */
  readonly totalInstances: number;
  readonly memory: Memory | undefined;
  /** One read of this level's memory may fill several instances of a child level at once. */
  readonly multicast: boolean;
  /** Cycles from the start of a grid over the level's instances until its first steps begin. */
  readonly launch_cycles: number;
  /** Cycles that an instance needs to begin a step of a grid. */
  readonly step_cycles: number;
  readonly area_mm2: number;
};

/** The memory of one instance of a level. */
export type Memory = {
  /** Infinity where the spec gives none. */
  readonly capacity_bytes: number;
  /** Infinity where the spec gives none: the port is then never a limit. */
  readonly read_bytes_per_cycle: number;
  readonly write_bytes_per_cycle: number;
  /** True if reads and writes share one port of `read_bytes_per_cycle`. */
  readonly sharedPort: boolean;
  /** Smallest transfer; every tile moves in whole accesses in energy and time where the spec says so. 1 if not given. */
  readonly access_bytes: number;
  /** Divided among the lanes of the level's units, as register files are: a lane reads and writes its own part. */
  readonly perLane: boolean;
  /** Each lane of units here and below has a part of its own, all alike, which no other lane reads or writes. */
  readonly private: boolean;
  /** Adds to what it holds by itself: what instances add up there crosses its port once, as a write. */
  readonly adds: boolean;
  readonly read_pj_per_byte: number;
  readonly write_pj_per_byte: number;
  /** Cycles from the end of a transfer's occupation of the port until its data can be used. */
  readonly latency_cycles: number;
};

/** A compute unit in one instance of a level: an array of lanes. */
export type Unit = {
  readonly name: string;
  /** Position in `levels` of the level that the unit belongs to. */
  readonly level: number;
  /** Array dimensions, outermost first: `rows: 256, columns: 256`, or one `lanes`. */
  readonly dimensions: readonly { readonly name: string; readonly size: number }[];
  /** By operator name; an operator that is absent cannot run here. */
  readonly operators: ReadonlyMap<string, Operator>;
  /** Cycles between the unit's start on a tile and its first result, and from its last operand to its last result. */
  readonly ramp_up_cycles: number;
  readonly ramp_down_cycles: number;
  readonly area_mm2: number;
  /** Bits of an operand that the operators' cycles and energies are stated for; undefined: whatever width. */
  readonly operand_bits: number | undefined;
  /** Narrower operands take as much as those of so many bits. */
  readonly least_operand_bits: number;
  /** What runs the operators `top` and `bottom`, in place of lanes: their cycles are 0 then. */
  readonly selector: Selector | undefined;
};

export const selectionAlgorithms = ['quick-select', 'bitonic', 'heap'] as const;
export type SelectionAlgorithm = (typeof selectionAlgorithms)[number];

/** Operators that a selector runs. */
export const selectorOperators: readonly string[] = ['top', 'bottom'];

/** An engine that keeps the largest elements of a row, or the smallest; how long it takes is in `src/models/select`. */
export type Selector = {
  readonly algorithm: SelectionAlgorithm;
  /** Comparisons a cycle of one engine. */
  readonly comparators: number;
  /** Cycles of a pass beside those of its comparisons: a new pivot, and the test which side to go on with. */
  readonly pass_cycles: number;
  /** Elements that an engine takes in, or hands on, in a cycle. Infinity where the spec gives none. */
  readonly fill_elements_per_cycle: number;
  /** Part of what filling a row while the last one is selected could save that it does save: 0 is one after the other. */
  readonly overlap: number;
  /** Elements of the longest row. Infinity where the spec gives none. */
  readonly capacity_elements: number;
  /** Rows are dealt among them in turn. */
  readonly engines: number;
};

export type Operator = {
  /** Cycles of one lane for one operation (an exponential of six MACs takes 6). */
  readonly cycles: number;
  readonly energy_pj: number;
};

/** What an operation on operands of so many bits, the widest of them, costs a lane of a unit. */
export function operationCost(unit: Unit, { cycles, energy_pj }: Operator, bits: number): Operator {
  const times = widthRatio(unit, bits);
  return { cycles: cycles * times, energy_pj: energy_pj * times };
}

/** "TensorCore mac"; where operands have another width than the unit's operators are stated for: "TensorCore mac 8 bit". */
export const operationName = (unit: Unit, operator: string, bits: number): string =>
  `${unit.name} ${operator}${widthRatio(unit, bits) === 1 ? '' : ` ${Math.max(bits, unit.least_operand_bits)} bit`}`;

const widthRatio = ({ operand_bits, least_operand_bits }: Unit, bits: number): number =>
  operand_bits === undefined ? 1 : Math.max(bits, least_operand_bits) / operand_bits;
