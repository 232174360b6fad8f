import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/sweep/duckdb.ts';
import { exportTable } from '../../src/sweep/export.ts';
import { mergeStores } from '../../src/sweep/merge-stores.ts';
import { rangesOfShard } from '../../src/sweep/shard.ts';
import { resumeStore } from '../../src/sweep/store.ts';
import { must } from '../mapper/inputs.ts';
import { codesOf, identity, rowsOf, storeWith, testFolder } from './tables.ts';

const all = { first: 0, count: identity.points };

async function csvOf(path: string): Promise<string> {
  const csv = { path: `${path}.csv`, format: '.csv' } as const;
  must(await exportTable(path, csv));
  return readFileSync(csv.path, 'utf8');
}

test('the shards of a sweep are the sweep, in any order, and however often one is given', async () => {
  const folder = testFolder();
  const whole = join(folder, 'whole.duckdb');
  await storeWith(whole, [all]);
  const expected = await csvOf(whole);
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat()), async (shards, keys) => {
      const at = join(folder, `${made++}`);
      const paths = Array.from({ length: shards }, (_, i) => join(at, `${i}.duckdb`));
      for (const [i, path] of paths.entries())
        await storeWith(path, rangesOfShard(identity.points, { index: i + 1, of: shards }));
      const given = [...paths, ...paths.slice(0, 1)]
        .map((path) => ({ path, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ path }) => path);
      const merged = must(await mergeStores(join(at, 'merged.duckdb'), given));
      expect(merged.done).toEqual([all]);
      expect(await csvOf(join(at, 'merged.duckdb'))).toBe(expected);
    }),
    { numRuns: 8 },
  );
});

test('rows of ranges that overlap come once; what is missing can be appended', async () => {
  const folder = testFolder();
  const path = (name: string): string => join(folder, `${name}.duckdb`);
  await storeWith(path('a'), [{ first: 0, count: 400 }]);
  await storeWith(path('b'), [
    { first: 300, count: 300 },
    { first: 900, count: 50 },
  ]);
  const { done } = must(await mergeStores(path('merged'), [path('a'), path('b')]));
  expect(done).toEqual([
    { first: 0, count: 600 },
    { first: 900, count: 50 },
  ]);
  const store = must(await resumeStore(path('merged'), identity));
  must(await store.append(rowsOf(all)));
  await store.close();
  await storeWith(path('whole'), [all]);
  expect(await csvOf(path('merged'))).toBe(await csvOf(path('whole')));
});

test('rows that differ, rows that one has not, other sweeps and files that are there are refused, and nothing is made', async () => {
  const folder = testFolder();
  const path = (name: string): string => join(folder, `${name}.duckdb`);
  await storeWith(path('a'), [all]);
  for (const [name, statement] of [
    ['changed', "UPDATE store.rows SET machine = 'other' WHERE point = 777 OR point = 501"],
    ['emptied', 'UPDATE store.rows SET latency_s = NULL WHERE point IN (777, 501)'],
    ['shorter', 'DELETE FROM store.rows WHERE point = 777 OR point = 501'],
  ] as const) {
    await storeWith(path(name), [{ first: 400, count: 400 }]);
    const database = await openDatabase(path(name), 'write');
    await database.connection.run(statement);
    database.close();
    for (const order of [
      ['a', name],
      [name, 'a'],
    ]) {
      const merged = await mergeStores(
        path('merged'),
        order.map((n) => path(n!)),
      );
      expect(codesOf(merged)).toEqual(['unlike-rows']);
      if (!merged.ok) expect(merged.diagnostics[0]!.message).toContain('different rows of point 501');
    }
  }
  await storeWith(path('other'), [all], { ...identity, code: 'x' });
  expect(codesOf(await mergeStores(path('merged'), [path('a'), path('other')]))).toEqual(['other-sweep']);
  expect(codesOf(await mergeStores(path('merged'), [path('a'), path('none')]))).toEqual(['unreadable-file']);
  expect(existsSync(path('merged'))).toBe(false);
  writeFileSync(path('merged'), 'mine');
  expect(codesOf(await mergeStores(path('merged'), [path('a')]))).toEqual(['store-exists']);
  expect(readFileSync(path('merged'), 'utf8')).toBe('mine');
  expect(readdirSync(folder).filter((f) => !/^[a-z]+\.duckdb$/.test(f))).toEqual([]);
});
