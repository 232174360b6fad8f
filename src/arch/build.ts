import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Numbers } from './evaluate.ts';
import { orderLevels } from './hierarchy.ts';
import {
  type Accounting,
  type Level,
  type Machine,
  type Memory,
  type Operator,
  type Power,
  physical,
  type SelectionAlgorithm,
  type Selector,
  selectorOperators,
  type Unit,
} from './machine.ts';
import type { Spec, SpecAccounting, SpecLevel, SpecSelector, SpecUnit, SpecValues } from './spec.ts';
import { allValues } from './values.ts';

/** Assembles the machine from a checked spec and its numbers; adds a diagnostic for more instances than can be counted. */
export const buildMachine = (
  spec: Spec,
  numbers: Numbers,
  overrides: ReadonlyMap<string, string>,
  diagnostics: Diagnostic[],
): Machine => ({ ...buildNumbers(spec, numbers, diagnostics), sources: provenance(spec, overrides) });

/** The same without saying where the numbers come from, which takes most of the time. */
export function buildNumbers(spec: Spec, numbers: Numbers, diagnostics: Diagnostic[]): Omit<Machine, 'sources'> {
  const ordered = orderLevels(spec);
  const position = new Map(ordered.map((level, i) => [level.name.text, i]));
  const levels: Level[] = [];
  for (const level of ordered) {
    const parent = level.parent === undefined ? undefined : position.get(level.parent.text);
    const above = parent === undefined ? 1 : levels[parent]!.totalInstances;
    levels.push(buildLevel(level, parent, above, numbers));
  }
  const units = ordered.flatMap((level, i) => level.units.map((unit) => buildUnit(unit, i, numbers, diagnostics)));
  checkCounts(ordered, levels, units, diagnostics);
  return {
    name: spec.name.text,
    description: spec.description,
    clock_hz: numbers.clock_hz,
    overlap: spec.overlap === undefined ? 1 : (numbers.of.get(spec.overlap) ?? 1),
    power: buildPower(spec.power, numbers),
    parameters: numbers.parameters,
    levels,
    units,
    accountings: buildAccountings(spec),
  };
}

const buildAccountings = (spec: Spec): Machine['accountings'] =>
  new Map([
    ['physical', physical],
    ...[...spec.accountings].map(([name, a]): [string, Accounting] => [
      name,
      {
        oneLane: a.one_lane ?? false,
        freeDrains: a.free_drains ?? false,
        freeOperators: new Set(a.free_operators?.map((o) => o.text)),
      },
    ]),
  ]);

type Lookup = (field: string, otherwise: number) => number;

const lookup =
  (values: SpecValues | undefined, numbers: Numbers): Lookup =>
  (field, otherwise) => {
    const value = values?.get(field);
    return value === undefined ? otherwise : (numbers.of.get(value) ?? otherwise);
  };

function buildPower(values: SpecValues | undefined, numbers: Numbers): Power {
  const get = lookup(values, numbers);
  const watts = (pj_per_s: number): number => pj_per_s * 1e-12;
  return {
    idle_w: watts(get('idle', 0)),
    limit_w: watts(get('limit', Number.POSITIVE_INFINITY)),
    window_s: get('window', 0),
    scale: get('scale', 1),
    uncertainty: get('uncertainty', 0),
  };
}

function buildLevel(level: SpecLevel, parent: number | undefined, above: number, numbers: Numbers): Level {
  const get = lookup(level.values, numbers);
  const instances = get('instances', 1);
  return {
    name: level.name.text,
    parent,
    instances,
    totalInstances: instances * above,
    memory: level.memory === undefined ? undefined : buildMemory(level.memory, level, numbers),
    multicast: level.multicast ?? false,
    launch_cycles: get('launch', 0),
    step_cycles: get('step', 0),
    area_mm2: get('area', 0),
  };
}

function buildMemory(
  values: SpecValues,
  flags: Pick<SpecLevel, 'per_lane' | 'private' | 'adds'>,
  numbers: Numbers,
): Memory {
  const get = lookup(values, numbers);
  const sharedPort = values.has('bandwidth');
  const shared = get('bandwidth', Number.POSITIVE_INFINITY);
  return {
    capacity_bytes: get('capacity', Number.POSITIVE_INFINITY),
    read_bytes_per_cycle: get('read_bandwidth', shared),
    write_bytes_per_cycle: get('write_bandwidth', shared),
    sharedPort,
    access_bytes: get('access', 1),
    perLane: flags.per_lane ?? false,
    private: flags.private ?? false,
    adds: flags.adds ?? false,
    read_pj_per_byte: get('read_energy', 0),
    write_pj_per_byte: get('write_energy', 0),
    latency_cycles: get('latency', 0),
  };
}

