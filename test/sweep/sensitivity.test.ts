import { expect, test } from 'vitest';
import { firstChange } from '../../src/sweep/first-change.ts';
import { gatherTexts } from '../../src/sweep/gather-texts.ts';
import { middleOf } from '../../src/sweep/middle.ts';
import { movableAxes, movableParameters } from '../../src/sweep/moved-parameters.ts';
import { type OpenSweep, openSweep } from '../../src/sweep/open-sweep.ts';
import { outcomesAt } from '../../src/sweep/outcomes.ts';
import { ranked } from '../../src/sweep/ranking.ts';
import { effectAt, findSensitivity, type Sensitivity, type SensitivityOptions } from '../../src/sweep/sensitivity.ts';
import type { SweepTexts } from '../../src/sweep/sweep-texts.ts';
import { codesOf, must } from '../mapper/inputs.ts';
import { experiment } from './experiments.ts';

const fusemax = {
  schema: 'attnsim-sweep/1',
  name: 'arrays',
  axes: [
    { name: 'PES', values: [128, 256, 512] },
    { name: 'BW', from: '100 GB/s', to: '1600 GB/s', factor: 2 },
    { name: 'L', values: [1024, 4096, 16384] },
    { name: 'A', values: ['attention-1-pass'] },
  ],
  derived: { HALF: 'PES / 2', ROWS: 'HALF * 2' },
  cascade: { axis: 'A' },
  hardware: 'fusemax',
  mapping: 'fusemax-binding',
  workload: 'bert-base',
  set: { P: 'L', M: 'L' },
  param: { PE_DIM: 'ROWS', BANDWIDTH: 'BW' },
  metrics: ['latency_s', 'energy_j', 'area_mm2', 'traffic_bytes.DRAM', 'bound.resource'],
  objectives: [{ minimize: 'latency_s' }, { minimize: 'energy_j' }],
};

async function open(experiment: object): Promise<{ texts: SweepTexts; sweep: OpenSweep }> {
  const texts = must(await gatherTexts({ name: 'sweep.json', text: JSON.stringify(experiment) }, '.'));
  return { texts, sweep: must(await openSweep(texts)) };
}

const usual: SensitivityOptions = {
  metrics: ['latency_s', 'energy_j'],
  step: { kind: 'share', share: 0.05 },
  all: false,
};

async function find(
  experiment: object,
  points: readonly (readonly number[])[],
  options: Partial<SensitivityOptions> = {},
) {
  const { texts, sweep } = await open(experiment);
  const named = points.map((values, i) => ({ label: `point ${i}`, values }));
  return await findSensitivity(sweep.experiment, texts, named, { ...usual, ...options });
}

/** By the names of a parameter and a metric, at the first point. */
function effect(found: Sensitivity, parameter: string, metric = 'latency_s') {
  const position = found.parameters.findIndex(({ name }) => name === parameter);
  expect(position, parameter).toBeGreaterThanOrEqual(0);
  return effectAt(found, position, found.metrics.indexOf(metric), 0)!;
}

const responseOf = (found: Sensitivity, parameter: string) =>
  found.parameters.find(({ name }) => name === parameter)!.responses[0]!;

const gemm = {
  schema: 'attnsim-sweep/1',
  name: 'gemm-roofline',
  axes: [{ name: 'BW', values: ['1 GB/s', '100 TB/s'] }],
  cascade: 'gemm',
  hardware: 'fusemax',
  mapping: 'gemm-systolic',
  set: { M: 1024, N: 1024, K: 1024 },
  param: { BANDWIDTH: 'BW' },
  metrics: ['latency_s'],
  objectives: [{ minimize: 'latency_s' }],
};

test('bound by bandwidth, time goes with 1 over it; bound by computing, it does not depend on it', async () => {
  const bound = must(await find(gemm, [[1e9]], { metrics: ['latency_s'] }));
  expect(effect(bound, 'BW').elasticity).toBeCloseTo(-1, 2);
  expect(effect(bound, 'BW').isKink).toBe(false);
  const free = must(await find(gemm, [[1e14]], { metrics: ['latency_s'] }));
  expect(effect(free, 'BW').elasticity).toBeCloseTo(0, 2);
});

