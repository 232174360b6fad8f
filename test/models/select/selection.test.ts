import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectionAlgorithms } from '../../../src/arch/machine.ts';
import { selectRow } from '../../../src/models/select/selection.ts';
import { uniformDraws } from '../../../src/models/select/uniform.ts';
import { runs } from '../../runs.ts';
import { selectorWith } from './selectors.ts';

/** By definition: sorted, largest first, equal ones in their order, the first k of that; back in their order. */
const largest = (row: readonly number[], k: number): readonly number[] =>
  row
    .map((element, at) => ({ element, at }))
    .sort((a, b) => b.element - a.element || a.at - b.at)
    .slice(0, k)
    .map(({ at }) => at)
    .sort((a, b) => a - b);

const few = fc.constantFrom(-2, -1, 0, 1, 2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
const distinct = fc.uniqueArray(fc.double({ noNaN: true }), { minLength: 1, maxLength: 90 });
const row = fc.oneof(fc.array(few, { minLength: 1, maxLength: 90 }), distinct);

describe.each(selectionAlgorithms)('%s', (algorithm) => {
  test('keeps the k largest, of equal ones the first, in their order', () => {
    fc.assert(
      fc.property(row, fc.nat(100), fc.integer({ min: 1, max: 20 }), fc.integer(), (elements, k, comparators, seed) => {
        const selector = selectorWith({ algorithm, comparators });
        const { survivors } = selectRow(selector, Float64Array.from(elements), k, uniformDraws(seed));
        expect(survivors).toEqual(largest(elements, k));
        expect(survivors).toHaveLength(Math.min(k, elements.length));
      }),
      { numRuns: runs(600) },
    );
  });

  test('takes no run where all or nothing stays', () => {
    const none = { passes: 0, scanned_elements: 0, comparisons: 0, cycles: 0 };
    for (const k of [0, 9, 12]) {
      const selected = selectRow(selectorWith({ algorithm }), new Float64Array(9), k, uniformDraws(1));
      expect(selected).toMatchObject({ fill_cycles: 2, run: none, filter_cycles: 0 });
    }
  });

  test('a row that it cannot hold is a mistake of the caller', () => {
    const select = () =>
      selectRow(selectorWith({ algorithm, capacity_elements: 8 }), new Float64Array(9), 3, uniformDraws(1));
    expect(select).toThrow('a row of 9 elements; it holds 8');
  });
});

test('the same seed gives the same run', () => {
  const draw = uniformDraws(5);
  const elements = Float64Array.from({ length: 500 }, draw);
  const selected = (seed: number) => selectRow(selectorWith(), elements, 70, uniformDraws(seed));
  expect(selected(3)).toEqual(selected(3));
  expect([3, 4, 5, 6].map((seed) => selected(seed).run.cycles)).not.toEqual(Array(4).fill(selected(3).run.cycles));
});

test('draws are uniform', () => {
  const draw = uniformDraws(11);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[Math.floor(10 * draw())]++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
});
