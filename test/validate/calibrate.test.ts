import { beforeAll, describe, expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import type { Calibration } from '../../src/report/calibration.ts';
import {
  type FactorRange,
  Factors,
  numberOf,
  type Observation,
  predict,
  type TimeOf,
} from '../../src/validate/calibrate.ts';
import { crossValidate } from '../../src/validate/cross-validate.ts';
import { fitFactors, meanDeviation } from '../../src/validate/fit-factors.ts';
import { openStopwatch } from '../../src/validate/library.ts';
import { openTexts } from '../../src/validate/shipped-texts.ts';
import type { Point, Run } from '../../src/validate/suite.ts';
import { must } from '../mapper/inputs.ts';

/** Factors of kernels that specs have for all others too. */
const kernelFactors = ['KERNEL_FRACTION', 'KERNEL_HBM_FRACTION', 'VECTOR_COST', 'OVERLAP'];

const runOf = (sizes: Record<string, number>, kernel: string): Run => ({
  cascade: 'flash-attention',
  hardware: 'h100-sxm',
  mapping: 'fa3',
  kernel,
  workload: undefined,
  sizes: { B: 1, E: 64, F: 64, M0: 64, ...sizes },
  parameters: {},
});

const pointOf = (run: Run): Point => ({
  name: JSON.stringify(run.sizes),
  row: 'made',
  series: 'made',
  label: 'made',
  at: { source: { name: 'made', text: '' }, start: 0, end: 0 },
  runs: [run],
  published: new Map(),
  groups: { family: run.kernel!, generation: 'hopper', device: 'H100' },
});

const stopwatch = openStopwatch(packageFile);
const timeOf: TimeOf = async (run, parameters) => must(await stopwatch.seconds(run, parameters));

const points = ['cudnn', 'flashattention-3'].flatMap((kernel) =>
  [512, 1024, 3072].flatMap((P) => [66, 132].map((H) => pointOf(runOf({ H, P, M: P }, kernel)))),
);
let factors: Factors;
let observations: readonly Observation[];
const planted: Readonly<Record<string, number>> = { MATRIX_FRACTION: 0.6, LAUNCH: 8, OVERLAP: 0.2 };
const plantedValues = (): readonly number[] =>
  factors.all.map(({ name, value, kernel }) =>
    name === 'OVERLAP' && kernel === 'cudnn'
      ? planted['OVERLAP']!
      : name !== 'OVERLAP' && name in planted
        ? planted[name]!
        : numberOf(value.text)!.number,
  );

/** Times as they would be measured if the machine had the planted factors. */
beforeAll(async () => {
  const ranges = JSON.parse((await packageFile('experiments/gpus/factors.json'))!.text) as Record<string, FactorRange>;
  factors = new Factors(new Map(Object.entries(ranges)));
  const spec = must(await openTexts(packageFile).spec('h100-sxm'));
  const used = points.map((p) => [factors.of(spec, p.runs[0]!.kernel!)]);
  const unmeasured = points.map((point, i) => ({ point, measured: 1, factors: used[i]! }));
  const times = await predict(factors.all, unmeasured, plantedValues(), timeOf);
  observations = unmeasured.map((o, i) => ({ ...o, measured: times[i]! }));
});

describe('calibration', () => {
  test('factors are parameters whose source says so, of the device and of the kernel that runs', () => {
    const named = factors.all.map(({ name, kernel }) => `${kernel ?? 'device'} ${name}`);
    for (const own of ['VECTOR_COST', 'OVERLAP'])
      for (const kernel of ['cudnn', 'flashattention-3']) expect(named).toContain(`${kernel} ${own}`);
    expect(named).toContain('device MATRIX_FRACTION');
    expect(new Set(named).size).toBe(named.length);
  });

  test('no more than six are of a device, and three of a kernel', async () => {
    const { factors: fitted } = JSON.parse(
      (await packageFile('experiments/gpus/calibration.json'))!.text,
    ) as Calibration;
    const counts = new Map<string, number>();
    for (const { spec, kernel, name } of fitted) {
      // What kernels have that have no value of their own is no factor besides.
      if (kernel === null && kernelFactors.includes(name)) continue;
      const key = `${spec} ${kernel ?? 'device'}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) expect(count, key).toBeLessThanOrEqual(key.endsWith(' device') ? 6 : 3);
  });

  test('specs have the factors that the last calibration wrote', async () => {
    const { factors: fitted } = JSON.parse(
      (await packageFile('experiments/gpus/calibration.json'))!.text,
    ) as Calibration;
    const texts = openTexts(packageFile);
    for (const { spec: file, kernel, name, value } of fitted) {
      const spec = must(await texts.spec(file.replace(/^.*\/|\.yaml$/g, '')));
      const values = kernel === null ? spec.parameters : spec.kernels.get(kernel)!;
      const stands = numberOf(values.get(name)!.text)!;
      expect(`${stands.number}${stands.unit}`, `${file} ${kernel} ${name}`).toBe(value);
    }
  });

  test('finds what predicts as well as the factors that points were made with', async () => {
    const fitted = await fitFactors(factors.all, observations, timeOf, 6, () => {});
    expect(meanDeviation(fitted.linearized.residuals)).toBeLessThan(0.02);
    for (const [f, { range }] of factors.all.entries()) {
      expect(fitted.values[f]!).toBeGreaterThanOrEqual(range.least);
      expect(fitted.values[f]!).toBeLessThanOrEqual(range.most);
    }
    const validated = await crossValidate(factors.all, observations, fitted, timeOf);
    const halves = validated.find(({ left_out, which }) => left_out === 'a half' && which === null)!;
    expect(halves.points).toBe(points.length);
    expect(halves.mean_absolute_error).toBeLessThan(0.05);
    // What is left out is predicted with factors that are expected, not with those that were planted.
    const without = validated.find(({ which }) => which === 'cudnn on hopper')!;
    expect(without.points).toBe(points.length / 2);
    expect(without.mean_absolute_error).toBeGreaterThan(halves.mean_absolute_error);
  });
});
