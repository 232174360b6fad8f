import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { must, shipped, shippedMachine, shippedNames, workloadOf } from './inputs.ts';

const mappings = shippedNames('mappings', '.map');
const machines = shippedNames('hardware-specs', '.yaml');
/** Ragged on purpose: no size is a multiple of a tile. */
const sizes: Readonly<Record<string, number>> = {
  B: 2,
  H: 3,
  P: 500,
  M: 700,
  E: 60,
  F: 72,
  M0: 64,
  N: 300,
  K: 130,
  D: 200,
  FF: 400,
};

const read = (name: string) => must(parseMapping(shipped('mappings', `${name}.map`)));

describe.each(mappings)('mapping %s', (name) => {
  test('is named after its file and says where it comes from', () => {
    expect(read(name).name).toBe(name);
    expect(shipped('mappings', `${name}.map`).text).toMatch(/^# /);
  });

  test('is legal on a machine, at sizes that its tiles do not divide', async () => {
    const mapping = read(name);
    for (const { name: cascade } of mapping.cascades) {
      const workload = workloadOf(cascade, sizes);
      const placed = await Promise.all(
        machines.map(async (m) => placeMapping(mapping, workload, await shippedMachine(m))),
      );
      expect(placed.some((p) => p.ok)).toBe(true);
    }
  });

  test('prints and reads back as the same tree', () => {
    const printed = printMapping(read(name));
    expect(printMapping(must(parseMapping({ name: 'printed', text: printed })))).toBe(printed);
  });
});

test.each(machines)('machine %s has no parameter of a name that a mapping has', async (name) => {
  const { parameters } = await shippedMachine(name);
  const shared = mappings.flatMap((mapping) =>
    read(mapping).parameters.flatMap((p) => (parameters.has(p.name) ? [`${mapping}: ${p.name}`] : [])),
  );
  expect(shared).toEqual([]);
});

test('every cascade has a mapping', () => {
  const mapped = new Set(mappings.flatMap((name) => read(name).cascades.map((c) => c.name)));
  expect(shippedNames('cascades', '.einsum').filter((c) => !mapped.has(c))).toEqual([]);
});
