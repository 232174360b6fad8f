import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { openLibrary } from '../../src/validate/library.ts';
import type { Point, Run } from '../../src/validate/suite.ts';
import { spatten } from '../../src/validate/suites/spatten/spatten.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { expectDocumented } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

/** SpAtten (HPCA 2021, arXiv 2012.09852) and its released hardware and cycle model, mit-han-lab/spatten. */

const library = openLibrary(packageFile);
const points = must(await spatten.readPoints((await packageFile(spatten.points))!, packageFile));
const seriesOf = (series: string): readonly Point[] => points.filter((point) => point.series === series);

async function validated(of: readonly Point[], model: Validation['model']): Promise<Validation> {
  const options = { model, pointsName: spatten.points, claims: [], library };
  const { validation, diagnostics } = await validatePoints(spatten, of, options);
  expect(diagnostics).toEqual([]);
  return validation;
}

test('layers of BERT take, simulated, exactly the cycles of the released cycle model', async () => {
  const { rows } = await validated(seriesOf('BERT layer'), 'cycle');
  expect(rows).toHaveLength(11);
  for (const { label, figures } of rows)
    for (const [figure, { published, predicted }] of Object.entries(figures))
      expect(predicted, `${label}: ${figure}`).toBe(published);
});

test('the top-k engine takes the mean cycles of random rows, within 1.5%', async () => {
  const { rows, beyond_tolerance } = await validated(seriesOf('top-k'), 'cycle');
  expect(rows).toHaveLength(22);
  expect(beyond_tolerance).toBe(0);
});

test.each([
  ['analytic', seriesOf('trace')],
  // The others take the simulator long.
  ['cycle', seriesOf('trace').filter(({ label }) => label.endsWith('pruned, spatten'))],
] as const)(
  'released workloads, %s model: bytes and busy cycles are within 2% of what their rows come to',
  async (model, of) => {
    const { rows, beyond_tolerance } = await validated(of, model);
    expect(rows).toHaveLength(of.length);
    expect(beyond_tolerance).toBe(0);
  },
);

const percent = (error: number): string => (Math.abs(error) < 5e-6 ? 'equal' : `${(error * 100).toFixed(2)}%`);

test('docs/validation.md has the means of the errors', async () => {
  const judged = points.filter(({ series }) => !['throughput', 'DRAM reduction'].includes(series));
  const { series, figures, beyond_tolerance } = await validated(judged, 'analytic');
  expect(beyond_tolerance).toBe(0);
  const rows = Object.entries(series).flatMap(([name, of]) =>
    figures.flatMap(({ name: figure, title }) => {
      const found = of[figure];
      if (found === undefined) return [];
      const { points: count, mean_absolute_error, worst_error } = found;
      return [[name, title, String(count), percent(mean_absolute_error), percent(worst_error)]];
    }),
  );
  expectDocumented('docs/validation.md', 'spatten-errors', [['', '', 'points', 'mean', 'worst'], ...rows]);
});

test('docs/validation.md has what pruning and bits save', async () => {
  const { rows } = await validated(seriesOf('DRAM reduction'), 'analytic');
  expectDocumented('docs/validation.md', 'spatten-reductions', [
    ['workload', 'predicted', 'published, mean of 8'],
    ...rows.map(({ label, figures: { dram_reduction } }) => [
      label,
      `${dram_reduction!.predicted.toFixed(1)} x`,
      `${dram_reduction!.published} x`,
    ]),
  ]);
  // 32 bits over the bits that are fetched on average; what BERT must have if 10.0 is the mean over 8 GPT-2 and 22 BERT.
  expect(32 / (6 + 4 * 0.059) / 5.1 - 1).toBeCloseTo(0, 1);
  const gpt2 = 3.8 * 1.1 * 5.1;
  expect((30 * 10 - 8 * gpt2) / 22).toBeCloseTo(5.9, 1);
  expect((10 ** 30 / gpt2 ** 8) ** (1 / 22)).toBeCloseTo(7.6, 1);
});

test('docs/validation.md has the throughput of the released workloads', async () => {
  const { rows } = await validated(seriesOf('throughput'), 'analytic');
  const tflops = (row: (typeof rows)[number]): number => row.predicted['tflops']!;
  expectDocumented('docs/validation.md', 'spatten-throughput', [
    ['workload', 'predicted, TFLOP/s', 'limited by', 'published, mean of 8'],
    ...rows.map((row) => [
      row.label,
      tflops(row).toFixed(2),
      [...new Set(row.runs.map(({ bound }) => bound!.resource))].join(', '),
      String(row.figures['tflops']!.published),
    ]),
  ]);
  const of = (mode: string): number => {
    const found = rows.filter(({ label }) => label.endsWith(mode)).map(tflops);
    return found.reduce((a, b) => a + b, 0) / found.length;
  };
  // What the published mean agrees with is an engine that takes in a row, then selects, one row after the other.
  expect(Math.abs(of('serial') / 0.43 - 1)).toBeLessThan(0.1);
  expect(of('pipelined') / 0.43).toBeGreaterThan(1.25);
  expect(of('free') / 0.43).toBeGreaterThan(1.9);
});

/** The throughput point of a workload with other parameters, TFLOP/s. */
async function withParameters(label: string, parameters: Run['parameters']): Promise<number> {
  const point = seriesOf('throughput').find((p) => p.label === label)!;
  const runs = point.runs.map((run) => ({ ...run, parameters: { ...run.parameters, ...parameters } }));
  const { rows } = await validated([{ ...point, runs }], 'analytic');
  return rows[0]!.predicted['tflops']!;
}

test('SRAMs beyond 196 KB give nothing, as published', async () => {
  for (const mode of ['serial', 'pipelined', 'free']) {
    const label = `GPT-2-small, WikiText-2, pruned, top-k ${mode}`;
    expect(await withParameters(label, { SRAM: '1 MiB' })).toBeCloseTo(await withParameters(label, {}), 2);
  }
});

test('docs/validation.md has BERT by length', async () => {
  const [point] = seriesOf('BERT layer');
  const tflops = async (length: number, mapping: string): Promise<number> => {
    const [run] = point!.runs;
    const sizes = { ...run!.sizes, P: length, M: length };
    const layer = { ...point!, runs: [{ ...run!, mapping, sizes }], published: new Map([['layer_cycles', 1]]) };
    const { rows } = await validated([layer], 'cycle');
    return (4 * 12 * 64 * length ** 2) / rows[0]!.predicted['layer_cycles']! / 1000;
  };
  const lengths = [8, 12, 16, 20, 24, 30, 40, 64, 128, 384];
  const rows = await Promise.all(
    lengths.map(async (length) => {
      const [serial, overlapped] = await Promise.all(
        ['spatten-bert-serial', 'spatten-bert'].map((mapping) => tflops(length, mapping)),
      );
      return [String(length), serial!.toFixed(2), overlapped!.toFixed(2)];
    }),
  );
  expectDocumented('docs/validation.md', 'spatten-bert', [
    ['tokens', 'serial, TFLOP/s', 'overlapped, TFLOP/s'],
    ...rows,
  ]);
});
