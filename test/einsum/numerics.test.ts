import { describe, expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { exponentialBy, exponentials } from '../../src/einsum/exponential.ts';
import { roundingTo } from '../../src/einsum/number-format.ts';
import { numericError } from '../../src/einsum/numeric-error.ts';
import { emulate } from '../../src/einsum/numerics.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import { expectDocumented } from '../documented.ts';
import { bind, bindShipped } from './bind.ts';

type Choice = { readonly formats?: Readonly<Record<string, string>>; readonly arithmetic?: string };

/** The values of a cascade's tensor Z in the chosen numbers. */
function run(text: string, inputs: Readonly<Record<string, readonly number[]>>, choice: Choice): readonly number[] {
  const w = bind(text, {});
  const given = new Map(Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values)]));
  const { formats = {}, arithmetic = 'fp64' } = choice;
  const numerics = emulate(
    w,
    { formats: new Map(Object.entries(formats)), arithmetic, exponential: { kind: 'exact' } },
    evaluateCascade(w, given),
  );
  return [...evaluateCascade(w, given, numerics).get('Z')!.values];
}

describe('emulated numbers', () => {
  const sum = 'cascade c\n rank default M = 3\n input A[M]\n output Z[]\n Z[] = A[m]';

  test('sums are accumulated in the format of the arithmetic, and stored in that of the tensor', () => {
    // In fp16 the neighbours of 2048 are 2 apart, and ties go to the even one.
    const inputs = { A: [2048, 1, 1] };
    expect(run(sum, inputs, { arithmetic: 'fp16' })).toEqual([2048]);
    expect(run(sum, inputs, { arithmetic: 'fp32', formats: { Z: 'fp16' } })).toEqual([2050]);
    expect(run(sum, { A: [2048, 1, 0] }, { arithmetic: 'fp32', formats: { Z: 'fp16' } })).toEqual([2048]);
    expect(run(sum, { A: [2048, 1, 0] }, { arithmetic: 'fp32' })).toEqual([2049]);
  });

  test('inputs are rounded once, when they come in', () => {
    expect(run(sum, { A: [2049, 0.5, 0] }, { formats: { A: 'fp16' } })).toEqual([2048.5]);
  });

  test('a product that is summed is not rounded before it is added, any other is', () => {
    const a = 1 + 2 ** -10;
    const inputs = { A: [-1 - 2 ** -9, a, 0], B: [1, a, 0] };
    const mac = 'cascade c\n rank default M = 3\n input A[M], B[M]\n output Z[]\n Z[] = A[m] * B[m]';
    // a^2 = 1 + 2^-9 + 2^-20, of which fp16 has not the last bit.
    expect(run(mac, inputs, { arithmetic: 'fp16' })).toEqual([2 ** -20]);
    expect(run(mac.replace('A[m] * B[m]', 'A[m] * B[m] * 1'), inputs, { arithmetic: 'fp16' })).toEqual([0]);
  });

  test('each operation of an expression is rounded', () => {
    const text = 'cascade c\n rank default M = 1\n input A[M], B[M]\n output Z[M]\n Z[m] = A[m] + B[m] - A[m]';
    expect(run(text, { A: [2048], B: [1] }, { arithmetic: 'fp16' })).toEqual([0]);
    expect(run(text, { A: [2048], B: [1] }, {})).toEqual([1]);
  });

  test('the initial value of a carried tensor stays, also where the format has no such number', () => {
    const text = `cascade c
      rank default M = 2
      input A[M]
      output Z[]
      R[0] = -inf
      R[m+1] = max(R[m], A[m]) where m >= 1
      Z[] = exp(R[0]) + R[M]`;
    expect(run(text, { A: [5, 1000] }, { formats: { R: 'fp8_e4m3' } })).toEqual([448]);
  });

  test('an integer format takes its scale from the largest finite magnitude in float64', () => {
    const text = 'cascade c\n rank default M = 3\n input A[M], B[M]\n output Z[M]\n Z[m] = A[m] * B[m]';
    const inputs = { A: [1, 12.7, 2], B: [1, 10, Number.POSITIVE_INFINITY] };
    // The scale of Z is 1: 127 is the largest code.
    expect(run(text, inputs, { formats: { Z: 'int8' } })).toEqual([1, 127, 127]);
    expect(run(text, { A: [0.64, 127, 0], B: [1, 1, 1] }, { formats: { A: 'int8' } })).toEqual([1, 127, 0]);
  });

  test('more bits make smaller errors in attention', () => {
    const w = bindShipped('attention-1-pass', { B: 1, H: 1, P: 9, M: 40, M0: 16, E: 8, F: 8 });
    const inputs = randomInputs(w, 2);
    const exact = evaluateCascade(w, inputs);
    const noise = ['fp8_e5m2', 'fp8_e4m3', 'bf16', 'fp16', 'fp32'].map((format) => {
      const formats = new Map(w.tensors.map((t) => [t.name, format]));
      const numerics = emulate(w, { formats, arithmetic: 'fp32', exponential: { kind: 'exact' } }, exact);
      return numericError(exact.get('AV')!, evaluateCascade(w, inputs, numerics).get('AV')!).snr_db;
    });
    // A bit of the significand is worth 6 dB; the formats have 3, 4, 8, 11 and 24.
    for (const [i, bits] of [1, 4, 3, 13].entries()) {
      expect(noise[i + 1]! - noise[i]!).toBeGreaterThan(6.02 * bits - 5);
      expect(noise[i + 1]! - noise[i]!).toBeLessThan(6.02 * bits + 5);
    }
  });
});

