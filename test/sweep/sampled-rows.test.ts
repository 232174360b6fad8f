import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evenSample } from '../../src/sweep/even-sample.ts';
import { type NumberedRows, okRows, rankRows, statementRows } from '../../src/sweep/numbered-rows.ts';
import { countOutcomes } from '../../src/sweep/outcome-counts.ts';
import { openStoreForReading, type StoreReader } from '../../src/sweep/read-store.ts';
import { sampleRows } from '../../src/sweep/sampled-rows.ts';
import { must } from '../mapper/inputs.ts';
import { identity, rowsOf, storeWith, testFolder } from './tables.ts';

describe('evenSample', () => {
  const cases = fc
    .integer({ min: 1, max: 500 })
    .chain((count) =>
      fc
        .uniqueArray(fc.integer({ min: 0, max: count - 1 }))
        .map((kept) => ({ count, kept: Uint32Array.from(kept).sort() })),
    );

  test('has as many rows as there is room for, rising, and all that are kept', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 600 }), ({ count, kept }, limit) => {
        const sample = evenSample(count, kept, limit);
        expect(sample).toEqual(evenSample(count, kept, limit));
        expect(sample.length).toBe(Math.min(count, limit));
        expect([...sample]).toEqual([...new Set(sample)].sort((a, b) => a - b));
        expect([...sample].every((i) => i >= 0 && i < count)).toBe(true);
        const [few, many] = kept.length <= limit ? [kept, sample] : [sample, kept];
        const all = new Set(many);
        expect([...few].every((i) => all.has(i))).toBe(true);
      }),
    );
  });

  test('has of every stretch its share, and of a grid all values of its axes', () => {
    fc.assert(
      fc.property(fc.constantFrom(16, 48, 60, 64), fc.integer({ min: 2, max: 12 }), (step, period) => {
        const sample = evenSample(step * 1000, new Uint32Array(), 1000);
        expect([...sample].every((row, i) => Math.floor(row / step) === i)).toBe(true);
        expect(new Set([...sample].map((row) => row % period)).size).toBe(period);
      }),
    );
  });
});

async function withRows<T>(use: (store: StoreReader) => Promise<T>): Promise<T> {
  const path = join(testFolder(), 'sweep.duckdb');
  await storeWith(path, [
    { first: 500, count: 500 },
    { first: 0, count: 500 },
  ]);
  const store = must(await openStoreForReading(path));
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** What the rows say, by plain loops. */
const { points, columns } = rowsOf({ first: 0, count: 1000 });
const [latency, use] = [columns[2] as Float64Array, columns[3] as Float64Array];
const statuses = columns[4] as { readonly texts: readonly string[]; readonly codes: Int32Array };
const statusOf = (row: number): string => statuses.texts[statuses.codes[row]!]!;
const okays = [...points.keys()].filter((row) => statusOf(row) === 'ok');
const beats = (a: number, b: number): boolean =>
  latency[a]! <= latency[b]! && use[a]! >= use[b]! && (latency[a] !== latency[b] || use[a] !== use[b]);
const front = okays.filter((row) => !okays.some((other) => beats(other, row)));

const sampled = async (store: StoreReader, rows: NumberedRows, limit: number) => {
  const ranks = await rankRows(store, rows, identity.objectives);
  return { ranks, sample: await sampleRows(store, rows, ranks, limit) };
};

test('rows that are ok: the front, the best, and an even sample, with the values of the table', () =>
  withRows(async (store) => {
    const { ranks, sample } = await sampled(store, await okRows(store), 100);
    expect([...ranks.front].map((place) => ranks.numbers[place])).toEqual(front.map((row) => points[row]));
    expect(sample).toMatchObject({ count: okays.length });
    expect(sample.places.length).toBe(100);
    expect(sample.columns.map((c) => c.name)).toEqual(['point', ...identity.columns.slice(0, 4).map((c) => c.name)]);
    const rows = [...sample.places].map((place) => okays[place]!);
    const cells = sample.columns.map((c) => c.cells);
    expect(cells[0]).toEqual(Float64Array.from(rows, (row) => points[row]!));
    expect(cells[3]).toEqual(Float64Array.from(rows, (row) => latency[row]!));
    const machines = cells[2] as typeof statuses;
    const machineOf = columns[1] as typeof statuses;
    expect(rows.map((_, i) => machines.texts[machines.codes[i]!])).toEqual(
      rows.map((row) => machineOf.texts[machineOf.codes[row]!]),
    );
    const best = rows.reduce((a, b) => (latency[b]! < latency[a]! ? b : a));
    expect(okays[ranks.best[0]!]).toBe(best);
    expect(rows).toEqual(expect.arrayContaining([...front, best]));
  }));

test('the same of a statement, whatever its order; rows that are not ok are not in the front', () =>
  withRows(async (store) => {
    const { ranks, sample } = await sampled(store, await statementRows(store, 'from points order by random()'), 2000);
    expect(sample.count).toBe(points.length);
    expect(sample.columns.map((c) => c.name)).toEqual([
      'point',
      ...identity.columns.map((c) => c.name),
      'spec_hash',
      'code_hash',
    ]);
    expect(sample.columns[0]!.cells).toEqual(points);
    expect([...ranks.front]).toEqual(front);
  }));

test('a statement without objectives has no front, and a text column that is none is empty', () =>
  withRows(async (store) => {
    const rows = await statementRows(store, 'select "rows", [1, 2] as list, null as nothing from points limit 3');
    const { ranks, sample } = await sampled(store, rows, 10);
    expect([ranks.objectives, ranks.front.length, sample.count]).toEqual([[], 0, 3]);
    expect(sample.columns[1]!.cells).toEqual({ texts: ['[1, 2]'], codes: Int32Array.from([0, 0, 0]) });
  }));

test('points that are not ok are counted by reason', () =>
  withRows(async (store) => {
    const count = (status: string): number => [...points.keys()].filter((row) => statusOf(row) === status).length;
    const example = 'over-capacity: "L1" has no room';
    expect(await countOutcomes(store)).toEqual([
      { status: 'failed', reason: 'over-capacity', points: count('failed'), example, texts: 1 },
      { status: 'excluded', reason: '', points: count('excluded'), example: '', texts: 0 },
    ]);
  }));
