import fc from 'fast-check';
import { expect, test } from 'vitest';
import { functionOf } from '../../../src/models/compiled/code.ts';
import { createGraph, type Value } from '../../../src/models/compiled/graph.ts';

const sizes = fc.integer({ min: 1, max: 12 });

test('nested loops: sums over all steps and what the last one says, as if walked', () => {
  const numbers = new Float64Array(3);
  const out = new Float64Array(4);
  const g = createGraph();
  const [tile, inner, offset] = [g.input(0), g.input(1), g.input(2)] as const;
  const outer = g.run(10, tile, undefined);
  const nested = g.run(outer.length, inner, outer.steps);
  const value = g.max(g.multiply(nested.length, outer.length), offset);
  const compute = functionOf(
    [outer.sum(nested.sum(value)), outer.last(nested.last(value)), outer.sum(nested.last(value)), outer.sum(offset)],
    numbers,
    out,
  );
  const steps = (extent: number, by: number): number[] =>
    Array.from({ length: Math.ceil(extent / by) }, (_, i) => Math.min(by, extent - i * by));
  fc.assert(
    fc.property(sizes, sizes, sizes, (a, b, c) => {
      numbers.set([a, b, c]);
      compute();
      const rows = steps(10, a).map((length) => steps(length, b).map((l) => Math.max(l * length, c)));
      const sum = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0);
      const expected = [sum(rows.flat()), rows.at(-1)!.at(-1), sum(rows.map((row) => row.at(-1)!)), c * rows.length];
      expect([...out]).toEqual(expected);
    }),
  );
});

test('what is known is computed at once, and what is the same is there once', () => {
  const g = createGraph();
  const [a, b] = [g.input(0), g.input(1)] as const;
  const values: readonly (readonly [Value, Value])[] = [
    [g.max(g.multiply(2, 3), g.ceil(4.5)), 6],
    [g.add(a, b), g.add(b, a)],
    [g.multiply(3, g.multiply(5, a)), g.multiply(15, a)],
    [g.max(g.add(a, b), a), g.add(a, b)],
    [g.max(g.max(a, b), g.ifAbove(b, 4, a, 0)), g.max(a, b)],
    [g.ifAbove(a, 0, 1, 2), 1],
    [g.divide(a, 8), g.multiply(0.125, a)],
  ];
  for (const [found, expected] of values) expect(found).toBe(expected);
});
