import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRows, unpackRows } from '../../src/sweep/rows-bytes.ts';
import type { Cells, Column, Rows } from '../../src/sweep/table.ts';
import { runs } from '../runs.ts';
import { openMade } from './made.ts';

const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));

const cells = (rows: number): fc.Arbitrary<Cells> =>
  fc.oneof(
    fc.array(number, { minLength: rows, maxLength: rows }).map((values) => Float64Array.from(values)),
    fc
      .record({
        texts: fc.array(fc.string({ unit: 'binary' })),
        codes: fc.array(fc.integer({ min: -1, max: 3 }), { minLength: rows, maxLength: rows }),
      })
      .map(({ texts, codes }) => ({ texts, codes: Int32Array.from(codes) })),
  );

const someRows: fc.Arbitrary<Rows> = fc.nat(20).chain((rows) =>
  fc.record({
    range: fc.record({ first: fc.nat(1e8), count: fc.constant(rows + 3) }),
    points: fc.constant(Float64Array.from({ length: rows }, (_, i) => i)),
    columns: fc.array(cells(rows), { maxLength: 6 }),
  }),
);

const columnsOf = ({ columns }: Rows): readonly Column[] =>
  columns.map((c, i) => ({ name: `c${i}`, type: 'codes' in c ? 'text' : 'number', role: 'metric' }));

test('rows that are packed come out as they were, to the last bit', async () => {
  await fc.assert(
    fc.asyncProperty(someRows, async (rows) => {
      expect(await unpackRows(await packRows(rows), rows.range, columnsOf(rows))).toEqual(rows);
    }),
    { numRuns: runs(300) },
  );
});

test('rows of another range or another table are refused', async () => {
  const sweep = await openMade({ points: 100 });
  const range = { first: 0, count: 100 };
  const packed = await packRows(await sweep.evaluate(range));
  await expect(unpackRows(packed, { first: 1, count: 100 }, sweep.columns)).rejects.toThrow('of another range');
  await expect(unpackRows(packed, range, sweep.columns.slice(1))).rejects.toThrow('other columns');
  await expect(unpackRows(packed, range, sweep.columns.toReversed())).rejects.toThrow('other columns');
});
