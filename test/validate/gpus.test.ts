import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { validationChart } from '../../src/figures/validation-chart.ts';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { checkValidation } from '../../src/report/validation-schema.ts';
import { validationText } from '../../src/report/validation-text.ts';
import { openLibrary } from '../../src/validate/library.ts';
import type { Point } from '../../src/validate/suite.ts';
import { partsOf, sharesOf } from '../../src/validate/suites/gpus/decoding.ts';
import { deviceOf, deviceTitles } from '../../src/validate/suites/gpus/devices.ts';
import { gpus } from '../../src/validate/suites/gpus/gpus.ts';
import { familyOf } from '../../src/validate/suites/gpus/kernels.ts';
import {
  conventionalFlops,
  measurementSchema,
  readMeasurements,
  type Shape,
} from '../../src/validate/suites/gpus/points.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { must, shippedMachine, shippedNames } from '../mapper/inputs.ts';

const library = openLibrary(packageFile);
const file = join(import.meta.dirname, '../../experiments/gpus/points.json');
const shipped = { name: 'points.json', text: readFileSync(file, 'utf8') };

/** 2 heads of 128 over 1K tokens, forward, on H100. */
const measured = {
  device: 'H100-80GB-SXM5',
  kernel: 'FlashAttention-2',
  pass: 'fwd',
  causal: false,
  dtype: 'fp16',
  batch: 1,
  heads_q: 2,
  heads_kv: 2,
  head_dim_qk: 128,
  head_dim_v: 128,
  seqlen_q: 1024,
  seqlen_kv: 1024,
  time_ms: 0.02,
};

const readPoints = async (rows: unknown): Promise<readonly Point[]> =>
  must(await gpus.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile));

async function validationOf(rows: readonly object[]): Promise<{ validation: Validation; messages: readonly string[] }> {
  const options = { model: 'analytic', pointsName: 'own.json', claims: [], library } as const;
  const { validation, diagnostics } = await validatePoints(gpus, await readPoints(rows), options);
  await checkValidation(validation);
  return { validation, messages: diagnostics.map((d) => `${d.message}; ${d.help}`) };
}

test('operations are counted as the sources of the measurements count them', () => {
  const { measurements } = JSON.parse(shipped.text) as {
    measurements: (Shape & { kernel: string; pass: 'fwd'; time_ms: number | null; tflops: number | null })[];
  };
  // A batched product is one of the two.
  const whole = measurements.filter((m) => m.batch !== null && !m.kernel.includes('batched'));
  const both = whole.filter((m) => m.time_ms !== null && m.tflops !== null);
  expect(both.length).toBeGreaterThan(400);
  for (const m of both) {
    const shape = { ...m, sliding_window: m.sliding_window ?? undefined };
    const ratio = conventionalFlops(shape, m.pass) / (m.time_ms! * 1e9) / m.tflops!;
    // Printed rates of few digits, such as 6 for 6.3, are the coarsest.
    expect(Math.abs(ratio - 1)).toBeLessThan(0.04 + 0.5 / m.tflops!);
  }
});

test('a rate is a time: of arithmetic, or of the keys and values that are read once', async () => {
  const { time_ms: _, ...untimed } = measured;
  const decoding = { ...untimed, pass: 'decode', seqlen_q: 1, causal: undefined };
  const latent = { ...decoding, heads_q: 16, heads_kv: 1, head_dim_qk: 576, head_dim_v: 512 };
  const points = await readPoints([
    { ...untimed, tflops: 100 },
    { ...untimed, causal: true, tflops: 100 },
    { ...untimed, pass: 'bwd', tflops: 100 },
    { ...decoding, gbps: 1000 },
    { ...latent, gbps: 1000 },
  ]);
  const forward = (4 * 2 * 1024 * 1024 * 128) / 100e9;
  const keys = (2 * 2 * 1024 * 128 * 2) / 1e9;
  const times = [forward, forward / 2, forward * 2.5, keys, (1024 * 576 * 2) / 1e9];
  for (const [i, time] of times.entries()) expect(points[i]!.published.get('time_ms')).toBeCloseTo(time, 12);
});

