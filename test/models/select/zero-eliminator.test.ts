import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eliminateZeros, zeroEliminator } from '../../../src/models/select/zero-eliminator.ts';
import { runs } from '../../runs.ts';

function compacted(elements: readonly number[], kept: readonly boolean[], width: number): readonly number[] {
  const eliminator = zeroEliminator(width);
  eliminator.lanes.set(elements);
  eliminator.kept.set(kept.map(Number));
  const count = eliminateZeros(eliminator, elements.length);
  expect([...eliminator.kept.subarray(0, elements.length)]).toEqual(elements.map((_, i) => (i < count ? 1 : 0)));
  return [...eliminator.lanes.subarray(0, count)];
}

test('it is filter(): what is kept comes out in front, in order', () => {
  const row = fc.array(fc.tuple(fc.integer(), fc.boolean()), { minLength: 1, maxLength: 70 });
  fc.assert(
    fc.property(row, fc.nat(20), (lanes, spare) => {
      const elements = lanes.map(([element]) => element);
      const kept = lanes.map(([, isKept]) => isKept);
      expect(compacted(elements, kept, lanes.length + spare)).toEqual(elements.filter((_, i) => kept[i]));
    }),
    { numRuns: runs(1000) },
  );
});

test('every mask of eight lanes', () => {
  const elements = [0, 1, 2, 3, 4, 5, 6, 7];
  for (let mask = 0; mask < 256; mask++) {
    const kept = elements.map((i) => (mask & (1 << i)) !== 0);
    expect(compacted(elements, kept, 8)).toEqual(elements.filter((i) => kept[i]));
  }
});

test('it has log2 of its width in layers', () => {
  expect([1, 2, 3, 8, 16, 17].map((width) => zeroEliminator(width).layers)).toEqual([0, 1, 2, 3, 4, 5]);
});
