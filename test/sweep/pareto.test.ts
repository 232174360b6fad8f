import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paretoFront } from '../../src/sweep/pareto.ts';
import { runs } from '../runs.ts';

/** By its definition: nothing is at least as good in all, and better in one. */
function frontByDefinition(points: readonly (readonly number[])[]): readonly number[] {
  const beats = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((x, o) => x <= b[o]!) && a.some((x, o) => x < b[o]!);
  const comparable = points.flatMap((p, i) => (p.some(Number.isNaN) ? [] : [i]));
  return comparable.filter((i) => !comparable.some((k) => beats(points[k]!, points[i]!)));
}

const frontOf = (points: readonly (readonly number[])[], objectives: number): readonly number[] =>
  [...paretoFront(Array.from({ length: objectives }, (_, o) => Float64Array.from(points, (p) => p[o]!)))].sort(
    (a, b) => a - b,
  );

// Few values, so that many points are alike in some or all objectives.
const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -4, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
);

test.each([1, 2, 3, 4, 5])('the front of %i objectives is what its definition says', (objectives) => {
  const points = fc.array(fc.array(value, { minLength: objectives, maxLength: objectives }), { maxLength: 150 });
  fc.assert(
    fc.property(points, (all) => {
      expect(frontOf(all, objectives)).toEqual(frontByDefinition(all));
    }),
    { numRuns: runs(200) },
  );
});

test.each([2, 3, 4])('of many points of %i objectives, most of which no other beats, too', (objectives) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      let state = seed >>> 0;
      const random = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      const all = Array.from({ length: 1500 }, () => {
        const point = Array.from({ length: objectives }, () => Math.round(random() * 1000));
        point[objectives - 1] =
          1000 * (objectives - 1) - point.slice(1).reduce((a, b) => a + b, 0) + Math.round(random() * 3);
        return point;
      });
      expect(frontOf(all, objectives)).toEqual(frontByDefinition(all));
    }),
    { numRuns: runs(5) },
  );
});

test('nothing has an empty front; a front is by its first objective, then by the next', () => {
  expect([...paretoFront([new Float64Array(), new Float64Array()])]).toEqual([]);
  expect([...paretoFront([Float64Array.of(3, 1, 2, 1), Float64Array.of(1, 9, 5, 9)])]).toEqual([1, 3, 2, 0]);
});