test('sides that are points of the grid have the rows of the grid', async () => {
  const { sweep } = await open(fusemax);
  const point = [256, 400e9, 4096, 0];
  const found = must(await find(fusemax, [point], { step: { kind: 'axis', otherwise: 0.05 } }));
  const rows = await sweep.evaluate({ first: 0, count: sweep.points });
  const rowAt = (axes: readonly number[]): number[] => {
    const row = [...rows.points.keys()].find((i) =>
      axes.slice(0, 3).every((value, a) => (rows.columns[a] as Float64Array)[i] === value),
    )!;
    return ['latency_s', 'energy_j'].map(
      (name) => (rows.columns[sweep.columns.findIndex((c) => c.name === name)] as Float64Array)[row]!,
    );
  };
  expect(found.figures).toEqual([rowAt(point)]);
  const neighbours = { PES: [128, 512], BW: [200e9, 800e9], L: [1024, 16384] };
  expect(found.parameters.map(({ name }) => name)).toEqual(Object.keys(neighbours));
  for (const [axis, [name, values]] of Object.entries(neighbours).entries()) {
    const { lower, higher } = responseOf(found, name);
    for (const [i, side] of [lower, higher].entries()) {
      expect(side.value).toBe(values[i]);
      expect(side.kind === 'found' && side.figures).toEqual(rowAt(point.with(axis, values[i]!)));
    }
  }
});

test('a parameter that is no axis changes nothing where it stays as it is, and those that follow from it move along', async () => {
  const { texts, sweep } = await open(fusemax);
  const point = [256, 400e9, 4096, 0];
  const [base] = await outcomesAt(sweep, [point]);
  const movables = must(await movableParameters(sweep, texts, [point]));
  const names = movables.map(({ name }) => name);
  for (const name of ['PE_ROWS', 'GLOBAL_BUFFER', 'EXP_CYCLES', 'P0', 'WAYS']) expect(names).toContain(name);
  // Axes say what these are.
  for (const name of ['PE_DIM', 'BANDWIDTH']) expect(names).not.toContain(name);
  // 0 has no logarithm.
  for (const name of ['RAMPS', 'LAG']) expect(names).not.toContain(name);
  for (const { sweep: own, at, bases } of movables)
    expect(await outcomesAt(own, [at(point, bases[0]!)])).toEqual([base]);

  const found = must(await find(fusemax, [point], { all: true, metrics: ['area_mm2'] }));
  const rows = effect(found, 'PE_ROWS', 'area_mm2').elasticity!;
  const all = effect(found, 'PES', 'area_mm2').elasticity!;
  expect(all).toBeGreaterThan(rows * 1.5);
});

test('what must be whole is moved to whole numbers, and says so', async () => {
  const found = must(await find(fusemax, [[256, 400e9, 4096, 0]], { step: { kind: 'share', share: 0.001 } }));
  expect(responseOf(found, 'PES')).toMatchObject({
    lower: { value: 255, rounded: true, kind: 'found' },
    higher: { value: 257, rounded: true, kind: 'found' },
  });
  expect(responseOf(found, 'BW').higher).toMatchObject({ value: 400e9 * 1.001, rounded: false });
});

test('sides outside of the space are told, and the other one is taken', async () => {
  const found = must(
    await find({ ...fusemax, where: ['BW <= 400 GB/s', 'PES >= 256 or L > 4096'] }, [[256, 400e9, 4096, 0]]),
  );
  const { higher, lower } = responseOf(found, 'BW');
  expect(higher).toEqual({
    kind: 'missing',
    reason: 'not in the space: "BW <= 400 GB/s" does not hold',
    value: 420e9,
    rounded: false,
  });
  expect(lower.kind).toBe('found');
  expect(effect(found, 'BW').elasticity).toBe(effect(found, 'BW').lower!.elasticity);
});

test('sides that break a constraint are told, and no advice', async () => {
  const points = [[128, 400e9, 4096, 0]];
  const free = must(await find(fusemax, points));
  const area = must(await find(fusemax, points, { metrics: ['area_mm2'] }));
  const limit = area.figures[0]![0]!;
  const bound = must(await find({ ...fusemax, constraints: [`area_mm2 <= ${limit}`] }, points));
  expect(responseOf(bound, 'PES').higher).toMatchObject({ kind: 'found', excluded: true });
  expect(effect(bound, 'PES')).toEqual(effect(free, 'PES'));
  const first = (found: Sensitivity) => firstChange(found, 0, 'minimize', ({ isSize }) => !isSize);
  expect(first(free)).toMatchObject({ parameter: 0, way: 'higher' });
  expect(first(bound)?.parameter).not.toBe(0);
});

