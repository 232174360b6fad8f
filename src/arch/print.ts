import { Document, isMap, type Node, visit } from 'yaml';
import type { Spec, SpecAccounting, SpecLevel, SpecSelector, SpecUnit, SpecValue, SpecValues } from './spec.ts';

/**
 * Canonical text of a spec, with what it extends written out and a source beside every number.
 * Reading it again gives the same spec up to places in the text, so the same machine.
 */
export function printSpec(spec: Spec): string {
  const document = new Document(
    withoutAbsent({
      name: spec.name.text,
      description: spec.description === '' ? undefined : spec.description,
      extends: spec.extends?.text,
      sources: optional(spec.sources, (citation) => citation),
      parameters: optional(spec.parameters, printValue),
      clock: spec.clock === undefined ? undefined : printValue(spec.clock),
      overlap: spec.overlap === undefined ? undefined : printValue(spec.overlap),
      power: spec.power === undefined ? undefined : printValues(spec.power),
      kernels: optional(spec.kernels, printValues),
      accountings: optional(spec.accountings, printAccounting),
      levels: spec.levels.length === 0 ? undefined : spec.levels.map(printLevel),
    }),
  );
  visit(document, {
    Map: (_, node) => {
      if (node.has('value')) node.flow = true;
    },
    Seq: (_, node) => {
      if (!node.items.some((item) => isMap(item as Node))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function printAccounting({ one_lane, free_drains, free_operators, sources, note }: SpecAccounting): object {
  const operators = free_operators?.map((o) => o.text);
  return withoutAbsent({ one_lane, free_drains, free_operators: operators, source: sources, note });
}

function printLevel(level: SpecLevel): object {
  return withoutAbsent({
    name: level.name.text,
    parent: level.parent?.text,
    ...printValues(level.values),
    multicast: level.multicast,
    memory:
      level.memory === undefined
        ? undefined
        : withoutAbsent({
            ...printValues(level.memory),
            per_lane: level.per_lane,
            private: level.private,
            adds: level.adds,
          }),
    units: level.units.length === 0 ? undefined : level.units.map(printUnit),
  });
}

function printUnit(unit: SpecUnit): object {
  return withoutAbsent({
    name: unit.name.text,
    dimensions: optional(unit.dimensions, printValue),
    operators: optional(unit.operators, printValues),
    ...printValues(unit.values),
    selector: unit.selector === undefined ? undefined : printSelector(unit.selector),
  });
}

const printSelector = ({ algorithm, values }: SpecSelector): object =>
  withoutAbsent({ algorithm: algorithm?.text, ...printValues(values) });

/** A plain number is written as one, so that JSON tools see a number. */
function printValue({ text, sources, note }: SpecValue): object {
  const number = Number(text);
  const plain = text.trim() !== '' && String(number) === text;
  return withoutAbsent({ value: plain ? number : text, source: sources.length === 1 ? sources[0] : sources, note });
}

const printValues = (values: SpecValues): object => asObject(values, printValue);

function asObject<T>(map: ReadonlyMap<string, T>, print: (value: T) => unknown): object {
  return Object.fromEntries([...map].map(([name, value]) => [name, print(value)]));
}

const optional = <T>(map: ReadonlyMap<string, T>, print: (value: T) => unknown): object | undefined =>
  map.size === 0 ? undefined : asObject(map, print);

const withoutAbsent = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
