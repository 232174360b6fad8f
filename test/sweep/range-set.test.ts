import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapsIn, joined } from '../../src/sweep/range-set.ts';
import type { Range } from '../../src/sweep/table.ts';

const range = fc.record({ first: fc.nat(60), count: fc.nat(20) });
const pointsOf = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
const sorted = (points: Iterable<number>): number[] => [...new Set(points)].sort((a, b) => a - b);

test('joined ranges are the same points in order, with a gap between each two', () => {
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const all = joined(ranges);
      expect(pointsOf(all)).toEqual(sorted(pointsOf(ranges)));
      for (const [i, { first, count }] of all.entries())
        expect(all[i + 1]?.first ?? 1e9).toBeGreaterThan(first + count);
    }),
  );
});

test('gaps are the points of a range that others do not have', () => {
  fc.assert(
    fc.property(range, fc.array(range), (one, others) => {
      const taken = new Set(pointsOf(others));
      expect(pointsOf(gapsIn(one, joined(others)))).toEqual(pointsOf([one]).filter((p) => !taken.has(p)));
    }),
  );
});
