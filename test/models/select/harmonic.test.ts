import { expect, test } from 'vitest';
import { harmonic } from '../../../src/models/select/harmonic.ts';

test('is the sum of reciprocals, to the last digits', () => {
  expect(harmonic(0)).toBeCloseTo(0, 14);
  let sum = 0;
  for (let n = 1; n <= 2000; n++) {
    sum += 1 / n;
    expect(Math.abs(harmonic(n) / sum - 1)).toBeLessThan(2e-15);
  }
  let smallFirst = 0;
  for (let n = 1e7; n >= 1; n--) smallFirst += 1 / n;
  expect(Math.abs(harmonic(1e7) / smallFirst - 1)).toBeLessThan(1e-14);
});

test('between whole numbers it is digamma(x + 1) + gamma', () => {
  // Values at a half and a quarter follow from Gauss's theorem.
  expect(harmonic(1 / 2)).toBeCloseTo(2 - 2 * Math.log(2), 14);
  expect(harmonic(1 / 4)).toBeCloseTo(4 - Math.PI / 2 - 3 * Math.log(2), 14);
  for (const x of [0.1, 0.7, 3.3, 15.2, 15.9, 40.4]) expect(harmonic(x + 1) - harmonic(x)).toBeCloseTo(1 / (x + 1), 14);
});