describe('exponentials', () => {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const exponents = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100);

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'the Taylor polynomial of degree %i is off by its remainder at most',
    (degree) => {
      const computed = exponentialBy(exponentials.get(`taylor${degree}`)!, undefined)!;
      // The remainder of exp(r) for |r| <= ln(2)/2, over the least value there.
      const remainder = ((Math.LN2 / 2) ** (degree + 1) / factorial(degree + 1)) * 2;
      const errors = exponents.map((x) => Math.abs(computed(x) / Math.exp(x) - 1));
      // The least remainder, 4e-10 of degree 8, is far above what float64 rounds.
      expect(Math.max(...errors)).toBeLessThan(remainder);
      expect(Math.max(...errors)).toBeGreaterThan(remainder / 4);
    },
  );

  test('the polynomial of FlashAttention-4 is off by less than 9e-5, all over [0, 1)', () => {
    const computed = exponentialBy(exponentials.get('minimax3')!, undefined)!;
    const errors = Array.from({ length: 1000 }, (_, i) => computed((i / 1000) * Math.LN2) / 2 ** (i / 1000) - 1);
    expect(Math.max(...errors)).toBeLessThan(9e-5);
    expect(Math.min(...errors)).toBeGreaterThan(-9e-5);
    // Least in the largest error: it is reached on both sides.
    expect(Math.max(...errors)).toBeGreaterThan(8e-5);
    expect(Math.min(...errors)).toBeLessThan(-8e-5);
  });

  test('the document has their errors', () => {
    const rows = [...exponentials].flatMap(([name, e]) => {
      if (e.kind === 'exact') return [];
      const computed = exponentialBy(e, undefined)!;
      const worst = exponents.reduce((most, x) => Math.max(most, Math.abs(computed(x) / Math.exp(x) - 1)), 0);
      const range = e.reduction === 'nearest' ? '-1/2 to 1/2' : '0 to 1';
      return [[`\`${name}\``, range, String(e.coefficients.length), worst.toExponential(1)]];
    });
    expectDocumented('docs/numerics.md', 'exponentials', [
      ['name', 'f', 'multiply-adds', 'largest relative error'],
      ...rows,
    ]);
  });

  test('every step is rounded to the format of the arithmetic', () => {
    const round = roundingTo('fp16');
    const computed = exponentialBy(exponentials.get('taylor5')!, round)!;
    for (let x = -9; x <= 0; x += 0.01) {
      expect(round(computed(x))).toBe(computed(x));
      // log2(e) is off by 2e-4 in fp16, which an exponent of -13 makes 13 times as much; a few roundings come on top.
      expect(Math.abs(computed(x) / Math.exp(x) - 1)).toBeLessThan(13 * 2e-4 + 3 * 2 ** -11);
    }
  });

  test('what is not finite goes as in the exact one', () => {
    const computed = exponentialBy(exponentials.get('taylor5')!, undefined)!;
    expect(computed(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(computed(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(computed(Number.NaN)).toBeNaN();
    expect(computed(-1e9)).toBe(0);
    expect(computed(0)).toBe(1);
  });
});

describe('errors', () => {
  const tensor = (values: readonly number[], exists = values.map(() => 1)) => ({
    values: Float64Array.from(values),
    exists: Uint8Array.from(exists),
  });

  test('are over the elements that exist', () => {
    const error = numericError(tensor([1, -2, 100, 0], [1, 1, 0, 1]), tensor([1, -1.5, 0, 0.25], [1, 1, 0, 1]));
    expect(error).toEqual({
      not_finite: 0,
      max_absolute: 0.5,
      max_relative: Number.POSITIVE_INFINITY,
      rmse: Math.sqrt((0.25 + 0.0625) / 3),
      snr_db: 10 * Math.log10(5 / 0.3125),
    });
  });

  test('an overflow is counted and spoils no other figure', () => {
    const error = numericError(tensor([1, 2]), tensor([Number.NaN, 3]));
    expect(error).toMatchObject({ not_finite: 1, max_absolute: 1, max_relative: 0.5, rmse: 1 });
  });

  test('equal values have none, infinite ones included', () => {
    const same = tensor([1, Number.NEGATIVE_INFINITY, Number.NaN]);
    const none = { not_finite: 0, max_absolute: 0, max_relative: 0, rmse: 0, snr_db: Number.POSITIVE_INFINITY };
    expect(numericError(same, same)).toEqual(none);
  });
});