test('sizes are told from what a design has', async () => {
  const { sweep } = await open({ ...fusemax, set: { P: 'L', M: 'L', B: 'PES / 64' } });
  const movables = movableAxes(sweep, [[256, 400e9, 4096, 0]]);
  expect(movables.map(({ name, isSize }) => [name, isSize])).toEqual([
    ['PES', false],
    ['BW', false],
    ['L', true],
  ]);
});

test('at several points, elasticities have a mean between the least and the most', async () => {
  const found = must(
    await find(fusemax, [
      [256, 400e9, 4096, 0],
      [128, 100e9, 1024, 0],
    ]),
  );
  for (const { parameter, effects, elasticity } of ranked(found, 0)) {
    const each = effects.map((e) => e!.elasticity!);
    expect(elasticity).toEqual({ mean: (each[0]! + each[1]!) / 2, least: Math.min(...each), most: Math.max(...each) });
    expect(effects[0]).toEqual(effectAt(found, parameter, 0, 0));
  }
  const means = ranked(found, 0).map(({ elasticity }) => Math.abs(elasticity!.mean));
  expect(means).toEqual(means.toSorted((a, b) => b - a));
});

test('what is found at a point does not depend on the points beside it', async () => {
  const points = [
    [256, 400e9, 4096, 0],
    [128, 100e9, 1024, 0],
    [512, 1600e9, 1000, 0],
  ];
  const bounded = { ...fusemax, where: ['BW <= 1600 GB/s and PES > 127'] };
  for (const [given, at, all] of [
    [bounded, points, false],
    [gemm, [[1e9], [1e14]], true],
  ] as const) {
    const together = must(await find(given, at, { all }));
    for (const [i, point] of at.entries()) {
      const alone = must(await find(given, [point], { all }));
      expect(together.figures[i]).toEqual(alone.figures[0]);
      for (const { name, of, responses } of alone.parameters)
        expect(together.parameters.find((p) => p.name === name && p.of === of)!.responses[i], name).toEqual(
          responses[0],
        );
    }
  }
});

test('what cannot be evaluated is refused', async () => {
  const fixed = {
    ...fusemax,
    axes: [{ name: 'A', values: ['attention-1-pass'] }],
    derived: {},
    set: { P: 64, M: 64 },
    param: {},
  };
  expect(codesOf(await find(fixed, [[0]]))).toEqual(['nothing-moved']);
  const narrow = { ...fusemax, where: ['PES == 256 and BW == 400 GB/s and L == 4096'] };
  expect(codesOf(await find(narrow, [[256, 400e9, 4096, 0]]))).toEqual(['nothing-moved']);
  expect(codesOf(await find(narrow, [[128, 400e9, 4096, 0]]))).toEqual(['bad-point']);
  expect(codesOf(await find(fusemax, [[256, 400e9, 4096.5, 0]]))).toEqual(['bad-point']);
  expect(codesOf(await find(fusemax, [[256, 400e9, 4096, 0]], { metrics: ['utilization.Nothing'] }))).toEqual([
    'unknown-metric',
  ]);
});

test('the middle of a space is the middle of its axes', () => {
  const axes = [
    { name: 'X', values: [1, 2, 3, 4] },
    {
      zip: [
        { name: 'Y', values: [10, 20, 30] },
        { name: 'T', values: ['a', 'b', 'c'] },
      ],
    },
    { name: 'Z', from: 1, to: 10000, scale: 'log' },
  ];
  const uses = { set: { P: 'X', M: 'Y' }, param: { EXP_CYCLES: 'Z' }, hardware: { axis: 'T' } };
  const middle = middleOf(experiment({ axes, ...uses, sampling: { method: 'sobol', points: 8 } }).axes);
  expect(middle.slice(0, 3)).toEqual([2, 20, 1]);
  expect(middle[3]).toBeCloseTo(100, 9);
});