test('every row that ships is read; what is not complete or not named says so and is in no mean', async () => {
  const read = must(readMeasurements(shipped));
  expect(read).toHaveLength(549);
  const points = must(await gpus.readPoints(shipped, packageFile));
  const incomplete = points.filter((p) => p.aside?.startsWith('not stated'));
  expect(incomplete).toHaveLength(21);
  expect(incomplete.every((p) => p.runs.length === 0)).toBe(true);
  expect(points.filter((p) => p.aside?.startsWith('device not named'))).toHaveLength(30);
  expect(read.filter((m) => deviceOf(m.device) === undefined)).toEqual([]);
});

test('all names of devices lead to their spec', () => {
  const names = {
    A100: ['a100-sxm-80gb', 'ampere'],
    'A100-80GB-SXM (4x)': ['a100-sxm-80gb', 'ampere'],
    'NVIDIA A100-SXM4-40GB': ['a100-sxm-40gb', 'ampere'],
    'H100 (form factor unstated)': ['h100-sxm', 'hopper'],
    'H100-80GB-SXM5': ['h100-sxm', 'hopper'],
    'H100 PCIe': ['h100-pcie', 'hopper'],
    H800: ['h100-sxm', 'hopper'],
    'H200 SXM 141GB': ['h200', 'hopper'],
    'B200-class (B200/GB200; issue quotes MFU vs 2500 TFLOP/s)': ['gb200', 'blackwell'],
    B200: ['b200', 'blackwell'],
    'NVIDIA GB200': ['gb200', 'blackwell'],
    GB300: ['gb300', 'blackwell'],
    'MI250X (one GCD)': ['mi250x-gcd', 'cdna2'],
    MI250X: ['mi250x', 'cdna2'],
    'AMD Instinct MI300X': ['mi300x', 'cdna3'],
    MI355X: ['mi355x', 'cdna4'],
  };
  const found = Object.keys(names).map((name) => {
    const device = deviceOf(name)!;
    return [name, [device.hardware, device.generation]];
  });
  expect(Object.fromEntries(found)).toEqual(names);
  expect(deviceOf('TPU v5e')).toBeUndefined();
});

test('kernels that are not listed are taken for what their names say', () => {
  const on = (device: string, kernel: string): string | undefined => familyOf(kernel, 'fwd', deviceOf(device)!)?.name;
  expect(on('H100', 'cudnn-frontend 1.12 SDPA')).toBe('cuDNN');
  expect(on('H200', 'flash_attn 2.7.4')).toBe('FlashAttention-2');
  expect(on('H200', 'FlashAttention 3 (beta)')).toBe('FlashAttention-3');
  expect(on('B200', 'FA4')).toBe('FlashAttention-4');
  expect(on('A100', 'Triton flash attention')).toBe('Triton');
  expect(on('H100', 'torch SDPA')).toBe('FlashAttention-2');
  expect(on('MI300X', 'flash_attn 2.7.4')).toBe('CK');
  expect(on('MI355X', 'HipKittens')).toBe('hand-written');
  expect(on('MI300X', 'AITER ASM v3')).toBe('AITER');
  expect(on('MI300X', 'Triton')).toBe('Triton');
  expect(on('H100', 'a kernel of mine')).toBeUndefined();
  // What is named after a library of decoding has a forward pass by its kernel, and all can decode.
  expect(on('H100', 'vLLM FlashAttention-3')).toBe('FlashAttention-3');
  expect(on('H100', 'Triton fused softmax attention')).toBe('Triton');
  const decoding = (kernel: string): string | undefined => familyOf(kernel, 'decode', deviceOf('H100')!)?.name;
  expect(decoding('FlashAttention 2.0.9')).toBe('FlashAttention-2');
  for (const kernel of ['FlashAttention-3', 'cuDNN', 'Triton']) expect(decoding(kernel)).toBe('FlashDecoding');
  expect(decoding('a kernel of mine')).toBeUndefined();
  for (const name of ['RTX A1000', 'GH200 96GB']) expect(deviceOf(name)).toBeUndefined();
});

test.each([
  [{ dtype: 'fp4' }, 'no kernel of attention is known for the format "fp4"'],
  [{ device: 'A100', dtype: 'FP8' }, 'the matrix units of A100 have no format of 8 bits'],
  [{ kernel: 'NATTEN window 64 stride 0' }, "windows and strides are from 1 to the map's 1024"],
  [{ kernel: 'GNA 2-D window 8x8' }, 'nothing says how 1024 tokens lie in the map'],
  [{ kernel: 'GNA window 64', causal: true }, 'neighbourhoods are of tokens'],
  [
    { kernel: 'FlashMLA', pass: 'decode', seqlen_q: 1, heads_kv: 1, head_dim_v: 512 },
    'latent attention has one key head',
  ],
])('%j is refused', async (changed, message) => {
  const { validation, messages } = await validationOf([{ ...measured, ...changed }]);
  expect(validation.rows[0]!.failed).not.toBeNull();
  expect(messages[0]).toContain(message);
});

