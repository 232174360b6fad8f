import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';
import { codesOf, must, shipped, shippedMachine, shippedNames, workloadOf } from './inputs.ts';

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

type Shape = { readonly mapping: string; readonly machine: string; readonly parameters: Record<string, string> };

const shapesOf = (parameters: Record<string, string>): readonly Shape[] => [
  { mapping: 'fusemax-architecture', machine: 'fusemax', parameters },
  { mapping: 'fusemax-binding', machine: 'fusemax', parameters },
  { mapping: 'fusemax-cascade', machine: 'flat-cascade', parameters },
  { mapping: 'unfused', machine: 'flat', parameters },
];

/** Of a tile, as many keys as the array has rows. */
test.each([
  ...['8', '32', '64', '100', '128', '1024'].flatMap((LANES) => shapesOf({ LANES })),
  ...shapesOf({ PE_ROWS: '128', PE_COLUMNS: '512', LANES: '256' }),
  ...shapesOf({ PE_ROWS: '128', PE_COLUMNS: '512', LANES: '512' }),
  ...shapesOf({ PE_ROWS: '512', PE_COLUMNS: '128', LANES: '128' }),
  ...shapesOf({ PE_ROWS: '256', PE_COLUMNS: '64', LANES: '64' }),
  ...shapesOf({ PE_DIM: '512' }),
  ...shapesOf({ PE_DIM: '64' }),
])('$mapping fits $machine of $parameters', async ({ mapping: name, machine, parameters }) => {
  const shaped = await machineOf(shippedSource(machine), parameters);
  const M0 = Number(parameters['PE_ROWS'] ?? parameters['PE_DIM'] ?? 256);
  const mapping = read(name);
  const ramps = mapping.parameters.some((p) => p.name === 'RAMPS') ? [{ RAMPS: 0 }, { RAMPS: 1 }] : [{}];
  for (const E of [64, 256])
    for (const overrides of ramps) {
      const workload = workloadOf(mapping.cascades[0]!.name, { B: 1, H: 1, P: 2048, M: 2048, M0, E, F: E });
      expect(codesOf(placeMapping(mapping, workload, shaped, new Map(Object.entries(overrides))))).toEqual([]);
    }
});

test.each(['unfused', 'flat', 'flat-weight-stationary'])('%s fits small buffers', async (name) => {
  for (const GLOBAL_BUFFER of ['1 MiB', '2 MiB', '4 MiB']) {
    const machine = await machineOf(shippedSource('flat'), { GLOBAL_BUFFER });
    for (const E of [64, 192, 256])
      for (const M of [2 ** 10, 2 ** 18, 2 ** 20]) {
        const workload = workloadOf('attention-3-pass', { B: 1, H: 1, P: 2048, M, E, F: E });
        expect(codesOf(placeMapping(read(name), workload, machine))).toEqual([]);
      }
  }
});

test('every cascade has a mapping', () => {
  const mapped = new Set(mappings.flatMap((name) => read(name).cascades.map((c) => c.name)));
  expect(shippedNames('cascades', '.einsum').filter((c) => !mapped.has(c))).toEqual([]);
});
