import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBatches } from '../../src/sweep/batches.ts';
import { rangesOfShard } from '../../src/sweep/shard.ts';
import { runs } from '../runs.ts';

/** Sizes of the batches of ranges whose points take so long each, one after another. */
function sizes(points: number, secondsOf: (point: number) => number, workers = 1): readonly number[] {
  const batches = openBatches(rangesOfShard(points, { index: 1, of: 1 }));
  const found: number[] = [];
  for (let batch = batches.next(workers); batch !== undefined; batch = batches.next(workers)) {
    found.push(batch.count);
    batches.measured(batch, batch.count * secondsOf(batch.first));
  }
  return found;
}

test('batches are in order, without a gap, whatever they take', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.double({ min: 0, max: 3, noNaN: true })),
      (points, of, workers, seconds) => {
        const ranges = rangesOfShard(points, { index: 1, of });
        const batches = openBatches(ranges);
        const found: number[] = [];
        for (let batch = batches.next(workers); batch !== undefined; batch = batches.next(workers)) {
          const { first, count } = batch;
          expect(count).toBeGreaterThan(0);
          expect(ranges.some((r) => r.first <= first && first + count <= r.first + r.count)).toBe(true);
          for (let i = 0; i < count; i++) found.push(first + i);
          batches.measured(batch, seconds.next().value);
        }
        expect(found).toEqual(ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)));
      },
    ),
    { numRuns: runs(200) },
  );
});

test('the first has one point, later ones a second of work', () => {
  expect(sizes(10_000, () => 0.01).slice(0, 8)).toEqual([1, 4, 16, 64, 100, 100, 100, 100]);
});

test('points that take longer are one to a batch', () => {
  expect(sizes(20, () => 60)).toEqual(Array(20).fill(1));
});

test('no batch has more than 65536 points, however short they are', () => {
  expect(Math.max(...sizes(1_000_000, () => 0))).toBe(65536);
});

test('they follow what points cost, and are small again at the end', () => {
  const found = sizes(3000, (point) => (point < 1000 ? 0.001 : 0.1));
  expect(found.filter((size) => size >= 256).length).toBeLessThan(4);
  expect(found.slice(-3)).toEqual([2, 1, 1]);
});
