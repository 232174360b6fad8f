import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floorSum } from '../../src/einsum/coupled-count.ts';
import { countPoints, isEmpty, wholeBox } from '../../src/einsum/domain.ts';
import { disjoint, intersect, isRefusal, negate, project } from '../../src/einsum/domain-algebra.ts';
import type { Box, Constraint, Domain } from '../../src/einsum/workload.ts';
import { runs } from '../runs.ts';

const holds = (c: Constraint, point: readonly number[]): boolean =>
  c.terms.reduce((sum, t) => sum + t.coefficient * point[t.variable]!, c.offset) >= 0;
const inside = (domain: Domain, point: readonly number[]): number =>
  domain.filter((conjunction) => conjunction.every((c) => holds(c, point))).length;

function* points(box: Box, variables = box.lo.length): Generator<number[]> {
  if (variables === 0) {
    yield [];
    return;
  }
  for (const head of points(box, variables - 1))
    for (let v = box.lo[variables - 1]!; v < box.hi[variables - 1]!; v++) yield [...head, v];
}

const count = (domain: Domain, box: Box): number => [...points(box)].filter((p) => inside(domain, p) > 0).length;

const dimensions = 3;
const variables = [0, 1, 2];
const constraint: fc.Arbitrary<Constraint> = fc.record({
  terms: fc.uniqueArray(fc.record({ variable: fc.nat(dimensions - 1), coefficient: fc.integer({ min: -4, max: 4 }) }), {
    maxLength: 3,
    selector: (t) => t.variable,
  }),
  offset: fc.integer({ min: -12, max: 12 }),
});
const conjunction = fc.array(constraint, { maxLength: 4 });
const box: fc.Arbitrary<Box> = fc
  .array(fc.record({ lo: fc.integer({ min: -3, max: 5 }), size: fc.nat(6) }), {
    minLength: dimensions,
    maxLength: dimensions,
  })
  .map((sides) => ({ lo: sides.map((s) => s.lo), hi: sides.map((s) => s.lo + s.size) }));
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: dimensions, maxLength: dimensions });

describe('domains', () => {
  test('the count equals enumeration, for any box', () => {
    fc.assert(
      fc.property(conjunction, box, (c, b) => {
        expect(countPoints([c], variables, b)).toBe(count([c], b));
      }),
      { numRuns: runs(500) },
    );
  });

  test('the count of two variables under steep lines equals enumeration', () => {
    const line = fc.record({
      terms: fc
        .tuple(fc.integer({ min: -7, max: 7 }), fc.integer({ min: -7, max: 7 }))
        .map((k) => k.map((coefficient, variable) => ({ variable, coefficient }))),
      offset: fc.integer({ min: -30, max: 30 }),
    });
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 4 }), size, size, (c, width, height) => {
        const plane = wholeBox([width, height]);
        expect(countPoints([c], [0, 1], plane)).toBe(count([c], plane));
      }),
      { numRuns: runs(1000) },
    );
  });

  test('emptiness equals enumeration', () => {
    fc.assert(
      fc.property(conjunction, box, (c, b) => {
        expect(isEmpty([c], variables, b)).toBe(count([c], b) === 0);
      }),
      { numRuns: runs(500) },
    );
  });

  test('the count of a tiled causal triangle equals enumeration, ragged and cut by any box', () => {
    const shape = fc.record({
      M0: fc.integer({ min: 1, max: 5 }),
      M1: fc.integer({ min: 1, max: 5 }),
      P: fc.integer({ min: 1, max: 12 }),
      ragged: fc.nat(4),
      shift: fc.integer({ min: -6, max: 6 }),
      cut: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(shape, ({ M0, M1, P, ragged, shift, cut }) => {
        const m = [
          { variable: 0, coefficient: -M0 },
          { variable: 1, coefficient: -1 },
        ];
        const domain: Domain = [
          [
            { terms: m, offset: M1 * M0 - 1 - ragged },
            { terms: [...m, { variable: 2, coefficient: 1 }], offset: shift },
          ],
        ];
        const whole = wholeBox([M1, M0, P]);
        expect(countPoints(domain, variables, whole)).toBe(count(domain, whole));
        const part = {
          lo: [0, 1, 2].map((i) => Math.min(cut[i]!, whole.hi[i]!)),
          hi: [0, 1, 2].map((i) => Math.max(0, whole.hi[i]! - cut[i + 3]!)),
        };
        expect(countPoints(domain, variables, part)).toBe(count(domain, part));
        expect(isEmpty(domain, variables, part)).toBe(count(domain, part) === 0);
      }),
      { numRuns: runs(300) },
    );
  });

  test('union, intersection and complement are exact and stay disjoint', () => {
    fc.assert(
      fc.property(
        fc.array(conjunction, { maxLength: 3 }),
        fc.array(conjunction, { maxLength: 3 }),
        sizes,
        (a, b, s) => {
          const space = { variables, box: wholeBox(s) };
          const left = disjoint(a, space);
          const right = disjoint(b, space);
          if (isRefusal(left) || isRefusal(right)) return;
          const both = intersect(left, right, space);
          const rest = negate(left, space);
          if (isRefusal(both) || isRefusal(rest)) return;
          for (const p of points(space.box)) {
            expect(inside(left, p)).toBe(inside(a, p) > 0 ? 1 : 0);
            expect(inside(both, p)).toBe(inside(a, p) > 0 && inside(b, p) > 0 ? 1 : 0);
            expect(inside(rest, p)).toBe(inside(a, p) > 0 ? 0 : 1);
          }
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test('a projection holds exactly the points with a witness, or is refused', () => {
    let done = 0;
    fc.assert(
      fc.property(conjunction, sizes, (c, s) => {
        const space = { variables: [0, 1], box: wholeBox([s[0]!, s[1]!, 1]) };
        const shadow = project([c], 2, s[2]!, space);
        if (isRefusal(shadow)) return;
        done++;
        for (const p of points(wholeBox([s[0]!, s[1]!]))) {
          const witness = Array.from({ length: s[2]! }, (_, v) => v).some((v) => inside([c], [...p, v]) > 0);
          expect(inside(shadow, p)).toBe(witness ? 1 : 0);
        }
      }),
      { numRuns: runs(400) },
    );
    expect(done).toBeGreaterThan(200);
  });

  test('sums of floors equal the plain sum', () => {
    const n = fc.nat(30);
    const any = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(n, fc.integer({ min: 1, max: 20 }), any, any, (length, m, a, b) => {
        let sum = 0;
        for (let i = 0; i < length; i++) sum += Math.floor((a * i + b) / m);
        expect(floorSum(BigInt(length), BigInt(m), BigInt(a), BigInt(b))).toBe(BigInt(sum));
      }),
    );
  });

  test('a million-token causal mask is counted in closed form', () => {
    const size = 2 ** 20;
    const tile = 256;
    const causal: Domain = [
      [
        {
          terms: [
            { variable: 0, coefficient: -tile },
            { variable: 1, coefficient: -1 },
            { variable: 2, coefficient: 1 },
          ],
          offset: 0,
        },
      ],
    ];
    expect(countPoints(causal, variables, wholeBox([size / tile, tile, size]))).toBe((size * (size + 1)) / 2);
  });
});
