import { describe, expect, test } from 'vitest';
import { expectedQuickSelect } from '../../../src/models/select/expected-quick-select.ts';
import { runQuickSelect } from '../../../src/models/select/quick-select.ts';
import { uniformDraws } from '../../../src/models/select/uniform.ts';
import { selectorWith } from './selectors.ts';

/** By recursion over the rank r of the pivot: means of what passes over m elements cost, for all k <= m <= n, at [m][k]. */
function meansByRecursion(n: number, passCost: (m: number) => number): readonly (readonly number[])[] {
  const means: number[][] = [[]];
  for (let m = 1; m <= n; m++) {
    means.push([0]);
    for (let k = 1; k <= m; k++) {
      let sum = 0;
      for (let r = 1; r < k; r++) sum += means[m - r]![k - r]!;
      for (let r = k + 1; r <= m; r++) sum += means[r - 1]![k]!;
      means[m]!.push(passCost(m) + sum / m);
    }
  }
  return means;
}

test.each([1, 4, 16])('the closed form is the recursion, for %i comparators', (comparators) => {
  const passes = meansByRecursion(30, () => 1);
  const scanned = meansByRecursion(30, (m) => m);
  const cycles = meansByRecursion(30, (m) => Math.ceil(m / comparators) + 3);
  for (let n = 1; n <= 30; n++)
    for (let k = 1; k <= n; k++) {
      const expected = expectedQuickSelect(n, k, selectorWith({ comparators }));
      expect(expected.passes).toBeCloseTo(passes[n]![k]!, 10);
      expect(expected.scanned_elements).toBeCloseTo(scanned[n]![k]!, 10);
      expect(expected.comparisons).toBeCloseTo(scanned[n]![k]!, 10);
      expect(expected.cycles).toBeCloseTo(cycles[n]![k]!, 10);
    }
});

test('what it rounds for large passes is less than a tenth of a cycle', () => {
  for (const comparators of [2, 3, 7]) {
    const cycles = meansByRecursion(300, (m) => Math.ceil(m / comparators) + 3);
    for (let n = 32 * comparators; n <= 300; n += 17)
      for (let k = 1; k <= n; k++) {
        const expected = expectedQuickSelect(n, k, selectorWith({ comparators }));
        expect(Math.abs(expected.cycles - cycles[n]![k]!)).toBeLessThan(0.1);
      }
  }
});

test('of a long row it scans 2 (1 - a ln a - (1-a) ln(1-a)) times as many elements, where a share a stays', () => {
  const n = 1e7;
  for (const a of [0.5, 0.2, 0.1]) {
    const limit = 2 * (1 - a * Math.log(a) - (1 - a) * Math.log(1 - a));
    const { scanned_elements, cycles } = expectedQuickSelect(n, a * n, selectorWith());
    expect(Math.abs(scanned_elements / n - limit)).toBeLessThan(1e-4);
    expect(Math.abs((cycles * 16) / n - limit)).toBeLessThan(1e-3);
  }
});

describe.each([
  [64, 17, 16],
  [100, 7, 3],
  [300, 150, 8],
  [1024, 205, 16],
])('%i elements of which %i stay, %i comparators', (n, k, comparators) => {
  test('10,000 runs on values take what the closed form says', () => {
    const selector = selectorWith({ comparators });
    const draw = uniformDraws(n + k);
    const row = Float64Array.from({ length: n }, draw);
    const rank = row.toSorted().at(-k);
    const expected = expectedQuickSelect(n, k, selector);
    const sums = { passes: 0, scanned_elements: 0, comparisons: 0, cycles: 0 };
    const times = 10_000;
    for (let i = 0; i < times; i++) {
      const run = runQuickSelect(row, k, selector, draw);
      expect(run.kth).toBe(rank);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += run[name] / times;
    }
    for (const name of Object.keys(sums) as (keyof typeof sums)[])
      expect(Math.abs(sums[name] / expected[name] - 1), name).toBeLessThan(0.02);
  });
});

test('a row of equal elements takes one pass', () => {
  const run = runQuickSelect(new Float64Array(40).fill(7), 11, selectorWith(), uniformDraws(1));
  expect(run).toMatchObject({ kth: 7, larger: 0, passes: 1, scanned_elements: 40, cycles: 3 + 3 });
});

test('a run by hand: the pivots are the first of what is left', () => {
  // 5 of 5 3 9 1 7: less 3 1, greater 9 7. Then 9 of 9 7: less 7, greater none. Then 7, the second largest.
  const row = Float64Array.of(5, 3, 9, 1, 7);
  const run = runQuickSelect(row, 2, selectorWith({ comparators: 2 }), () => 0);
  expect(run).toEqual({
    ...{ kth: 7, larger: 1, passes: 3, scanned_elements: 5 + 2 + 1, comparisons: 8, highest_elements: 5 },
    cycles: 3 + 3 + (1 + 3) + (1 + 3),
  });
});
