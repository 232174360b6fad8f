import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permuted } from '../../src/sweep/permutation.ts';
import { randomShare } from '../../src/sweep/philox.ts';
import { directionNumbers, sobolCoordinate } from '../../src/sweep/sobol.ts';
import { runs } from '../runs.ts';
import { pointsOf, space } from './experiments.ts';

/** Known answers of Philox2x32-10 in Random123: counter, stream, key and both words. */
test.each([
  [0, 0, 0, 0xff1dae59, 0x6cd10df2],
  [0xffffffff, 0xffffffff, 0xffffffff, 0x2c3f628b, 0xab4fd7ad],
  [0x243f6a88, 0x85a308d3, 0x13198a2e, 0xdd7ce038, 0xf62a4c12],
])('Philox of %d, %d under %d', (counter, stream, key, first, second) => {
  expect(randomShare(key, counter, stream)).toBe(((first >>> 5) * 2 ** 26 + (second >>> 6)) / 2 ** 53);
});

test("the first points of Sobol's sequence are those that are published", () => {
  const numbers = [0, 1, 2, 3, 4].map(directionNumbers);
  const points = [0, 1, 2, 3, 4, 5, 6, 7].map((p) => numbers.map((n) => sobolCoordinate(n, p) / 2 ** 32));
  expect(points).toEqual([
    [0, 0, 0, 0, 0],
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25, 0.75],
    [0.25, 0.75, 0.75, 0.75, 0.25],
    [0.375, 0.375, 0.625, 0.875, 0.375],
    [0.875, 0.875, 0.125, 0.375, 0.875],
    [0.625, 0.125, 0.875, 0.625, 0.625],
    [0.125, 0.625, 0.375, 0.125, 0.125],
  ]);
});

test("far points of Sobol's sequence in far dimensions are those of SciPy 1.17", () => {
  const dimensions = [0, 1, 2, 20, 50, 98, 99];
  const of = (point: number): number[] => dimensions.map((d) => sobolCoordinate(directionNumbers(d), point));
  expect(of(1000)).toEqual([943718400, 415236096, 2227175424, 2243952640, 1514143744, 3502243840, 801112064]);
  expect(of(1023)).toEqual([4194304, 3233808384, 2629828608, 3720347648, 1111490560, 4173332480, 2277507072]);
});

test('a keyed permutation takes every number to another one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (length, key) => {
      const taken = new Set(Array.from({ length }, (_, i) => permuted(i, length, key)));
      expect(taken.size).toBe(length);
      expect(Math.min(...taken)).toBe(0);
      expect(Math.max(...taken)).toBe(length - 1);
    }),
    { numRuns: runs(50) },
  );
});

const methods = ['random', 'latin-hypercube', 'sobol'] as const;
const unit = (name: string): object => ({ name, from: 0, to: 1 });

async function sample(method: string, points: number, seed: number, dimensions: number): Promise<number[][]> {
  const names = Array.from({ length: dimensions }, (_, i) => `X${i}`);
  const param = Object.fromEntries(names.map((name) => [name, name]));
  return pointsOf(await space({ axes: names.map(unit), param, sampling: { method, points, seed } }));
}

test('of a Latin hypercube each stratum of each axis has one point', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 2000 }),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    async (points, seed) => {
      const found = await sample('latin-hypercube', points, seed, 3);
      for (const axis of [0, 1, 2]) {
        const strata = found.map((values) => Math.floor(values[axis]! * points));
        expect(new Set(strata).size).toBe(points);
        expect(Math.max(...strata)).toBe(points - 1);
      }
    },
  );
  await fc.assert(property, { numRuns: runs(30) });
});

/** Warnock's formula of the L2 star discrepancy, squared. */
function discrepancy(points: readonly (readonly number[])[]): number {
  const n = points.length;
  const dimensions = points[0]!.length;
  const product = (factors: readonly number[]): number => factors.reduce((a, b) => a * b, 1);
  const single = points.reduce((sum, p) => sum + product(p.map((x) => 1 - x * x)), 0);
  const pairs = points.reduce(
    (sum, p) => sum + points.reduce((s, q) => s + product(p.map((x, i) => 1 - Math.max(x, q[i]!))), 0),
    0,
  );
  return 3 ** -dimensions - (2 ** (1 - dimensions) / n) * single + pairs / n ** 2;
}

test("Sobol's points lie more evenly than random ones", async () => {
  for (const seed of [0, 1, 2, 3, 4]) {
    const [random, hypercube, sobol] = await Promise.all(
      methods.map(async (method) => discrepancy(await sample(method, 256, seed, 4))),
    );
    expect(sobol!).toBeLessThan(random! / 4);
    expect(hypercube!).toBeLessThan(random!);
  }
});

test.each(methods)('%s: a point depends on the seed and its number alone', async (method) => {
  const parts = {
    axes: [
      { name: 'X', from: 1, to: 1e6, scale: 'log' },
      {
        zip: [
          { name: 'Y', values: [1, 2, 3] },
          { name: 'Z', from: 1, to: 4, factor: 2 },
        ],
      },
      { name: 'L', from: 1, to: 10, whole: true },
      {
        product: [
          { name: 'V', from: '1 MiB', to: '2 MiB', count: 5 },
          { name: 'F', values: ['a', 'b'] },
        ],
      },
    ],
    format: { K: { axis: 'F' } },
    param: { X: 'X + Y + Z + L', V: 'V' },
  };
  const sampled = (seed: number, points = 300) => space({ ...parts, sampling: { method, points, seed } });
  const [one, two, other] = await Promise.all([sampled(7), sampled(7), sampled(8)]);
  const inOrder = pointsOf(one);
  const values = new Float64Array(6);
  for (let i = 299; i >= 0; i--) {
    two.read(i, values);
    expect([...values]).toEqual(inOrder[i]);
  }
  expect(pointsOf(other)).not.toEqual(inOrder);
  for (const [x, y, z, l, v, w] of inOrder as [number, number, number, number, number, number][]) {
    expect(x >= 1 && x < 1e6).toBe(true);
    expect(z).toBe(2 ** (y - 1));
    expect(Number.isInteger(l) && l >= 1 && l <= 10).toBe(true);
    expect(v >= 2 ** 20 && v < 2 ** 21).toBe(true);
    expect(w === 0 || w === 1).toBe(true);
  }
  for (const axis of [1, 3, 5]) expect(new Set(inOrder.map((p) => p[axis])).size).toBe([0, 3, 0, 10, 0, 2][axis]);
  // On a log scale every decade has about as many.
  const decades = [0, 1, 2, 3, 4, 5].map((d) => inOrder.filter(([x]) => Math.floor(Math.log10(x!)) === d).length);
  for (const decade of decades) expect(Math.abs(decade - 50)).toBeLessThan(30);
});

test('points of fewer than drawn begin as those of more, but for strata', async () => {
  for (const method of ['random', 'sobol'] as const) {
    const [few, many] = [await sample(method, 50, 3, 2), await sample(method, 500, 3, 2)];
    expect(many.slice(0, 50)).toEqual(few);
  }
});
