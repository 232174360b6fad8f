import { describe, expect, test } from 'vitest';
import { loadMachine } from '../../src/arch/load.ts';
import type { Level } from '../../src/arch/machine.ts';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import { machineOf, resolveShipped, shippedNames, shippedSource } from './shipped.ts';

const level = (levels: readonly Level[], name: string): Level => {
  const found = levels.find((l) => l.name === name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
};

const minimal = `
name: tiny
sources: { me: invented for this test }
parameters:
  LANES: { value: 4, source: me }
  SPEED: { value: 2 GB/s, source: me }
clock: { value: 1 GHz, source: me }
levels:
  - name: Top
    source: me
    memory: { bandwidth: SPEED, capacity: 1 KiB }
    units:
      - { name: Lane, dimensions: { lanes: LANES }, operators: { mac: { cycles: 1, energy: 1 pJ } } }
`;
const tiny = { name: 'tiny.yaml', text: minimal };

describe('shipped specs', () => {
  test.each(shippedNames)('%s loads, and its file is named after it', async (name) => {
    expect((await machineOf(shippedSource(name))).name).toBe(name);
  });
  test.each(shippedNames)('%s gives every number a citation', async (name) => {
    const { sources } = await machineOf(shippedSource(name));
    expect(sources.length).toBeGreaterThan(15);
    expect(sources.filter(({ source }) => source.length < 8)).toEqual([]);
  });
  test.each(shippedNames)('%s says so where an energy is unknown', async (name) => {
    const machine = await machineOf(shippedSource(name));
    const zero = machine.sources.filter(({ path, value }) => path.includes('energy') && /^0\b(?!\.)/.test(value));
    for (const { note } of zero) expect(note).toContain('no figure found');
  });
  test.each(shippedNames)('%s lists parents before children', async (name) => {
    const { levels } = await machineOf(shippedSource(name));
    expect(levels.filter(({ parent }, i) => parent !== undefined && parent >= i)).toEqual([]);
    expect(levels.filter(({ parent }) => parent === undefined)).toHaveLength(1);
  });
});

test('H100: instances multiply down the tree', async () => {
  const { levels } = await machineOf(shippedSource('h100-sxm'));
  expect(level(levels, 'SM').totalInstances).toBe(132);
  expect(level(levels, 'SharedMemory')).toMatchObject({ instances: 1, totalInstances: 132 });
});

test('H100: the latencies add up to the measured ones', async () => {
  const { levels } = await machineOf(shippedSource('h100-sxm'));
  const of = (name: string): number => level(levels, name).memory!.latency_cycles;
  expect(of('L2') + of('SharedMemory')).toBe(265);
  expect(of('HBM') + of('L2') + of('SharedMemory')).toBe(640);
});

test('FuseMax: one port for reads and writes, 456.911 B a cycle', async () => {
  const { levels } = await machineOf(shippedSource('fusemax'));
  const dram = level(levels, 'DRAM').memory!;
  expect(dram.sharedPort).toBe(true);
  expect(dram.read_bytes_per_cycle).toBe((400 * 2 ** 30) / 940e6);
  expect(level(levels, 'GlobalBuffer').memory!.read_bytes_per_cycle).toBe(Number.POSITIVE_INFINITY);
});

test('FuseMax: exp takes six MACs, FLAT hides the subtraction before it', async () => {
  const operators = async (name: string, unit: string) =>
    (await machineOf(shippedSource(name))).units.find((u) => u.name === unit)!.operators;
  const fusemax = await operators('fusemax', 'Array2D');
  expect(fusemax.get('exp')!.cycles + fusemax.get('sub')!.cycles).toBe(7);
  expect(fusemax.get('exp')!.energy_pj + fusemax.get('sub')!.energy_pj).toBeCloseTo(111.3265, 10);
  const flat = await operators('flat', 'Array1D');
  expect(flat.get('exp')!.cycles + flat.get('sub')!.cycles).toBe(1);
});

describe('parameters', () => {
  test('an override reaches every field that uses it', async () => {
    const machine = await machineOf(shippedSource('fusemax'), { PE_DIM: '128', BANDWIDTH: '800 GiB/s' });
    expect(machine.units[0]!.dimensions.map((d) => d.size)).toEqual([128, 128]);
    expect(machine.units[0]!.ramp_down_cycles).toBe(128);
    expect(level(machine.levels, 'RF2D').memory!.capacity_bytes).toBe(128 * 128 * 24);
    expect(machine.levels[0]!.memory!.read_bytes_per_cycle).toBe((800 * 2 ** 30) / 940e6);
    expect(machine.sources.find(({ path }) => path === 'parameters.PE_DIM')).toMatchObject({
      value: '128',
      source: '--param, in place of 256',
    });
  });
  test('an override may be an expression over the parameters before it', async () => {
    expect((await machineOf(tiny, { SPEED: 'LANES * (1 + 1) GB/s' })).parameters.get('SPEED')).toBe(8e9);
  });
  test.each([
    [{ LANE: '8' }, 'unknown-parameter', 'did you mean "LANES"?'],
    [{ SPEED: '8' }, 'missing-unit', '--param SPEED:1:1'],
    [{ SPEED: '8 GHz' }, 'wrong-dimension', 'declared here'],
    [{ LANES: '0' }, 'out-of-range', 'must be more than 0'],
    [{ LANES: '1.5' }, 'out-of-range', 'whole number'],
    [{ LANES: 'SPEED' }, 'unknown-parameter', '--param LANES:1:1'],
    [{ SPEED: '8 GBps' }, 'unknown-unit', 'did you mean "GB/s"?'],
    [{ constructor: '1' }, 'unknown-parameter', 'has no parameter "constructor"'],
  ] as [Record<string, string>, string, string][])('%j is refused as %s', async (parameters, code, text) => {
    const result = await loadMachine(tiny, { parameters: new Map(Object.entries(parameters)) });
    const rendered = result.ok ? '' : result.diagnostics.map(renderDiagnostic).join('\n');
    expect(rendered).toContain(`[${code}]`);
    expect(rendered).toContain(text);
  });
});

describe('units of time', () => {
  const withLatency = (latency: string) => ({
    name: 't.yaml',
    text: minimal.replace('capacity: 1 KiB', `latency: ${latency}`).replace('1 GHz', '1.83 GHz'),
  });
  test.each([
    ['100 cycles', 100],
    ['100 ns', 183],
    ['101 ns', 185],
    ['0 s', 0],
  ])('a latency of %s is %d cycles at 1.83 GHz', async (latency, cycles) => {
    expect((await machineOf(withLatency(latency))).levels[0]!.memory!.latency_cycles).toBe(cycles);
  });
  test('bandwidth a cycle and a second agree', async () => {
    const perCycle = await machineOf({ ...tiny, text: minimal.replace('2 GB/s', '2 B/cycle') });
    expect(perCycle.levels[0]!.memory!.read_bytes_per_cycle).toBe(2);
    expect((await machineOf(tiny)).levels[0]!.memory!.read_bytes_per_cycle).toBe(2);
  });
});

describe('extends', () => {
  const child = (body: string) => ({ name: 'child.yaml', text: `name: child\nextends: fusemax\n${body}` });
  test('a spec that changes nothing is the same machine under another name', async () => {
    const { name: _, ...base } = await machineOf(shippedSource('fusemax'));
    const { name, ...same } = await machineOf(child(''));
    expect(name).toBe('child');
    expect(same).toEqual(base);
  });
  test('values, levels and units merge by name', async () => {
    const machine = await machineOf(
      child(`sources: { me: invented }
parameters: { PE_DIM: { value: 64, source: me } }
levels:
  - name: RF1D
    units:
      - { name: Array1D, operators: { exp: { cycles: { value: 1, source: me } } } }
  - { name: Extra, parent: RF1D, memory: { capacity: { value: 1 KiB, source: me } } }
`),
    );
    const lanes = machine.units.find((u) => u.name === 'Array1D')!;
    expect(lanes.dimensions).toEqual([{ name: 'lanes', size: 64 }]);
    expect(lanes.operators.get('exp')).toEqual({ cycles: 1, energy_pj: 6 * 17.1645 });
    expect(machine.levels.map((l) => l.name)).toEqual(['DRAM', 'GlobalBuffer', 'RF2D', 'RF1D', 'Extra']);
  });
  test('separate ports take the place of a shared one, and the other way round', async () => {
    const separate = await machineOf(
      child(`sources: { me: invented }
levels: [{ name: DRAM, memory: { source: me, read_bandwidth: 1 GB/s, write_bandwidth: 2 GB/s } }]`),
    );
    expect(separate.levels[0]!.memory).toMatchObject({
      sharedPort: false,
      read_bytes_per_cycle: 1e9 / 940e6,
      write_bytes_per_cycle: 2e9 / 940e6,
    });
  });
  test('a value inherits no source from the file that it extends', async () => {
    const result = await loadMachine(child('levels: [{ name: DRAM, memory: { access: 64 B } }]'), {
      resolve: resolveShipped,
    });
    expect(result.ok ? [] : result.diagnostics.map((d) => d.code)).toEqual(['missing-source']);
  });
});

test('JSON is read as the YAML that it is', async () => {
  const json = JSON.stringify({
    name: 'tiny',
    sources: { me: 'invented' },
    clock: { value: '1 GHz', source: 'me' },
    levels: [{ name: 'Top', source: 'me', memory: { access: '32 B' } }],
  });
  expect((await machineOf({ name: 't.json', text: json })).levels[0]!.memory!.access_bytes).toBe(32);
});

test('levels may be written in any order', async () => {
  const text = `name: x
sources: { me: invented }
clock: { value: 1 GHz, source: me }
levels:
  - { name: Low, parent: Middle, instances: { value: 3, source: me } }
  - { name: Middle, parent: High, instances: { value: 2, source: me } }
  - { name: High }
`;
  const { levels } = await machineOf({ name: 'x.yaml', text });
  expect(levels.map((l) => [l.name, l.parent, l.totalInstances])).toEqual([
    ['High', undefined, 1],
    ['Middle', 0, 2],
    ['Low', 1, 6],
  ]);
});

test('all mistakes of a file are reported at once', async () => {
  const text = minimal
    .replace('1 KiB', '1 KiBB')
    .replace('energy: 1 pJ', 'energy: 1 GHz')
    .replace('name: Top', 'name: Top\n    parent: Nowhere');
  const result = await loadMachine({ name: 'x.yaml', text });
  expect(result.ok ? [] : result.diagnostics.map((d) => d.code).toSorted()).toEqual([
    'unknown-level',
    'unknown-unit',
    'wrong-dimension',
  ]);
});

test('a mistaken parameter is reported once, not at each use', async () => {
  const result = await loadMachine({ name: 'x.yaml', text: minimal.replace('2 GB/s', '2 GB/s/s + z') });
  expect(result.ok ? [] : result.diagnostics).toHaveLength(1);
});

test.each([
  ['brackets', '['.repeat(1_000_000)],
  ['braces', `{"a":`.repeat(200_000)],
  ['dashes', '- '.repeat(500_000)],
  ['questions', '? '.repeat(500_000)],
  ['items', `a: [${'1,'.repeat(400_000)}`],
  ['a long text', 'x'.repeat(2_000_000)],
])('a megabyte of %s is refused', async (_, text) => {
  const result = await loadMachine({ name: 'x.yaml', text });
  expect(result.ok ? '' : result.diagnostics[0]!.code).toMatch(/^too-(deep|large)$/);
});
