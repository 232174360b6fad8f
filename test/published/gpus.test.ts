import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chartFigure } from '../../src/figures/chart-figure.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { validationChart } from '../../src/figures/validation-chart.ts';
import { packageFile } from '../../src/files.ts';
import type { Calibration } from '../../src/report/calibration.ts';
import type { ValidationMean } from '../../src/report/validation.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { gpus } from '../../src/validate/suites/gpus/gpus.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { expectDocumented } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

const points = must(await gpus.readPoints((await packageFile(gpus.points))!, packageFile));
const { validation, diagnostics } = await validatePoints(gpus, points, {
  model: 'analytic',
  pointsName: gpus.points,
  claims: [],
  library: openLibrary(packageFile),
});

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;

/** Means over the rows that are the same in what is named, and in nothing else. */
const meanOf = (of: Readonly<Record<string, string>>): ValidationMean | undefined =>
  validation.groups.find((g) => JSON.stringify(g.of) === JSON.stringify(of))?.figures['time_ms'];

const valuesOf = (name: string): string[] => [
  ...new Set(validation.groups.flatMap(({ of }) => (Object.keys(of).length === 1 && name in of ? [of[name]!] : []))),
];

test('the documents have the means of the errors by device and pass', () => {
  const passes = ['fwd', 'bwd', 'fwd+bwd', 'decode'];
  const cell = (mean: ValidationMean | undefined): string =>
    mean === undefined ? '' : `${percent(mean.mean_absolute_error)} (${mean.points})`;
  const rows = valuesOf('device').map((device) => [
    device,
    ...passes.map((pass) => cell(meanOf({ device, pass }))),
    cell(meanOf({ device })),
  ]);
  const all = ['all', ...passes.map((pass) => cell(meanOf({ pass }))), cell(meanOf({}))];
  const head = ['device', ...passes, 'all'];
  for (const document of ['README.md', 'docs/validation.md'])
    expectDocumented(document, 'gpus-devices', [head, ...rows, all]);
});

test('the documents have what the last calibration says of points that it did not see', async () => {
  const calibration = JSON.parse((await packageFile(gpus.calibration!))!.text) as Calibration;
  const whole = calibration.cross_validation.filter(({ which }) => which === null);
  const fits = [
    ['of all points, judged on them', String(calibration.points), percent(calibration.mean_absolute_error)],
    ...whole.map((c) => [`without ${c.left_out}, judged on it`, String(c.points), percent(c.mean_absolute_error)]),
  ];
  for (const document of ['README.md', 'docs/validation.md'])
    expectDocumented(document, 'gpus-calibration', [['fit', 'points', 'mean'], ...fits]);
  const parts = calibration.cross_validation.flatMap(({ which, points: n, mean_absolute_error }) =>
    which === null ? [] : [[which, String(n), percent(mean_absolute_error)]],
  );
  expectDocumented('docs/validation.md', 'gpus-left-out', [['without', 'points', 'mean'], ...parts]);
  // The specs are those of the calibration.
  expect(meanOf({})!.points).toBe(calibration.points);
  expect(meanOf({})!.mean_absolute_error).toBeCloseTo(calibration.mean_absolute_error, 3);
});

test('docs/validation.md has the means by device, kernel and pass, and the twenty worst with their likely causes', () => {
  const series = Object.entries(validation.series).map(([name, { time_ms }]) => [
    name,
    String(time_ms!.points),
    percent(time_ms!.mean_absolute_error),
    signed(time_ms!.worst_error),
  ]);
  expectDocumented('docs/validation.md', 'gpus-series', [
    ['device, kernel, pass', 'points', 'mean', 'worst'],
    ...series,
  ]);
  expect(validation.worst).toHaveLength(20);
  const worst = validation.worst.map(({ series: of, label, error, likely_cause }) => [
    `${of}, ${label}`,
    signed(error.error),
    likely_cause ?? '',
  ]);
  expectDocumented('docs/validation.md', 'gpus-worst', [['point', 'error', 'likely cause'], ...worst]);
});

test('the plot in the documents is that of the shipped points', async () => {
  const chart = validationChart(validation)!;
  const drawn = await renderSvg(chartFigure(chart));
  const path = join(import.meta.dirname, '../../docs/gpus.svg');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, drawn);
  expect(readFileSync(path, 'utf8') === drawn, 'UPDATE_DOCS=1 writes docs/gpus.svg as it is now').toBe(true);
});

test('every point with a complete shape is predicted', () => {
  expect(diagnostics).toEqual([]);
  expect(validation.failed).toBe(0);
  expect(validation.groups[0]!.figures['time_ms']!.points).toBe(498);
});
