import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { peakMac } from '../../src/arch/peaks.ts';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { checkValidation } from '../../src/report/validation-schema.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { accelerators } from '../../src/validate/suites/accelerators.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';
import { expectDocumented } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

/** A row of the comparison of SOFA (MICRO 2024, arXiv 2407.10416), Table II. */
type Compared = {
  readonly design: string;
  readonly technology_nm: number;
  readonly area_mm2: number;
  readonly core_w: number;
  readonly io_w: number | null;
  readonly gops: number;
  /** Part of the operations of attention that are pruned. */
  readonly saved: number;
  readonly core_gops_per_w_28nm: number;
  readonly device_gops_per_w_28nm: number | null;
  readonly gops_per_mm2_28nm: number;
};

const text = readFileSync(join(import.meta.dirname, '../../experiments/accelerators/points.json'), 'utf8');
const { comparison } = JSON.parse(text) as { comparison: readonly Compared[] };

async function validated(model: 'analytic' | 'cycle', of: string = text): Promise<Validation> {
  const points = must(await accelerators.readPoints({ name: 'points.json', text: of }, packageFile));
  const library = openLibrary(packageFile);
  const options = { model, pointsName: 'points.json', claims: [], library } as const;
  const { validation, diagnostics } = await validatePoints(accelerators, points, options);
  expect(diagnostics).toEqual([]);
  await checkValidation(validation);
  return validation;
}

const percent = (error: number): string => (Math.abs(error) < 5e-7 ? 'equal' : `${(error * 100).toFixed(2)}%`);

describe.each(['analytic', 'cycle'] as const)('%s', (model) => {
  test('cycles of published models are met, or a rule says why not', async () => {
    const validation = await validated(model);
    expect(validation.failed).toBe(0);
    expect(validation.beyond_tolerance).toBe(0);
    const errors = validation.rows.flatMap((row) => Object.values(row.figures));
    // A rule that explains nothing would hide what comes later.
    expect(errors.filter((e) => e.rule !== null && e.within !== false)).toEqual([]);
  });
});

test('docs/validation.md has the errors of the suite accelerators', async () => {
  const { rows, figures } = await validated('cycle');
  expectDocumented('docs/validation.md', 'accelerators', [
    ['point', 'figure', 'published', 'predicted', 'error', 'rule'],
    ...rows.flatMap(({ series, label, figures: errors }) =>
      Object.entries(errors).map(([name, { published, predicted, error, rule }]) => [
        `${series}, ${label}`,
        figures.find((f) => f.name === name)!.title,
        String(published),
        String(Number(predicted.toPrecision(6))),
        percent(error),
        rule ?? '',
      ]),
    ),
  ]);
});

test('a row of cycles that are off is beyond tolerance', async () => {
  const { points } = JSON.parse(text) as { points: { design: string; cycles: number }[] };
  const { cycles, ...row } = points.find(({ design }) => design === 'SALO')!;
  expect((await validated('cycle', JSON.stringify([{ ...row, cycles: 1.04 * cycles }]))).beyond_tolerance).toBe(1);
});

