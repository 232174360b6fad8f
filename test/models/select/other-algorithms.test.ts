import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitonicCost, runBitonic } from '../../../src/models/select/bitonic.ts';
import { expectedHeap, runHeap } from '../../../src/models/select/heap.ts';
import { uniformDraws } from '../../../src/models/select/uniform.ts';
import { runs } from '../../runs.ts';
import { selectorWith } from './selectors.ts';

function permutations(of: readonly number[]): readonly (readonly number[])[] {
  if (of.length <= 1) return [of];
  return of.flatMap((first) => permutations(of.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

test('a bitonic network takes what its closed form says, whatever is in the row', () => {
  const size = fc.integer({ min: 2, max: 200 });
  fc.assert(
    fc.property(size, fc.integer({ min: 1, max: 40 }), fc.nat(4), fc.integer(), (n, comparators, pass, seed) => {
      const selector = selectorWith({ algorithm: 'bitonic', comparators, pass_cycles: pass });
      const draw = uniformDraws(seed);
      const row = Float64Array.from({ length: n }, () => Math.floor(10 * draw()));
      const k = 1 + Math.floor(draw() * n);
      const { passes, scanned_elements, comparisons, cycles, kth, larger } = runBitonic(row, k, selector);
      expect({ passes, scanned_elements, comparisons, cycles }).toEqual(bitonicCost(n, selector));
      expect(kth).toBe(row.toSorted().at(-k));
      expect(larger).toBe(row.filter((element) => element > kth).length);
    }),
    { numRuns: runs(200) },
  );
});

test('a bitonic network of 8 lanes has 6 stages of 4 comparators', () => {
  const selector = selectorWith({ comparators: 2, pass_cycles: 1 });
  expect(bitonicCost(7, selector)).toEqual({ passes: 6, scanned_elements: 48, comparisons: 24, cycles: 6 * (2 + 1) });
});

test('over all orders of a row a heap takes what its closed form says', () => {
  for (const n of [2, 3, 5, 6])
    for (let k = 1; k < n; k++)
      for (const comparators of [1, 2, 4, 8]) {
        const selector = selectorWith({ algorithm: 'heap', comparators });
        const all = permutations(Array.from({ length: n }, (_, i) => i));
        const found = all.map((row) => runHeap(Float64Array.from(row), k, selector));
        const mean = (of: 'cycles' | 'comparisons'): number => found.reduce((sum, f) => sum + f[of], 0) / all.length;
        const expected = expectedHeap(n, k, selector);
        expect(mean('cycles')).toBeCloseTo(expected.cycles, 10);
        expect(mean('comparisons')).toBeCloseTo(expected.comparisons, 10);
        for (const { kth, larger } of found) expect([kth, larger]).toEqual([n - k, k - 1]);
      }
});

test('what equals the root is dropped', () => {
  // Two of three equal elements go in, two levels each; the third is compared once more.
  const run = runHeap(Float64Array.of(5, 5, 5), 2, selectorWith({ algorithm: 'heap', comparators: 3 }));
  expect(run).toMatchObject({ kth: 5, larger: 0, cycles: 3 + 1 + 2 * 2, comparisons: 3 + 3 + 2 * 2 * 2 });
});

test.each([
  [1024, 205, 16],
  [300, 20, 7],
  [20, 15, 16],
])('%i elements of which %i stay, %i comparators: 2,000 rows in random order by a heap', (n, k, comparators) => {
  const selector = selectorWith({ algorithm: 'heap', comparators });
  const draw = uniformDraws(n);
  let cycles = 0;
  for (let i = 0; i < 2000; i++) cycles += runHeap(Float64Array.from({ length: n }, draw), k, selector).cycles / 2000;
  expect(Math.abs(cycles / expectedHeap(n, k, selector).cycles - 1)).toBeLessThan(0.01);
});

test('one comparator: k (1 + H(n) - H(k)) elements are inserted, a cycle a level; the others take the scan only', () => {
  // Of 4 elements for the 2 largest: 2 + 2/3 + 2/4 inserted, 2 levels each, 4 cycles of scanning, 3 of the pass.
  const selector = selectorWith({ algorithm: 'heap', comparators: 1 });
  const inserted = 2 + 2 / 3 + 2 / 4;
  const expected = expectedHeap(4, 2, selector);
  expect(expected.cycles).toBeCloseTo(3 + 4 + 2 * inserted, 12);
  expect(expected.comparisons).toBeCloseTo(4 + inserted + 4 * inserted, 12);
});
