import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { gpus } from '../../src/validate/suites/gpus/gpus.ts';
import { must } from '../mapper/inputs.ts';

/** How predictions go from one shape or device to another, at shapes that nobody has published. */

const library = openLibrary(packageFile);

/** Of one device, its kernel: 4 batches of 16 heads of 128 over 4096 tokens, forward, fp16, but for what is given. */
type Asked = Readonly<Record<string, string | number | boolean>>;

async function ms(device: string, kernel: string, asked: Asked = {}): Promise<number> {
  const { d = 128, heads = 16, S = 4096, ...others } = asked;
  const row = {
    ...{ device, kernel, pass: 'fwd', causal: false, dtype: 'fp16', batch: 4 },
    ...{ heads_q: heads, heads_kv: heads, head_dim_qk: d, head_dim_v: d, seqlen_q: S, seqlen_kv: S },
    ...others,
  };
  const [point] = must(await gpus.readPoints({ name: 'asked.json', text: JSON.stringify([row]) }, packageFile));
  expect(point!.refused).toBeUndefined();
  let time_s = 0;
  for (const run of point!.runs)
    time_s += must(await library.evaluate(run, { model: 'analytic', accounting: 'physical' })).metrics.board.time_s;
  return time_s * 1e3;
}

const all = (device: string, kernel: string, asked: readonly Asked[]): Promise<number[]> =>
  Promise.all(asked.map((one) => ms(device, kernel, one)));

const flash = [
  ['A100', 'FlashAttention-2'],
  ['H100 SXM', 'FlashAttention-3'],
  ['H200', 'FlashAttention-3'],
  ['B200', 'FlashAttention-4'],
  ['GB200', 'cuDNN'],
  ['GB300', 'cuDNN'],
  ['MI300X', 'CK'],
  ['MI355X', 'AITER'],
] as const;

const expectRising = (values: readonly number[], room: number): void => {
  for (const [i, value] of values.entries()) if (i > 0) expect(value / values[i - 1]!).toBeGreaterThan(1 - room);
};

test.each(flash)(
  '%s, %s: wider heads have a higher rate, and heads between tiles no higher than the next tile',
  async (...of) => {
    const sizes = [32, 64, 96, 128];
    const rates = (
      await all(
        ...of,
        sizes.map((d) => ({ d })),
      )
    ).map((time, i) => sizes[i]! / time);
    expectRising(rates, 0.01);
    expect(rates[3]! / rates[0]!).toBeGreaterThan(1.1);
  },
);

test.each(flash)('%s, %s: with as many tokens, longer sequences have a higher rate, which ends', async (...of) => {
  const lengths = [512, 1024, 2048, 4096, 8192, 16384, 32768];
  const times = await all(
    ...of,
    lengths.map((S) => ({ S, batch: 32768 / S })),
  );
  const rates = times.map((time, i) => lengths[i]! / time);
  expectRising(rates, 0.02);
  expect(rates[6]! / rates[0]!).toBeGreaterThan(1.05);
  expect(Math.abs(rates[6]! / rates[5]! - 1)).toBeLessThan(0.03);
  const alone = await all(
    ...of,
    [8192, 16384, 32768].map((S) => ({ S })),
  );
  for (const i of [1, 2]) expect(Math.abs(alone[i]! / alone[i - 1]! / 4 - 1)).toBeLessThan(0.06);
});

test.each(flash)('%s, %s: a causal mask saves up to half, a window all but its keys', async (...of) => {
  const shapes = [512, 2048, 8192, 32768].map((S) => ({ S, batch: 32768 / S }));
  const whole = await all(...of, shapes);
  const masked = await all(
    ...of,
    shapes.map((shape) => ({ ...shape, causal: true })),
  );
  const shares = masked.map((time, i) => time / whole[i]!);
  for (const share of shares) expect(share).toBeLessThan(1);
  for (const share of shares) expect(share).toBeGreaterThan(0.48);
  expectRising(shares.toReversed(), 0);
  expect(shares[3]).toBeLessThan(0.6);
  const windows = await all(
    ...of,
    [16384, 32768].map((S) => ({ S, causal: true, sliding_window: 1024 })),
  );
  expect(Math.abs(windows[1]! / windows[0]! / 2 - 1)).toBeLessThan(0.15);
});

test('one thread block more than there are processors costs a step, which fades with the number of waves', async () => {
  const blocks = (heads: number): Asked => ({ heads, batch: 1, seqlen_q: 128, seqlen_kv: 8192 });
  const [one, two, ten, more] = await all('H100 SXM', 'FlashAttention-3', [132, 133, 1320, 1321].map(blocks));
  expect(two! / one!).toBeGreaterThan(1.15);
  expect(more! / ten!).toBeGreaterThan(1);
  expect(more! / ten!).toBeLessThan(1.08);
});

