import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOfShards, pointsIn, rangesOfShard, without } from '../../src/sweep/shard.ts';
import type { Range } from '../../src/sweep/table.ts';
import { runs } from '../runs.ts';

const numbersIn = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));

test('every point is of one shard', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 40 }), (points, of) => {
      const shards = Array.from({ length: of }, (_, i) => rangesOfShard(points, { index: i + 1, of }));
      const all = shards.flatMap(numbersIn);
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: points }, (_, i) => i));
      for (const ranges of shards)
        expect(pointsIn(ranges)).toBeLessThanOrEqual(points / of + blockOfShards(points, of));
    }),
    { numRuns: runs(200) },
  );
});

test('blocks go round: of 200 points for 2 shards, the first has 0 to 3, the second 4 to 7', () => {
  expect(rangesOfShard(200, { index: 1, of: 2 })[1]).toEqual({ first: 8, count: 4 });
  expect(rangesOfShard(200, { index: 2, of: 2 })[0]).toEqual({ first: 4, count: 4 });
});

const somewhere = fc.array(fc.record({ first: fc.nat(100), count: fc.nat(20) }), { maxLength: 8 });

test('what is left of ranges is what is in none of the others', () => {
  fc.assert(
    fc.property(fc.nat(120), fc.integer({ min: 1, max: 5 }), somewhere, (points, of, others) => {
      const ranges = rangesOfShard(points, { index: 1, of });
      const taken = new Set(numbersIn(others));
      expect(numbersIn(without(ranges, others))).toEqual(numbersIn(ranges).filter((point) => !taken.has(point)));
    }),
    { numRuns: runs(500) },
  );
});