test('a window implies the mask, and no more keys count than it leaves', async () => {
  const [masked, unmasked, wide] = await readPoints([
    { ...measured, sliding_window: 128, causal: true },
    { ...measured, sliding_window: 128 },
    { ...measured, sliding_window: 4096, time_ms: null, tflops: 1 },
  ]);
  expect(unmasked!.runs).toEqual(masked!.runs);
  // 2 products of 128 columns, 2 operations each, of half the pairs of 1K tokens, 2 heads.
  expect(wide!.published.get('time_ms')).toBeCloseTo((2 * 2 * 256 * 1024 * 512) / 1e9, 12);
  const decode = { ...measured, pass: 'decode', seqlen_q: 1, seqlen_kv: 4096, causal: false };
  const [short, long] = await readPoints([
    { ...decode, seqlen_kv: 128 },
    { ...decode, sliding_window: 128 },
  ]);
  expect(long!.runs).toEqual(short!.runs);
});

test('a map of one dimension is what the name says, whatever the tokens', async () => {
  const tokens = { seqlen_q: 65536, seqlen_kv: 65536 };
  const [line, plane] = await readPoints([
    { ...measured, ...tokens, kernel: 'GNA 1-D window 2048 stride 256' },
    { ...measured, ...tokens, kernel: 'GNA 2-D 80x80 window, stride 16x16' },
  ]);
  expect(line!.runs[0]!.sizes).toMatchObject({ X: 1, Y: 1, Z: 65536 });
  expect(plane!.runs[0]!.sizes).toMatchObject({ X: 1, Y: 256, Z: 256 });
});

test('a row that cannot be predicted is told with what is known, and the others are predicted', async () => {
  const { validation, messages } = await validationOf([
    measured,
    { ...measured, device: 'TPU v5e' },
    { ...measured, kernel: 'a kernel of mine' },
    { ...measured, batch: null },
    { ...measured, device: 'H100 (form factor unstated)' },
    { ...measured, time_ms: null },
  ]);
  expect(validation.rows.map((r) => [Object.keys(r.figures).length, r.failed === null, r.aside])).toEqual([
    [1, true, null],
    [0, false, null],
    [0, false, null],
    [0, true, 'not stated: batch'],
    [1, true, 'device not named: H100 (form factor unstated)'],
    [0, true, 'nothing measured'],
  ]);
  expect(validation.rows[5]!.predicted).toEqual(validation.rows[0]!.predicted);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toMatch(/^points\[1\]: no spec ships for device "TPU v5e"; known: A100/);
  expect(messages[1]).toMatch(
    /^points\[2\]: no mapping ships for pass "fwd" of kernel "a kernel of mine" on H100; known: /,
  );
  // One row is in the means, under all that it is.
  expect(validation.groups.map(({ of, figures }) => [Object.values(of).join(' '), figures['time_ms']!.points])).toEqual(
    [
      ['', 1],
      ['NVIDIA', 1],
      ['H100', 1],
      ['H100', 1],
      ['fwd', 1],
      ['NVIDIA fwd', 1],
      ['H100 fwd', 1],
      ['H100 FlashAttention-2 fwd', 1],
    ],
  );
  expect(validation.worst.map((w) => w.row)).toEqual(['points[0]']);
  const text = validationText(validation);
  expect(text).toContain('3 of 6 points are in no mean');
  expect(text).toContain('2 of 6 points could not be run');
});

test('means over groups are those of their rows', async () => {
  const rows = [1, 2, 4].flatMap((time) => [
    { ...measured, time_ms: time },
    { ...measured, device: 'A100', time_ms: time },
  ]);
  const { validation } = await validationOf(rows);
  const errors = validation.rows.map((r) => Math.abs(r.figures['time_ms']!.error));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const of = (names: object): number =>
    validation.groups.find((g) => JSON.stringify(g.of) === JSON.stringify(names))!.figures['time_ms']!
      .mean_absolute_error;
  expect(of({})).toBeCloseTo(mean(errors), 12);
  expect(of({ device: 'A100' })).toBeCloseTo(mean(errors.filter((_, i) => i % 2 === 1)), 12);
  const sizes = validation.worst.map((w) => Math.abs(w.error.error));
  expect(sizes).toEqual([...errors].sort((a, b) => b - a));
  expect(validation.worst[0]!.likely_cause).toContain('fa2 is bound by');
});

