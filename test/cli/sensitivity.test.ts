import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExperiment, gatherTexts } from '../../src/sweep/gather-texts.ts';
import { identityOf } from '../../src/sweep/identify.ts';
import { openSweep } from '../../src/sweep/open-sweep.ts';
import { createStore } from '../../src/sweep/store.ts';
import { runCommand } from '../cases/command-errors.ts';
import { must } from '../mapper/inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** Bound by bandwidth, or by the array. */
const experiment = {
  schema: 'attnsim-sweep/1',
  name: 'arrays',
  axes: [
    { name: 'PES', values: [128, 192, 256] },
    { name: 'BW', values: ['1 GB/s', '400 GB/s'] },
    { name: 'L', values: [4096] },
  ],
  cascade: 'attention-1-pass',
  hardware: 'fusemax',
  mapping: 'fusemax-binding',
  workload: 'bert-base',
  set: { P: 'L', M: 'L' },
  param: { PE_DIM: 'PES', BANDWIDTH: 'BW' },
  metrics: ['latency_s', 'area_mm2'],
  objectives: [{ minimize: 'latency_s' }, { minimize: 'area_mm2' }],
};

beforeAll(async () => {
  writeFileSync(file('arrays.json'), JSON.stringify(experiment));
  writeFileSync(file('other.json'), JSON.stringify({ ...experiment, description: 'another' }));
  const { source } = must(await findExperiment(file('arrays.json')));
  const texts = must(await gatherTexts(source, folder));
  const sweep = must(await openSweep(texts));
  const store = must(await createStore(file('arrays.duckdb'), identityOf(sweep, texts, 'other code')));
  must(await store.append(await sweep.evaluate({ first: 0, count: sweep.points })));
  await store.close();
});

const sensitivity = (...args: readonly string[]) => runCommand(['sensitivity', file('arrays.json'), ...args]);

async function found(...args: readonly string[]) {
  const { code, out, error } = await sensitivity(...args);
  expect([code, error]).toEqual([0, '']);
  return out;
}

test('without a table it is about the middle of the space, and says what to change first', async () => {
  const text = await found();
  expect(text).toMatch(/^What to change first:\n {2}latency_s: raise BW from 1 GB\/s to 1\.05 GB\/s: -\d/);
  expect(text).toContain(
    '\nAt the middle of the space: PES = 192, BW = 1 GB/s, L = 4096\nMoved one at a time, 5% each way\n',
  );
  expect(text).toMatch(/\n {2}parameter +of +value +elasticity +lower +change +higher +change +note\n/);
  expect(text).toMatch(/\n {2}BW +axis +1 GB\/s +-1\.000 +950 MB\/s +\+5\.3% +1\.05 GB\/s +-4\.8%\n/);
  expect(text).toContain('moved to whole numbers, since those between are refused: PES');
});

test('JSON is the same on the terminal and in a file', async () => {
  const json = await found('--json', '--out', file('out.json'), '--point', '3');
  expect(readFileSync(file('out.json'), 'utf8')).toBe(json);
  const data = JSON.parse(json);
  expect(data).toMatchObject({
    experiment: 'arrays',
    at: 'point 3',
    step: '5%',
    points: [{ point: 3, axes: { PES: 192, BW: 400e9, L: 4096 } }],
    objectives: [
      { metric: 'latency_s', first: { parameter: 'PES', way: 'higher' }, first_size: { parameter: 'L', way: 'lower' } },
      { metric: 'area_mm2' },
    ],
  });
  const [latency] = data.objectives;
  expect(latency.parameters.find((p: { parameter: string }) => p.parameter === 'BW')).toMatchObject({
    of: 'axis',
    size: false,
    unit: 'B/s',
    kinks: 0,
    points: [{ value: 400e9, kink: false, lower: { value: 380e9, rounded: false, status: 'ok' } }],
  });
});

test('it is about the best point of a table, or all of its front', async () => {
  const best = await found('--store', file('arrays.duckdb'));
  expect(best).toMatch(/\nAt point \d, the least latency_s of ".*arrays\.duckdb": PES = \d+, BW = 400 GB\/s/);
  expect(await found('--store', file('arrays.duckdb'), '--best')).toBe(best);
  const front = JSON.parse(await found('--store', file('arrays.duckdb'), '--pareto', '--json'));
  expect(front.at).toMatch(/^\d points, the front \(the least latency_s, the least area_mm2\) of /);
  expect(front.points.length).toBeGreaterThan(1);
  const [latency] = front.objectives;
  for (const { elasticity, points } of latency.parameters) {
    expect(points.length).toBe(front.points.length);
    const each = points.map((p: { elasticity: number }) => p.elasticity);
    expect(elasticity.mean).toBeCloseTo(each.reduce((a: number, b: number) => a + b, 0) / each.length, 12);
  }
  const text = await found('--store', file('arrays.duckdb'), '--pareto');
  expect(text).toMatch(
    /\nlatency_s of \d points \(minimize\)\n {2}parameter +of +elasticity +least +most +lower +higher +note\n/,
  );
});

test('a table of another sweep is refused', async () => {
  const ran = await runCommand(['sensitivity', file('other.json'), '--store', file('arrays.duckdb')]);
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.error).toMatch(/error\[other-sweep\]: .* since it began, "experiment" changed\n.*--point/);
});

test('a chart has a panel for each objective, with the values of parameters at its bars', async () => {
  await found('--point', '3', '--svg', file('tornado.svg'), '--step', 'axis');
  const svg = readFileSync(file('tornado.svg'), 'utf8');
  for (const text of [
    'PES = 192',
    'BW = 400 GB/s',
    '128',
    '256',
    'no higher',
    'change of latency_s (%)',
    'change of area_mm2 (%)',
    'At point 3: PES = 192',
  ])
    expect(svg).toContain(text);
});
