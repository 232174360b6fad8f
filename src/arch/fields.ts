import type { QuantityKind } from './quantity.ts';

/** A number that a spec may give: what it measures, the range it must lie in, and what it means. */
export type Field = {
  readonly kind: QuantityKind;
  /** `positive` excludes zero; `whole` also excludes fractions (of a byte, of an instance). */
  readonly range: 'positive' | 'not negative' | 'positive whole';
  readonly meaning: string;
};

const field = (kind: QuantityKind, range: Field['range'], meaning: string): Field => ({ kind, range, meaning });

export const clockField = field(
  'frequency',
  'positive',
  'Clock of the whole machine; cycles in the spec are of this clock.',
);

export const levelFields = {
  instances: field('count', 'positive whole', 'Instances under one instance of the parent; 1 if not given.'),
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
} as const;

export const operatorFields = {
  cycles: field('operationCycles', 'not negative', 'Cycles of one lane for one operation; 1 if not given.'),
  energy: field('energy', 'not negative', 'Energy of one operation; 0 if not given.'),
} as const;

export const dimensionField = field('count', 'positive whole', 'Size of one dimension of the array of lanes.');
