import type { QuantityKind } from './quantity.ts';

/** A number that a spec may give: what it measures, the range it must lie in, and what it means. */
export type Field = {
  readonly kind: QuantityKind;
  /** `positive` excludes zero; `whole` also excludes fractions (of a byte, of an instance); a `share` is 0 to 1. */
  readonly range: 'positive' | 'not negative' | 'positive whole' | 'share';
  readonly meaning: string;
};

const field = (kind: QuantityKind, range: Field['range'], meaning: string): Field => ({ kind, range, meaning });

export const clockField = field(
  'frequency',
  'positive',
  'Clock of the whole machine; cycles in the spec are of this clock.',
);

export const overlapField = field(
  'share',
  'share',
  'Part of what pipelining could save at best that it does save, from 0 to 1; 1 if not given.',
);

export const powerFields = {
  idle: field('power', 'not negative', 'Power of the machine beside that of its actions; 0 if not given.'),
  limit: field('power', 'positive', 'Power that the machine is kept at by a lower clock; none if not given.'),
  window: field('wallTime', 'not negative', 'Time for which it may take more; 0 if not given.'),
  scale: field(
    'ratio',
    'not negative',
    'Energy that the machine takes for each unit of that of its actions; 1 if not given.',
  ),
  uncertainty: field('share', 'not negative', 'Standard error of a predicted power, as a share of it; 0 if not given.'),
} as const;

export const levelFields = {
  instances: field('count', 'positive whole', 'Instances under one instance of the parent; 1 if not given.'),
  launch: field(
    'duration',
    'not negative',
    'Time from the start of a grid over these instances until its first steps begin; 0 if not given.',
  ),
  step: field('duration', 'not negative', 'Time that an instance needs to begin a step of a grid; 0 if not given.'),
  area: field('area', 'not negative', 'Area of one instance without its units; 0 if not given.'),
} as const;

export const memoryFields = {
  capacity: field('size', 'positive whole', 'Capacity of one instance; unlimited if not given.'),
  bandwidth: field(
    'bandwidth',
    'positive',
    'Bandwidth of one port that reads and writes share; unlimited if not given.',
  ),
  read_bandwidth: field(
    'bandwidth',
    'positive',
    'Bandwidth of the read port, where reads and writes do not share one.',
  ),
  write_bandwidth: field(
    'bandwidth',
    'positive',
    'Bandwidth of the write port, where reads and writes do not share one.',
  ),
  access: field('size', 'positive whole', 'Smallest transfer; 1 byte if not given.'),
  read_energy: field('energyPerData', 'not negative', 'Energy of a read, an amount of data; 0 if not given.'),
  write_energy: field('energyPerData', 'not negative', 'Energy of a write, an amount of data; 0 if not given.'),
  latency: field(
    'duration',
    'not negative',
    'Time from the end of a transfer until its data can be used; 0 if not given.',
  ),
} as const;

export const unitFields = {
  ramp_up: field(
    'duration',
    'not negative',
    "Time from the start of a tile to the unit's first result; 0 if not given.",
  ),
  ramp_down: field(
    'duration',
    'not negative',
    'Time from the last operand of a tile to its last result; 0 if not given.',
  ),
  area: field('area', 'not negative', 'Area of the unit in one instance of its level; 0 if not given.'),
  operand_bits: field(
    'count',
    'positive whole',
    'Width of operands that cycles and energies are stated for; others take in proportion. Whatever width if not given.',
  ),
  least_operand_bits: field(
    'count',
    'positive whole',
    'Operands narrower than this take as much as those of this width; 1 if not given.',
  ),
} as const;

export const operatorFields = {
  cycles: field('operationCycles', 'not negative', 'Cycles of one lane for one operation; 1 if not given.'),
  energy: field('energy', 'not negative', 'Energy of one operation; 0 if not given.'),
} as const;

/** Of the engine of a unit that keeps the largest or smallest elements of a row; `machine.ts` says what they mean. */
export const selectorFields = {
  comparators: field('count', 'positive whole', 'Comparisons a cycle of one engine.'),
  pass: field('duration', 'not negative', 'Time of a pass beside that of its comparisons; 0 if not given.'),
  fill: field('count', 'positive', 'Elements a cycle that an engine takes in and hands on; unlimited if not given.'),
  overlap: field(
    'share',
    'share',
    'Part of what filling a row while the last one is selected could save that it does save; 1 if not given.',
  ),
  capacity: field('count', 'positive whole', 'Elements of a row that an engine can hold; unlimited if not given.'),
  engines: field('count', 'positive whole', 'Engines among which rows are dealt; 1 if not given.'),
} as const;

export const dimensionField = field('count', 'positive whole', 'Size of one dimension of the array of lanes.');
