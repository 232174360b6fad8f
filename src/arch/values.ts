import {
  clockField,
  dimensionField,
  type Field,
  levelFields,
  memoryFields,
  operatorFields,
  overlapField,
  powerFields,
  selectorFields,
  unitFields,
} from './fields.ts';
import type { Spec, SpecLevel, SpecUnit, SpecValue, SpecValues } from './spec.ts';

/** A value of a spec, its path such as `levels.DRAM.memory.bandwidth`, and what it must be. */
export type PlacedValue = {
  readonly path: string;
  readonly name: string;
  readonly value: SpecValue;
  /** Undefined for a parameter, which may measure anything. */
  readonly field: Field | undefined;
};

type Fields = Readonly<Record<string, Field>> | Field | undefined;

function under(path: string, values: SpecValues | undefined, fields: Fields): PlacedValue[] {
  return [...(values ?? [])].map(([name, value]) => ({
    path: `${path}.${name}`,
    name,
    value,
    field: fields === undefined || isField(fields) ? fields : fields[name],
  }));
}

const isField = (fields: NonNullable<Fields>): fields is Field => typeof fields['kind'] === 'string';

function unitValues(path: string, unit: SpecUnit): PlacedValue[] {
  return [
    ...under(`${path}.dimensions`, unit.dimensions, dimensionField),
    ...[...unit.operators].flatMap(([name, values]) => under(`${path}.operators.${name}`, values, operatorFields)),
    ...under(path, unit.values, unitFields),
    ...under(`${path}.selector`, unit.selector?.values, selectorFields),
  ];
}

function levelValues(level: SpecLevel): PlacedValue[] {
  const path = `levels.${level.name.text}`;
  return [
    ...under(path, level.values, levelFields),
    ...under(`${path}.memory`, level.memory, memoryFields),
    ...level.units.flatMap((unit) => unitValues(`${path}.units.${unit.name.text}`, unit)),
  ];
}

const single = (name: string, value: SpecValue | undefined, field: Field): PlacedValue[] =>
  value === undefined ? [] : [{ path: name, name, value, field }];

/** Every number of a spec but those of kernels that do not run: parameters, the whole machine's, then level by level. */
export function allValues(spec: Spec): readonly PlacedValue[] {
  return [
    ...under('parameters', spec.parameters, undefined),
    ...single('clock', spec.clock, clockField),
    ...single('overlap', spec.overlap, overlapField),
    ...under('power', spec.power, powerFields),
    ...spec.levels.flatMap(levelValues),
  ];
}