/** Cycles of a run by itself, simulated. */
async function cyclesOf(
  mapping: string,
  cascade: string,
  hardware: string,
  sizes: Readonly<Record<string, number>>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<number> {
  const run = { cascade, hardware, mapping, workload: undefined, sizes, parameters };
  const evaluation = { model: 'cycle', accounting: 'physical' } as const;
  return must(await openLibrary(packageFile).evaluate(run, evaluation)).metrics.latency_cycles;
}

// The RTL's stages: N to load Q, N + N + 12 for scores, maxima and exponentials, 2 N - 1 for the values; 5 N + 10 published.
test.each([8, 32, 128])('FSA: a tile of %i more takes 5 N + 11 cycles', async (N) => {
  const sizes = { B: 1, H: 1, P: N, E: N, F: N, M0: N };
  const of = (tiles: number): Promise<number> =>
    cyclesOf('systolic-attention', 'flash-attention', 'fsa', { ...sizes, M: tiles * N }, { PE_DIM: String(N) });
  const [two, three, ten] = [await of(2), await of(3), await of(10)];
  expect(three - two).toBe(5 * N + 11);
  expect(ten - three).toBe(7 * (5 * N + 11));
});

// D + exponential + sum + (32 until its inverse is back) + quotient + D + flush.
test.each([
  [64, 64, 32],
  [33, 40, 65],
])('SALO: %i queries of %i elements, window %i', async (P, D, W) => {
  const tiles = Math.ceil(P / 32) * Math.ceil(W / 32);
  const cycles = await cyclesOf('sliding-window', 'sliding-window-attention', 'salo', { B: 1, H: 1, P, W, E: D, F: D });
  expect(cycles).toBe(tiles * (D + 1 + 1 + 32 + 1 + D + 1));
});

test.each([
  [1, 1, 1],
  [384, 300, 700],
])('TPU v1: a product of %i x %i x %i takes 2 R + C + T - 2 cycles a fold', async (M, K, N) => {
  const folds = Math.ceil(K / 256) * Math.ceil(N / 256);
  expect(await cyclesOf('gemm-weight-stationary', 'gemm', 'tpu-v1', { M, N, K })).toBe(folds * (512 + 256 + M - 2));
});

// E + 64 for a tile of scores, F + 64 for its product with V (bench_sanger_v2.py has 768 + 64 for heads side by side).
test.each([64, 768])('Sanger: a tile of 64 x 16 scores more takes 2 (%i + 64) cycles', async (E) => {
  const of = (tiles: number): Promise<number> => {
    const sizes = { B: 1, H: 1, P: 64, M: 16 * tiles, M0: 16, E, F: E };
    return cyclesOf('score-stationary', 'flash-attention', 'sanger', sizes, { BANDWIDTH: '1 PB/s' });
  };
  expect((await of(8)) - (await of(4))).toBeCloseTo(4 * 2 * (E + 64), 0);
});

// Lanes x 2 x clock, as data sheets state them: 12.15 TFLOP/s; 472 GFLOP/s in fp16, half of it in fp32; 10 cores x 2 pipes x 8 lanes; and 47.9
// GFLOP/s as measured by cpufp.
test.each([
  ['titan-xp', 12.15e12],
  ['jetson-nano', 472e9 / 2],
  ['xeon-e5-2640-v4', 768e9],
  ['raspberry-pi-4', 47.9e9],
  ['fsa', 128 * 128 * 2 * 1.5e9],
  ['vitcod', 512 * 2 * 500e6],
])('%s has the peak of its data sheet', async (name, operations_per_s) => {
  expect(peakMac(await machineOf(shippedSource(name)))!.operations_per_s / operations_per_s).toBeCloseTo(1, 2);
});

/** Nominal supply of the technologies, by which the printed columns follow. */
const supply_v: Readonly<Record<number, number>> = { 22: 0.8, 28: 1, 40: 1.1, 45: 1.1, 55: 1.2 };

describe.each(comparison)('$design in 28 nm', (row) => {
  const s = row.technology_nm / 28;
  // Core power goes with (1 / s) (1 / Vdd)^2 and area with 1 / s^2; rates stay, though the table has clocks go with 1 / s^2.
  const core_w = row.core_w / (s * supply_v[row.technology_nm]! ** 2);

  test('efficiencies are those of the table, to its digits', () => {
    expect(row.gops / core_w / row.core_gops_per_w_28nm).toBeCloseTo(1, 2);
    expect((row.gops * s ** 2) / row.area_mm2 / row.gops_per_mm2_28nm).toBeCloseTo(1, 2);
    if (row.io_w === null) expect(row.device_gops_per_w_28nm).toBeNull();
    else expect(row.gops / (core_w + row.io_w) / row.device_gops_per_w_28nm!).toBeCloseTo(1, 2);
  });
});

// A throughput counts what is pruned as done: what is computed is less than the peak of the machine.
test.each([
  ['Sanger', 'sanger', 1],
  ['A3', 'a3', 2],
  ['SpAtten-1/8', 'spatten-eighth', 2],
] as const)('%s computes no more than its machine can', async (design, hardware, arrays) => {
  const { gops, saved } = comparison.find((row) => row.design === design)!;
  const peak_gops = (arrays * peakMac(await machineOf(shippedSource(hardware)))!.operations_per_s) / 1e9;
  expect(gops * (1 - saved)).toBeLessThan(peak_gops);
});
