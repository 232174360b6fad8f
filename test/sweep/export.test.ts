import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/sweep/duckdb.ts';
import { exportTable } from '../../src/sweep/export.ts';
import { specHash } from '../../src/sweep/identity.ts';
import { createStore } from '../../src/sweep/store.ts';
import { type TableFormat, tableFormats } from '../../src/sweep/table-file.ts';
import { must } from '../mapper/inputs.ts';
import { runs } from '../runs.ts';
import { codesOf, identity, rowsOf, storeWith, testFolder } from './tables.ts';

const points = 300_000;
const many = { ...identity, points };

async function exported(store: string, format: TableFormat): Promise<Buffer> {
  const out = `${store}${format}`;
  must(await exportTable(store, { path: out, format }));
  return readFileSync(out);
}

test('any order and any overlap of ranges give the same bytes', async () => {
  const folder = testFolder();
  const whole = join(folder, 'whole.duckdb');
  await storeWith(whole, [{ first: 0, count: points }], many);
  const expected = await Promise.all(tableFormats.map((format) => exported(whole, format)));
  let made = 0;
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: points - 1 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cuts, fc.nat(1000), fc.infiniteStream(fc.nat()), async (inside, overlap, keys) => {
      const ends = [...inside, points].sort((a, b) => a - b);
      const ranges = ends.map((end, i) => {
        const first = Math.max(0, (ends[i - 1] ?? 0) - overlap);
        return { range: { first, count: end - first }, key: keys.next().value ?? 0 };
      });
      const path = join(folder, `${made++}.duckdb`);
      await storeWith(
        path,
        ranges.sort((a, b) => a.key - b.key).map(({ range }) => range),
        many,
      );
      for (const [i, format] of tableFormats.entries())
        expect((await exported(path, format)).equals(expected[i]!), format).toBe(true);
    }),
    { numRuns: runs(4) },
  );
});

test('CSV has a line a row by point; Parquet has the types, and what the rows belong to', async () => {
  const path = join(testFolder(), 'sweep.duckdb');
  await storeWith(path, [{ first: 0, count: 9 }]);
  expect((await exported(path, '.csv')).toString('utf8')).toBe(
    'point,rows,machine,latency_s,utilization.Array2D,status,diagnostic\n' +
      '0,1.0,fusemax,1.5,0.0,excluded,\n' +
      `1,2.0,"a ""quoted"", one",${Math.sin(1) + 1.5},${1 / 11},ok,\n` +
      '2,4.0,"zwölf\nlines",,,failed,"over-capacity: ""L1"" has no room"\n' +
      `4,16.0,"a ""quoted"", one",inf,${4 / 11},ok,\n` +
      '5,32.0,"zwölf\nlines",,,failed,"over-capacity: ""L1"" has no room"\n' +
      `6,64.0,fusemax,${Math.sin(6) + 1.5},${6 / 11},ok,\n` +
      `7,128.0,"a ""quoted"", one",${Math.sin(7) + 1.5},${7 / 11},ok,\n` +
      '8,256.0,,,,failed,"over-capacity: ""L1"" has no room"\n',
  );
  await exported(path, '.parquet');
  const database = await openDatabase(join(path, '..', 'other.duckdb'), 'write');
  const ask = async (statement: string): Promise<readonly (readonly unknown[])[]> =>
    (await database.connection.runAndReadAll(statement)).getRows();
  const file = `${path}.parquet`;
  expect((await ask(`DESCRIBE FROM '${file}'`)).map(([name, type]) => `${name} ${type}`)).toEqual([
    'point BIGINT',
    ...identity.columns.map((c) => `${c.name} ${c.type === 'number' ? 'DOUBLE' : 'VARCHAR'}`),
  ]);
  const metadata = await ask(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}')`);
  expect(metadata).toEqual(
    expect.arrayContaining([
      ['sweep', 'buffers'],
      ['spec_hash', specHash(identity)],
      ['code_hash', identity.code],
    ]),
  );
  database.close();
});

test('where a file cannot be written, that is told, and what was there is left', async () => {
  const folder = testFolder();
  const path = join(folder, 'sweep.duckdb');
  await storeWith(path, [{ first: 0, count: 100 }]);
  mkdirSync(join(folder, 'table.csv'));
  for (const out of [join(folder, 'table.csv'), join(path, 'table.csv'), '/proc/table.csv'])
    expect(codesOf(await exportTable(path, { path: out, format: '.csv' })), out).toEqual(['unwritable-file']);
  expect(readdirSync(folder).sort()).toEqual(['sweep.duckdb', 'table.csv']);
});

// A limit to the size of files is what a full disk is to a process, without one to mount.
test.each(tableFormats)('a disk that is full leaves the %s that was there', async (format) => {
  const folder = testFolder();
  const path = join(folder, 'sweep.duckdb');
  const store = must(await createStore(path, many));
  must(await store.append(rowsOf({ first: 0, count: points })));
  await store.close();
  const out = join(folder, `table${format}`);
  writeFileSync(out, 'before');
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  const line = `trap '' XFSZ; ulimit -f 256; exec "$0" "$@"`;
  const ran = spawnSync('bash', ['-c', line, process.execPath, main, 'query', path, '--out', out], {
    encoding: 'utf8',
  });
  expect(ran.stderr).toMatch(/^error\[unwritable-file\]: cannot write ".*table\.\w+": no space is left\n/);
  expect(ran.status).toBe(1);
  expect(readFileSync(out, 'utf8')).toBe('before');
  expect(readdirSync(folder).sort()).toEqual(['sweep.duckdb', `table${format}`]);
});