function buildUnit(unit: SpecUnit, level: number, numbers: Numbers, diagnostics: Diagnostic[]): Unit {
  const get = lookup(unit.values, numbers);
  const dimension = lookup(unit.dimensions, numbers);
  const operators = new Map<string, Operator>();
  for (const [name, values] of unit.operators) {
    const of = lookup(values, numbers);
    const selected = unit.selector !== undefined && selectorOperators.includes(name);
    const cycles = of('cycles', selected ? 0 : 1);
    if (selected && cycles > 0)
      diagnostics.push(
        diagnostic(
          'conflicting-fields',
          `"${name}" takes the time of the selector of "${unit.name.text}", so it has no "cycles" of its own`,
          values.get('cycles')!.span,
        ),
      );
    operators.set(name, { cycles, energy_pj: of('energy', 0) });
  }
  return {
    name: unit.name.text,
    level,
    dimensions: [...unit.dimensions.keys()].map((name) => ({ name, size: dimension(name, 1) })),
    operators,
    ramp_up_cycles: get('ramp_up', 0),
    ramp_down_cycles: get('ramp_down', 0),
    area_mm2: get('area', 0),
    operand_bits: unit.values.has('operand_bits') ? get('operand_bits', 1) : undefined,
    least_operand_bits: get('least_operand_bits', 1),
    selector: unit.selector === undefined ? undefined : buildSelector(unit.selector, numbers),
  };
}

function buildSelector({ algorithm, values }: SpecSelector, numbers: Numbers): Selector {
  const get = lookup(values, numbers);
  return {
    algorithm: algorithm!.text as SelectionAlgorithm, // `checkHierarchy` refuses a selector without, the schema others
    comparators: get('comparators', 1),
    pass_cycles: get('pass', 0),
    fill_elements_per_cycle: get('fill', Number.POSITIVE_INFINITY),
    overlap: get('overlap', 1),
    capacity_elements: get('capacity', Number.POSITIVE_INFINITY),
    engines: get('engines', 1),
  };
}

/** Counts are multiplied with each other; beyond 2^53 they would be rounded without a word. */
function checkCounts(
  spec: readonly SpecLevel[],
  levels: readonly Level[],
  units: readonly Unit[],
  diagnostics: Diagnostic[],
): void {
  levels.forEach((level, i) => {
    const lanes = units
      .filter((unit) => unit.level === i)
      .map((unit) => unit.dimensions.reduce((product, { size }) => product * size, 1));
    const most = level.totalInstances * Math.max(1, ...lanes);
    if (most > Number.MAX_SAFE_INTEGER)
      diagnostics.push(
        diagnostic(
          'out-of-range',
          `"${level.name}" and its units come to ${most} instances; the limit is 2^53`,
          spec[i]!.name.span,
        ),
      );
  });
}

function provenance(spec: Spec, overrides: ReadonlyMap<string, string>): Machine['sources'] {
  const citations = (keys: readonly string[]): string => keys.map((key) => spec.sources.get(key) ?? key).join('; ');
  const values = allValues(spec).map(({ path, name, value, field }) => {
    const override = field === undefined ? overrides.get(name) : undefined;
    if (override !== undefined) return { path, value: override, source: `--param, in place of ${value.text}` };
    return { path, value: value.text, source: citations(value.sources), ...noteOf(value) };
  });
  const accountings = [...spec.accountings].map(([name, accounting]) => ({
    path: `accountings.${name}`,
    value: accountingText(accounting),
    source: citations(accounting.sources),
    ...noteOf(accounting),
  }));
  return [...values, ...accountings];
}

const noteOf = ({ note }: { readonly note: string | undefined }): { readonly note?: string } =>
  note === undefined ? {} : { note };

/** "one_lane, free_drains, free_operators exp"; "physical" where nothing differs. */
function accountingText({ one_lane, free_drains, free_operators = [] }: SpecAccounting): string {
  const parts = [
    ...(one_lane === true ? ['one_lane'] : []),
    ...(free_drains === true ? ['free_drains'] : []),
    ...(free_operators.length > 0 ? [`free_operators ${free_operators.map((o) => o.text).join(' ')}`] : []),
  ];
  return parts.length === 0 ? 'physical' : parts.join(', ');
}
