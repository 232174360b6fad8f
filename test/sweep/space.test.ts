import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../runs.ts';
import { pointsOf, space } from './experiments.ts';

const used = { param: { A: 'A', Y: 'Y' } };

test('of a product the last axis is the fastest', async () => {
  const s = await space({
    axes: [
      { name: 'A', values: [1, 2] },
      { name: 'Y', from: '4 KiB', to: '16 KiB', factor: 2 },
    ],
    ...used,
  });
  expect(s.points).toBe(6);
  expect(pointsOf(s)).toEqual([
    [1, 4096],
    [1, 8192],
    [1, 16384],
    [2, 4096],
    [2, 8192],
    [2, 16384],
  ]);
});

test('axes of a zip go together, and a product within it is one of them', async () => {
  const s = await space({
    axes: [
      {
        zip: [
          { name: 'A', values: ['one', 'two', 'three', 'four'] },
          {
            product: [
              { name: 'Y', values: [5, 6] },
              { name: 'C', values: [7, 8] },
            ],
          },
        ],
      },
      { name: 'D', values: [0, 1] },
    ],
    where: ['A != "two"'],
    param: { Y: 'Y + C + D' },
  });
  expect(pointsOf(s)).toEqual([
    [0, 5, 7, 0],
    [0, 5, 7, 1],
    [2, 6, 7, 0],
    [2, 6, 7, 1],
    [3, 6, 8, 0],
    [3, 6, 8, 1],
  ]);
});

test.each([
  [{ from: 1, to: 9, step: 2 }, [1, 3, 5, 7, 9]],
  [{ from: 1, to: 10, step: 4 }, [1, 5, 9]],
  [{ from: 0.1, to: 0.3, step: 0.1 }, [0.1, 0.2, 0.3]],
  [{ from: 1024, to: 1048576, factor: 4 }, [1024, 4096, 16384, 65536, 262144, 1048576]],
  [{ from: -0.3, to: 0, step: 0.1 }, [-0.3, -0.2, -0.1, 0]],
  [{ from: 3, to: 3e6 - 0.01, factor: 1e6 }, [3, 3e6 - 0.01]],
  [{ from: 3, to: 100, factor: 3 }, [3, 9, 27, 81]],
  [{ from: 1, to: 1.331, factor: 1.1 }, [1, 1.1, 1.1 * 1.1, 1.331]],
  [{ from: '100 GB/s', to: '1 TB/s', count: 4 }, [1e11, 4e11, 7e11, 1e12]],
  [{ from: -1, to: 1, count: 3 }, [-1, 0, 1]],
  [{ from: 1, to: 1000, count: 4, scale: 'log' }, [1, 10, 100, 1000]],
  [{ from: 1, to: 4, count: 7, whole: true }, [1, 2, 3, 4]],
  [{ values: ['9 us', 2, '1 ms'].filter((v) => typeof v === 'string') }, [9e-6, 1e-3]],
])('%j', async (axis, values) => {
  const s = await space({ axes: [{ name: 'A', ...axis }], param: { A: 'A' } });
  const found = pointsOf(s).map(([value]) => value!);
  expect(found).toHaveLength(values.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(values[i]!, 12);
  });
  expect(found[0]).toBe(values[0]);
});

test('derived values see axes and those before them, and conditions see all', async () => {
  const s = await space({
    axes: [
      { name: 'PES', values: [64, 128] },
      { name: 'BUFFER', values: ['1 KiB', '4 KiB'] },
    ],
    derived: { WORDS: 'PES * BUFFER / 2 B', HALF: 'WORDS / 2' },
    where: ['WORDS >= 40000 or not (BUFFER > 1 KiB)', 'HALF != 32768'],
    set: { P: 'HALF' },
  });
  expect(pointsOf(s)).toEqual([
    [64, 1024, 32768, 16384],
    [64, 4096, 131072, 65536],
    [128, 4096, 262144, 131072],
  ]);
});

type Shape = { readonly kind: 'axis'; readonly count: number } | { readonly kind: 'product'; readonly parts: Shape[] };

/** Trees of products; a zip of two equal ones beside. */
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 1, max: 4 }).map((count) => ({ kind: 'axis' as const, count })),
    fc.array(tie('shape'), { minLength: 1, maxLength: 3 }).map((parts) => ({ kind: 'product' as const, parts })),
  ),
}));

test('a grid has every combination once, whatever the order in which it is read', async () => {
  const property = fc.asyncProperty(
    fc.array(shape, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.infiniteStream(fc.nat()),
    async (shapes, zipped, numbers) => {
      const names: string[] = [];
      const write = (s: Shape): object => {
        if (s.kind === 'product') return { product: s.parts.map(write) };
        names.push(`X${names.length}`);
        return { name: names.at(-1), values: Array.from({ length: s.count }, (_, i) => i) };
      };
      const trees = shapes.map((s) => (zipped ? { zip: [write(s), write(s)] } : write(s)));
      if (names.length > 12) return;
      const s = await space({ axes: trees, param: Object.fromEntries(names.map((n) => [n, n])) });
      if (s.points > 5000) return;
      const found = pointsOf(s).map((values) => values.join());
      expect(found).toHaveLength(s.points);
      expect(new Set(found).size).toBe(s.points);
      const values = new Float64Array(s.axes.length);
      for (const n of Array.from(numbers.take(20)).map((m) => m % s.points)) {
        expect(s.read(n, values)).toBe(true);
        expect(values.join()).toBe(found[n]);
      }
    },
  );
  await fc.assert(property, { numRuns: runs(100) });
});
