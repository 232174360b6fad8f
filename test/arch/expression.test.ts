import { expect, test } from 'vitest';
import { readExpression } from '../../src/arch/expression.ts';
import { baseUnit, type Measure, noDimension } from '../../src/units.ts';

const symbols: ReadonlyMap<string, Measure> = new Map([
  ['N', { value: 12, dimension: noDimension }],
  ['SIZE', { value: 1024, dimension: { ...noDimension, data: 1 } }],
]);

test.each([
  ['ceil(log2(N))', 4, ''],
  ['N^2 * (16791.04 + 11.63484 * ceil(log2(N))) um^2', (144 * (16791.04 + 46.53936)) / 1e6, 'mm^2'],
  ['max(SIZE, 2 KiB)', 2048, 'B'],
  ['min(N, 5) + 1', 6, ''],
  ['SIZE - 24 B', 1000, 'B'],
  ['-(N - 20)', 8, ''],
  ['+N + 0', 12, ''],
  ['1/2 B', 0.5, 'B'],
  ['SIZE / 4 / 2', 128, 'B'],
  ['sqrt(N + 4)', 4, ''],
  ['floor(N / 5) B', 2, 'B'],
  ['round(2.6) * abs(-2)', 6, ''],
  ['ceil(SIZE / 3)', 342, 'B'],
  ['(2 B)^2', 4, 'B^2'],
  ['2^0.5 + 0', Math.SQRT2, ''],
  ['1545 µm^2', 1545e-6, 'mm^2'],
  // Straight in log-log: ten times y over 100 times x is the square root. At the points, their values; in proportion outside.
  ['interpolate(N / 12 * 100, 10, 1 mm^2, 1000, 10 mm^2)', Math.sqrt(10), 'mm^2'],
  ['interpolate(10, 10, 1 mm^2, 1000, 10 mm^2)', 1, 'mm^2'],
  ['interpolate(1000, 10, 1 mm^2, 1000, 10 mm^2)', 10, 'mm^2'],
  ['interpolate(5, 10, 1 mm^2, 1000, 10 mm^2)', 0.5, 'mm^2'],
  ['interpolate(SIZE, 512 B, 3, 768 B, 4)', 16 / 3, ''],
  ['interpolate(SIZE, 512 B, 7)', 14, ''],
  ['(3 μs)', 3e-6, 's'],
])('%s = %d %s', async (text, value, unit) => {
  const reading = await readExpression(text, symbols);
  if (!reading.ok) throw new Error(reading.problems.map((p) => p.message).join());
  expect(reading.value.value).toBeCloseTo(value, 12);
  expect(baseUnit(reading.value.dimension)).toBe(unit);
});

test.each([
  ['', 'bad-expression'],
  ['1 +', 'bad-expression'],
  ['import("fs")', 'unknown-function'],
  ['eval("1")', 'unknown-function'],
  ['f(x) = x', 'bad-expression'],
  ['a = 3', 'bad-expression'],
  ['N.constructor', 'bad-expression'],
  ['cos.constructor("return process")()', 'bad-expression'],
  ['"text"', 'bad-expression'],
  ['[1, 2]', 'bad-expression'],
  ['1:3', 'bad-expression'],
  ['{a: 1}', 'bad-expression'],
  ['N > 3 ? 1 : 2', 'bad-expression'],
  ['N == 3', 'bad-expression'],
  ['1; 2', 'bad-expression'],
  ['N!', 'bad-expression'],
  ['7 % 4', 'bad-expression'],
  ['N and 1', 'bad-expression'],
  ['true', 'unknown-parameter'],
  ['pi * (2)', 'unknown-parameter'],
  ['(1) * M', 'unknown-parameter'],
  ['(1) * __proto__', 'unknown-parameter'],
  ['toString(1)', 'unknown-function'],
  ['ceil()', 'bad-expression'],
  ['interpolate(N)', 'bad-expression'],
  ['interpolate(N, 1, 2, 3)', 'bad-expression'],
  ['interpolate(N, 2, 2, 1, 3)', 'bad-expression'],
  ['interpolate(N, 1, 2, 3, 0)', 'bad-expression'],
  ['interpolate(N - 12, 1, 2, 3, 4)', 'bad-expression'],
  ['interpolate(N, 1, 2, 3 B, 4)', 'wrong-dimension'],
  ['interpolate(N, 1, 2, 3, 4 B)', 'wrong-dimension'],
  ['ceil(1, 2)', 'bad-expression'],
  ['(1) + SIZE', 'wrong-dimension'],
  ['log2(SIZE)', 'wrong-dimension'],
  ['ceil(3.5 GB/s)', 'wrong-dimension'],
  ['max(1, SIZE)', 'wrong-dimension'],
  ['SIZE ^ (1/2)', 'wrong-dimension'],
  ['2 ^ SIZE', 'wrong-dimension'],
  [`${'('.repeat(300)}1${')'.repeat(300)}`, 'too-large'],
])('refuses %j as %s', async (text, code) => {
  const reading = await readExpression(text, symbols);
  expect(reading.ok ? 'read' : reading.problems[0]!.code).toBe(code);
});

test('an expression just below the limit nests without trouble', async () => {
  const text = `${'('.repeat(240)}N${')'.repeat(240)}`;
  expect(await readExpression(text, symbols)).toMatchObject({ ok: true, value: { value: 12 } });
});
