import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holdsAt } from '../../src/einsum/constraint.ts';
import { countPoints, isEmpty } from '../../src/einsum/domain.ts';
import { factorsOf, productOf } from '../../src/einsum/factors.ts';
import type { Box, Constraint, Domain } from '../../src/einsum/workload.ts';

/** Cuts of a variable pair, apart: the sum below a, from a up to b, and from b on, or some of them. */
const cuts = (first: number): fc.Arbitrary<Domain> =>
  fc
    .tuple(fc.integer({ min: -2, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.subarray([0, 1, 2], { minLength: 1 }))
    .map(([a, width, taken]) => {
      const sum = (sign: 1 | -1, offset: number): Constraint => ({
        terms: [first, first + 1].map((variable) => ({ variable, coefficient: sign })),
        offset,
      });
      const pieces = [[sum(-1, a - 1)], [sum(1, -a), sum(-1, a + width - 1)], [sum(1, -a - width)]];
      return taken.map((i) => pieces[i]!);
    });

const box: Box = { lo: [0, 0, 0, 0, 0, 0], hi: [3, 4, 2, 5, 3, 3] };
const variables = [0, 1, 2, 3, 4, 5];

function* points(at: readonly number[] = []): Generator<readonly number[]> {
  if (at.length === variables.length) yield at;
  else for (let x = box.lo[at.length]!; x < box.hi[at.length]!; x++) yield* points([...at, x]);
}

const everyPoint = [...points()];

test('a product is taken apart, and has the points that hold in every factor', () => {
  fc.assert(
    fc.property(cuts(0), cuts(2), cuts(4), (a, b, c) => {
      const domain = productOf([a, b, c]);
      expect(factorsOf(domain)).toEqual([a, b, c]);
      const inside = everyPoint.filter((point) => domain.some((piece) => piece.every((k) => holdsAt(k, point))));
      expect(countPoints(domain, variables, box)).toBe(inside.length);
      expect(isEmpty(domain, variables, box)).toBe(inside.length === 0);
    }),
  );
});

test('variables that no constraint joins are in one factor where a piece of one comes with a piece of the other', () => {
  fc.assert(
    fc.property(cuts(0), cuts(2), cuts(4), (a, b, c) => {
      const pairs = Math.min(a.length, b.length);
      fc.pre(pairs > 1);
      const tied = a.slice(0, pairs).map((piece, i) => [...piece, ...b[i]!]);
      const domain = productOf([tied, c]);
      const found = factorsOf(domain).map((factor) => factor.map((piece) => new Set(piece)));
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([tied, c].map((factor) => factor.map((piece) => new Set(piece)))));
      const inside = everyPoint.filter((point) => domain.some((piece) => piece.every((k) => holdsAt(k, point))));
      expect(countPoints(domain, variables, box)).toBe(inside.length);
    }),
  );
});

test('what is no product is left as it is', () => {
  const [low, high]: Constraint[] = [
    { terms: [{ variable: 0, coefficient: -1 }], offset: 1 },
    { terms: [{ variable: 1, coefficient: 1 }], offset: -2 },
  ];
  const corner: Domain = [[low!], [{ terms: [{ variable: 0, coefficient: 1 }], offset: -2 }, high!]];
  expect(factorsOf(corner)).toEqual([corner]);
});
