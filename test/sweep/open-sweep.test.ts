import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluatePlacement, placeTexts } from '../../src/simulate.ts';
import { gatherTexts } from '../../src/sweep/gather-texts.ts';
import { type OpenSweep, openSweep } from '../../src/sweep/open-sweep.ts';
import type { Range, Rows } from '../../src/sweep/table.ts';
import { must, shipped } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

const usual = {
  schema: 'attnsim-sweep/1',
  name: 'arrays',
  axes: [
    { name: 'PES', values: [64, 128, 256] },
    { name: 'BUFFER', from: '1 MiB', to: '16 MiB', factor: 4 },
    {
      zip: [
        { name: 'A', values: ['attention-1-pass', 'attention-3-pass'] },
        { name: 'MAP', values: ['fusemax-binding', 'flat'] },
      ],
    },
    { name: 'L', values: [1024, 1500, 4096] },
  ],
  where: ['PES >= 128 or L < 4096'],
  cascade: { axis: 'A' },
  hardware: 'fusemax',
  mapping: { axis: 'MAP' },
  workload: 'bert-base',
  set: { P: 'L', M: 'L' },
  param: { PE_DIM: 'PES', GLOBAL_BUFFER: 'BUFFER' },
  metrics: ['latency_s', 'energy_j', 'traffic_bytes.0', 'utilization.Array2D', 'bound.resource'],
  constraints: ['latency_s < 1'],
};

async function open(experiment: object): Promise<OpenSweep> {
  const texts = must(await gatherTexts({ name: 'sweep.json', text: JSON.stringify(experiment) }, '.'));
  return must(await openSweep(texts));
}

type Row = Record<string, number | string | undefined>;

const rowsOf = ({ columns }: OpenSweep, rows: Rows): readonly Row[] =>
  [...rows.points].map((point, i) => ({
    point,
    ...Object.fromEntries(
      rows.columns.map((cells, c) => {
        const value = 'codes' in cells ? cells.texts[cells.codes[i]!] : cells[i];
        return [columns[c]!.name, value];
      }),
    ),
  }));

const allRows = async (sweep: OpenSweep, range: Range = { first: 0, count: sweep.points }): Promise<readonly Row[]> =>
  rowsOf(sweep, await sweep.evaluate(range));

test('rows are what the pipeline says of each point', { timeout: 120_000 }, async () => {
  const sweep = await open(usual);
  const rows = await allRows(sweep);
  expect(sweep.points).toBe(3 * 3 * 2 * 3);
  expect(rows.map((r) => r['point'])).toEqual([...Array(54).keys()].filter((p) => !(p < 18 && p % 3 === 2)));
  for (const row of rows) {
    const placed = await placeTexts({
      cascade: shipped('cascades', `${row['A']}.einsum`),
      machine: shipped('hardware-specs', 'fusemax.yaml'),
      mapping: shipped('mappings', `${row['MAP']}.map`),
      sizes: new Map([
        ['B', 64],
        ['H', 12],
        ['E', 64],
        ['F', 64],
        ['P', row['L'] as number],
        ['M', row['L'] as number],
      ]),
      parameters: new Map([
        ['PE_DIM', `${row['PES']}`],
        ['GLOBAL_BUFFER', `${row['BUFFER']} B`],
      ]),
    });
    if (!placed.ok) {
      expect(row['status']).toBe('failed');
      expect(row['diagnostic']).toBe(placed.diagnostics.map((d) => `${d.code}: ${d.message}`).join('; '));
      expect(row['latency_s']).toBeNaN();
      continue;
    }
    const metrics = must(evaluatePlacement(placed.value, 'analytic'));
    const seconds = metrics.latency_cycles / placed.value.placed.machine.clock_hz;
    expect(row['latency_s']).toBeCloseTo(seconds, 9);
    const dram = metrics.traffic.get('DRAM')!;
    expect(row['traffic_bytes.0']).toBe(dram.read_bytes + dram.write_bytes);
    expect(row['bound.resource']).toBe(metrics.bound.resource);
    expect(row['status']).toBe(seconds < 1 ? 'ok' : 'excluded');
  }
  for (const status of ['ok', 'excluded', 'failed'])
    expect(rows.filter((r) => r['status'] === status).length, status).toBeGreaterThan(1);
});

test('a row does not depend on the range that it is evaluated in', { timeout: 120_000 }, async () => {
  const sweep = await open(usual);
  const all = new Map((await allRows(sweep)).map((row) => [row['point'], row]));
  await fc.assert(
    fc.asyncProperty(fc.nat(sweep.points - 1), fc.integer({ min: 1, max: 20 }), async (first, count) => {
      const range = { first, count: Math.min(count, sweep.points - first) };
      const other = await open(usual);
      for (const row of await allRows(other, range)) expect(row).toEqual(all.get(row['point']));
    }),
    { numRuns: runs(15), endOnFailure },
  );
});

test('a mapping that does not fit its cascade is told in its rows', async () => {
  const sweep = await open({
    ...usual,
    cascade: 'gemm',
    mapping: 'flat',
    axes: usual.axes.filter((a) => !('zip' in a)),
    set: { M: 'L', N: 'L', K: 'L' },
  });
  for (const row of await allRows(sweep)) expect(row['diagnostic']).toContain('other-cascade: ');
});

test('searched mappings are at least as good as written ones', { timeout: 300_000 }, async () => {
  const one = { ...usual, axes: [{ name: 'L', values: [256] }], where: [], param: {}, constraints: [] };
  const written = await allRows(await open({ ...one, cascade: 'attention-1-pass', mapping: 'fusemax-binding' }));
  const searched = await allRows(await open({ ...one, cascade: 'attention-1-pass', mapping: 'auto' }));
  expect(searched[0]!['status']).toBe('ok');
  expect(searched[0]!['latency_s'] as number).toBeLessThanOrEqual(written[0]!['latency_s'] as number);
});

test('simulated, a point has the cycles of the simulator', { timeout: 120_000 }, async () => {
  const one = {
    ...usual,
    axes: [{ name: 'L', values: [512] }],
    where: [],
    param: {},
    cascade: 'attention-1-pass',
    mapping: 'fusemax-binding',
    constraints: [],
  };
  const [analytic] = await allRows(await open(one));
  const [cycle] = await allRows(await open({ ...one, model: 'cycle' }));
  expect(cycle!['latency_s'] as number).toBeGreaterThan(analytic!['latency_s'] as number);
  expect(cycle!['traffic_bytes.0']).toBe(analytic!['traffic_bytes.0']);
});