test('the plot has what is in the means, by device, on two axes that are alike', async () => {
  const rows = [1, 1000].map((time) => ({ ...measured, time_ms: time }));
  const vague = { ...measured, device: 'H100 (form factor unstated)', time_ms: 1e6 };
  const { validation } = await validationOf([...rows, { ...measured, device: 'A100' }, vague]);
  const chart = validationChart(validation)!;
  expect(chart.series.map((s) => [s.name, s.points.length])).toEqual([
    ['H100', 2],
    ['A100', 1],
  ]);
  expect(chart.x.domain).toEqual(chart.y.domain);
  expect(chart.x.domain![1]).toBe(1000);
  const { predicted, published } = validation.rows[2]!.figures['time_ms']!;
  expect(chart.series[1]!.points).toEqual([{ x: published, y: predicted }]);
  // Guides end where the axes do.
  for (const { x, y } of chart.guides!.flatMap((g) => g.points)) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(chart.x.domain![0] * (1 - 1e-12));
    expect(Math.max(x, y)).toBeLessThanOrEqual(1000 * (1 + 1e-12));
  }
  expect(validationChart((await validationOf([vague])).validation)).toBeUndefined();
});

test('a known cause is named beside the error that it explains, and every cause explains some row', async () => {
  const points = must(await gpus.readPoints(shipped, packageFile));
  const named = points.flatMap((p) => [...(p.explained?.values() ?? [])]);
  expect([...new Set(named)].sort()).toEqual(Object.keys(gpus.rules!).sort());
  const kernel = 'flash_attn (as installed by FLA; FA2 API)';
  const { validation } = await validationOf([
    { ...measured, kernel, time_ms: 0.4 },
    { ...measured, kernel, time_ms: 4 },
  ]);
  expect(validation.worst.map((w) => w.error.rule)).toEqual([null, 'library']);
  expect(validation.worst[1]!.likely_cause).toBe(gpus.rules!['library']);
  expect(validation.beyond_tolerance).toBe(1);
});

test('what may be misspelt is told, and what else a row says is passed over', async () => {
  const source = { name: 'own.json', text: JSON.stringify([{ ...measured, time_mss: 1, driver: '550.54' }]) };
  const read = await gpus.readPoints(source, packageFile);
  expect(read.ok && read.warnings.map((w) => w.help)).toEqual([]);
  const { time_ms: _, ...untimed } = measured;
  const misspelt = { name: 'own.json', text: JSON.stringify([{ ...untimed, time_mss: 1, driver: '550.54' }]) };
  const told = await gpus.readPoints(misspelt, packageFile);
  expect(told.ok && told.warnings.map((w) => w.help)).toEqual(['did you mean "time_ms"?']);
});

test('work is divided over as many processors as the spec of a device has', async () => {
  const shippedSpecs = shippedNames('hardware-specs', '.yaml');
  const devices = deviceTitles.map((title) => deviceOf(title)!);
  for (const { hardware, processors } of devices.filter((d) => shippedSpecs.includes(d.hardware)))
    expect((await shippedMachine(hardware)).levels.find((l) => l.name === 'SM')!.totalInstances).toBe(processors);
});

test('keys are split as the kernels do', () => {
  // Enough blocks: one part each. Two blocks: 52 parts of 10 tiles keep 104 of 108 processors busy, 47 of 11 tiles 94.
  expect(partsOf(512, 108, 2)).toBe(1);
  expect(partsOf(2, 108, 512)).toBe(47);
  // No more parts than tiles.
  expect(partsOf(2, 108, 4)).toBe(4);
  // FlashMLA gives each of 132 processors up to 72 tiles; after a batch of 64 another is not begun for the rest.
  expect(sharesOf(128, 64, 132)).toBe(128);
  expect(sharesOf(1, 640, 132)).toBe(128);
});

test('the published schema of rows is the one that they are checked against', () => {
  const published = readFileSync(join(import.meta.dirname, '../../experiments/gpus/row-schema.json'), 'utf8');
  expect(published).toBe(`${JSON.stringify(measurementSchema, undefined, 2)}\n`);
  expect(new Ajv2020({ strict: true, allowUnionTypes: true }).validateSchema(measurementSchema)).toBe(true);
});
