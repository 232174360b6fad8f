import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readExpression } from '../../src/arch/expression.ts';
import { choicesFor, valueText } from '../../src/page/control-values.ts';
import { type Dimension, noDimension } from '../../src/units.ts';

const bytes: Dimension = { ...noDimension, data: 1 };
const rate: Dimension = { ...noDimension, data: 1, time: -1 };
const dimensions: readonly Dimension[] = [
  noDimension,
  bytes,
  rate,
  { ...noDimension, time: 1 },
  { ...noDimension, time: -1 },
  { ...noDimension, cycles: 1 },
  { ...noDimension, energy: 1, time: -1 },
  { ...noDimension, length: 2 },
  { ...noDimension, data: 1, cycles: -1 },
];

const kinds = fc.constantFrom('size', 'count', 'quantity');

test('a slider goes from an eighth of a value to eight times it, and stops at the value', () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 2 ** 31 }), fc.double({ min: 1e-9, max: 1e15 })),
      kinds,
      (value, kind) => {
        const choices = choicesFor(value, kind as 'size', rate);
        expect(choices).toContain(value);
        expect(choices).toEqual([...new Set(choices)].toSorted((a, b) => a - b));
        expect(choices.length).toBeGreaterThan(6);
        expect(choices.length).toBeLessThan(300);
        expect(choices[0]!).toBeGreaterThan((0.96 * value) / 8 - 1);
        expect(choices.at(-1)!).toBeLessThan(1.04 * 8 * value);
        if (kind !== 'quantity' && Number.isInteger(value)) expect(choices.every(Number.isInteger)).toBe(true);
        if (kind === 'size' && Number.isInteger(value)) expect(choices[0]).toBeGreaterThanOrEqual(1);
      },
    ),
  ));

test('shares end at 1, and flags are 0 first', () => {
  expect(choicesFor(0.9, 'quantity', noDimension).at(-1)).toBe(1);
  expect(choicesFor(0, 'count', noDimension).slice(0, 2)).toEqual([0, 1]);
  expect(choicesFor(0, 'quantity', noDimension)).toContain(0.5);
  expect(choicesFor(-3, 'count', noDimension)).toEqual([-3]);
});

test('a value is written as a spec has it', () => {
  expect(valueText(16 * 2 ** 20, bytes)).toBe('16 MiB');
  expect(valueText(80e9, bytes)).toBe('80 GB');
  expect(valueText(400 * 2 ** 30, rate)).toBe('400 GiB/s');
  expect(valueText(3.35e12, rate)).toBe('3.35 TB/s');
  expect(valueText(1.83e9, { ...noDimension, time: -1 })).toBe('1.83 GHz');
  expect(valueText(9.514e-6, { ...noDimension, time: 1 })).toBe('9.514 us');
  expect(valueText(2411, { ...noDimension, cycles: 1 })).toBe('2411 cycles');
  expect(valueText(700e12, { ...noDimension, energy: 1, time: -1 })).toBe('700 W');
  expect(valueText(0.9174, noDimension)).toBe('0.9174');
  expect(valueText(10.2 / 17.1, noDimension)).toBe('0.596491');
  expect(valueText(12582912, noDimension)).toBe('12582912');
});

test('and a spec reads it as it was, to six digits', async () =>
  fc.assert(
    fc.asyncProperty(
      fc.double({ min: 1e-6, max: 1e18, noNaN: true }),
      fc.constantFrom(...dimensions),
      async (value, dimension) => {
        const read = await readExpression(valueText(value, dimension), new Map());
        if (!read.ok) throw new Error(read.problems.map((p) => p.message).join());
        expect(read.value.dimension).toEqual(dimension);
        expect(Math.abs(read.value.value / value - 1)).toBeLessThan(1e-5);
      },
    ),
    { numRuns: 200 },
  ));