test.each(['H100 SXM', 'H200', 'B200', 'GB200', 'GB300'])(
  '%s: fp8 is faster than fp16, less than twice',
  async (device) => {
    const [wide, narrow] = await all(
      device,
      'cuDNN',
      ['fp16', 'fp8'].map((dtype) => ({ S: 16384, dtype })),
    );
    expect(wide! / narrow!).toBeGreaterThan(1.05);
    expect(wide! / narrow!).toBeLessThan(2);
  },
);

test.each(['A100', 'H100 SXM', 'H200', 'B200'])('%s: decoding takes as long as the keys are many', async (device) => {
  const cache = (heads_kv: number, seqlen_kv: number): Asked => ({
    ...{ pass: 'decode', batch: 16, heads_q: 32, heads_kv, seqlen_q: 1, seqlen_kv },
  });
  const grouped = await all(
    device,
    'FlashDecoding',
    [32, 16, 8, 4].map((heads_kv) => cache(heads_kv, 16384)),
  );
  for (const i of [1, 2, 3]) {
    expect(grouped[i - 1]! / grouped[i]!).toBeGreaterThan(1.6);
    expect(grouped[i - 1]! / grouped[i]!).toBeLessThan(2.3);
  }
  const longer = await all(
    device,
    'FlashDecoding',
    [16384, 32768, 65536].map((length) => cache(8, length)),
  );
  for (const i of [1, 2]) expect(Math.abs(longer[i]! / longer[i - 1]! / 2 - 1)).toBeLessThan(0.05);
});

test('devices: H200 computes as H100 does and reads faster; newer ones are faster; GB300 has twice the exponentials', async () => {
  const long = { S: 16384 };
  const [a100] = await all('A100', 'FlashAttention-2', [long]);
  const [h100, h200, b200, gb200] = await Promise.all(
    ['H100 SXM', 'H200', 'B200', 'GB200'].map((device) => ms(device, 'cuDNN', long)),
  );
  expect(Math.abs(h200! / h100! - 1)).toBeLessThan(0.1);
  expectRising([gb200!, b200!, h100!, a100!], 0);
  const decode = { pass: 'decode', batch: 16, heads_q: 32, heads_kv: 8, seqlen_q: 1, seqlen_kv: 65536 };
  const ratio = (await ms('H100 SXM', 'FlashDecoding', decode)) / (await ms('H200', 'FlashDecoding', decode));
  // Of the bandwidths that kernels reach: measured are 3.9 TB/s, and 3.0 TB/s by FlashMLA.
  expect(Math.abs(ratio / (3.9 / 3) - 1)).toBeLessThan(0.15);
  const narrow = { ...long, dtype: 'fp8' };
  expect((await ms('GB200', 'cuDNN', narrow)) / (await ms('GB300', 'cuDNN', narrow))).toBeGreaterThan(1.1);
});

test.each(flash)('%s, %s: a backward pass takes longer than its five products by two', async (...of) => {
  const [forward, backward] = await all(...of, [{ S: 8192 }, { S: 8192, pass: 'bwd' }]);
  expect(backward! / forward!).toBeGreaterThan(2.3);
  expect(backward! / forward!).toBeLessThan(7);
});

test.each(['fwd', 'bwd'])('H100, %s: newer versions of a kernel are faster', async (pass) => {
  const times = await Promise.all(
    ['FlashAttention-1', 'FlashAttention-2', 'FlashAttention-3'].map((kernel) =>
      ms('H100 SXM', kernel, { pass, S: 8192 }),
    ),
  );
  expectRising(times.toReversed(), 0);
});

test.each([
  ['GB200', 'cuDNN'],
  ['H100 SXM', 'FlashAttention-3'],
] as const)('%s, %s: a wider window is no faster', async (device, kernel) => {
  const windows = [64, 128, 192, 256, 384, 512, 1024, 4096];
  const times = await all(
    device,
    kernel,
    windows.map((sliding_window) => ({ S: 8192, d: 64, causal: true, sliding_window })),
  );
  expectRising(times, 0.01);
});

test.each([
  ['B200', 'FlashAttention-4', 'mxfp8'],
  ['B200', 'cuDNN', 'mxfp8'],
  ['H100 SXM', 'FlashAttention-3', 'fp8'],
  ['MI300X', 'AITER', 'fp8'],
] as const)('%s, %s: %s is no slower than 16 bits, forward and backward', async (device, kernel, dtype) => {
  for (const pass of ['fwd', 'bwd']) {
    const [wide, narrow] = await all(device, kernel, [
      { S: 8192, pass },
      { S: 8192, pass, dtype },
    ]);
    expect(wide! / narrow!).toBeGreaterThan(1);
  }
});
