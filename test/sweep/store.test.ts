import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../src/sweep/answer.ts';
import { fileDiagnostic, openDatabase } from '../../src/sweep/duckdb.ts';
import type { Identity } from '../../src/sweep/identity.ts';
import { openStoreForReading } from '../../src/sweep/read-store.ts';
import { createStore, resumeStore, type Store } from '../../src/sweep/store.ts';
import type { Range } from '../../src/sweep/table.ts';
import { must } from '../mapper/inputs.ts';
import { runs } from '../runs.ts';
import { codesOf, identity, rowsOf, storeWith, testFolder } from './tables.ts';

const all: Range = { first: 0, count: identity.points };

/** The rows of a store as its user sees them, in order. */
async function tableOf(path: string): Promise<readonly (readonly unknown[])[]> {
  const database = await openDatabase(path, 'read');
  const rows = (await database.connection.runAndReadAll('SELECT * FROM points ORDER BY point')).getRows();
  database.close();
  return rows;
}

/** The same from what was appended. */
const expectedRows = (range: Range): readonly (readonly unknown[])[] => {
  const { points, columns } = rowsOf(range);
  const cells = columns.map((column) =>
    column instanceof Float64Array
      ? [...column].map((x) => (Number.isNaN(x) ? null : x))
      : [...column.codes].map((code) => (code < 0 ? null : column.texts[code])),
  );
  return [...points].map((point, i) => [BigInt(point), ...cells.map((c) => c[i])]);
};

const withoutHashes = (rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
  rows.map((row) => row.slice(0, -2));

describe('what is kept', () => {
  test('a store has the rows that were appended, with texts, no values, infinities and hashes', async () => {
    const path = join(testFolder(), 'deep/er/sweep.duckdb');
    await storeWith(path, [all]);
    const rows = await tableOf(path);
    expect(withoutHashes(rows)).toEqual(expectedRows(all));
    for (const row of rows) expect(row.slice(-2)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), identity.code]);
    expect(readdirSync(join(path, '..'))).toEqual(['sweep.duckdb']);
  });

  test('rows of many chunks are kept', async () => {
    const path = join(testFolder(), 'sweep.duckdb');
    const range = { first: 2 ** 33, count: 10_000 };
    await storeWith(path, [range]);
    expect(withoutHashes(await tableOf(path))).toEqual(expectedRows(range));
  });

  test('any order and any overlap of ranges, closed and resumed between them, gives the same rows', async () => {
    const folder = testFolder();
    let made = 0;
    const ranges = fc.array(fc.record({ first: fc.nat(900), count: fc.nat(100), resume: fc.boolean() }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(ranges, async (appended) => {
        const path = join(folder, `${made++}.duckdb`);
        let store = must(await createStore(path, identity));
        for (const { resume, ...range } of appended) {
          must(await store.append(rowsOf(range)));
          if (!resume) continue;
          await store.close();
          store = must(await resumeStore(path, identity));
        }
        const done = await store.done();
        await store.close();
        const points = new Set(
          appended.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
        );
        expect(done.reduce((sum, { count }) => sum + count, 0)).toBe(points.size);
        expect(withoutHashes(await tableOf(path))).toEqual(
          expectedRows(all).filter(([point]) => points.has(Number(point))),
        );
      }),
      { numRuns: 25 },
    );
  });

  test('ranges without a row are done, too; calls need not wait for each other', async () => {
    const path = join(testFolder(), 'sweep.duckdb');
    const store = must(await createStore(path, identity));
    const appended = [3, 0, 1, 3].map((first) => store.append(rowsOf({ first, count: 1 })));
    expect(await store.done()).toEqual([
      { first: 0, count: 2 },
      { first: 3, count: 1 },
    ]);
    for (const result of await Promise.all(appended)) must(result);
    await store.close();
    expect((await tableOf(path)).length).toBe(2);
  });
});

describe('what is refused', () => {
  test('a file that is there, or the log of one that is gone, is not overwritten', async () => {
    const folder = testFolder();
    const path = join(folder, 'sweep.duckdb');
    writeFileSync(path, 'mine');
    expect(codesOf(await createStore(path, identity))).toEqual(['store-exists']);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    writeFileSync(join(folder, 'other.duckdb.wal'), 'mine');
    expect(codesOf(await createStore(join(folder, 'other.duckdb'), identity))).toEqual(['store-exists']);
    expect(readdirSync(folder).sort()).toEqual(['other.duckdb.wal', 'sweep.duckdb']);
  });

  test('columns that differ in case alone', async () => {
    const folder = testFolder();
    const named = (name: string): Identity => ({
      ...identity,
      columns: [{ name, type: 'number', role: 'parameter' }, ...identity.columns],
    });
    for (const name of ['Rows', 'point', 'Spec_Hash', 'latency_s'])
      expect(codesOf(await createStore(join(folder, 'sweep.duckdb'), named(name)))).toEqual(['duplicate-name']);
    expect(readdirSync(folder)).toEqual([]);
  });

  const [, , latency] = identity.columns;
  const changes: readonly [string, Partial<Identity>, string][] = [
    ['a text', { texts: { ...identity.texts, 'hardware:fusemax': 'x' } }, '"hardware:fusemax" changed'],
    [
      'texts',
      { texts: { experiment: identity.texts['experiment']!, 'mapping:a': 'x' } },
      '"hardware:fusemax" is gone; "mapping:a" is new',
    ],
    ['the code', { code: 'd'.repeat(64) }, 'the code of attnsim changed'],
    ['the name', { name: 'arrays' }, 'the experiment was "buffers" and is "arrays"'],
    ['the points', { points: 2000 }, 'there were 1000 points and are 2000'],
    [
      'a column',
      { columns: [latency!] },
      'columns "rows", "machine", "utilization.Array2D", "status", "diagnostic" are gone',
    ],
    ['the order', { columns: identity.columns.toReversed() }, 'columns have another order or type'],
    [
      'an objective',
      { objectives: [] },
      'the objectives were "minimize latency_s, maximize utilization.Array2D" and are ""',
    ],
  ];
  test.each(changes)('another identity: %s', async (_, change, phrase) => {
    const path = join(testFolder(), 'sweep.duckdb');
    await storeWith(path, [all]);
    const resumed = await resumeStore(path, { ...identity, ...change });
    expect(codesOf(resumed)).toEqual(['other-sweep']);
    if (!resumed.ok) expect(resumed.diagnostics[0]!.message).toContain(`since it began, ${phrase}`);
    const store = must(await resumeStore(path, identity));
    expect(await store.done()).toEqual([all]);
    await store.close();
  });

  test('the order of texts is none of its identity', async () => {
    const path = join(testFolder(), 'sweep.duckdb');
    await storeWith(path, []);
    const texts = Object.fromEntries(Object.entries(identity.texts).toReversed());
    await must(await resumeStore(path, { ...identity, texts })).close();
  });

  test('a text, a folder, nothing, another database, a file cut short, another format', async () => {
    const folder = testFolder();
    const path = (name: string): string => join(folder, `${name}.duckdb`);
    const code = async (name: string): Promise<readonly string[]> => codesOf(await resumeStore(path(name), identity));
    expect(await code('nothing')).toEqual(['unreadable-file']);
    expect(codesOf(await resumeStore(folder, identity))).toEqual(['unreadable-file']);
    writeFileSync(path('text'), 'this is a text'.repeat(1000));
    expect(await code('text')).toEqual(['not-a-store']);
    writeFileSync(path('empty'), '');
    expect(await code('empty')).toEqual(['not-a-store']);
    const other = await openDatabase(path('other'), 'write');
    await other.connection.run('CREATE TABLE points (x INT)');
    other.close();
    expect(await code('other')).toEqual(['not-a-store']);
    await storeWith(path('cut'), [all]);
    truncateSync(path('cut'), 20_000);
    expect(await code('cut')).toEqual(['damaged-store']);
    await storeWith(path('old'), [all]);
    const old = await openDatabase(path('old'), 'write');
    await old.connection.run('UPDATE store.identity SET format = 0');
    old.close();
    expect(await code('old')).toEqual(['store-version']);
  });

  test('a path where nothing can be written', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file/sweep.duckdb'), '/proc/sweep.duckdb', join(folder, `${'x'.repeat(300)}`)])
      expect(codesOf(await createStore(path, identity))).toEqual(['unwritable-file']);
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

/** A million bytes and more, so that the log is long; not of the machine's size. */
const long: Identity = { ...identity, points: 100_000 };
const script = join(import.meta.dirname, 'append-until-killed.js');

const appender = (path: string, seed: number, limit?: number | 'read', env = process.env) =>
  spawn(
    process.execPath,
    [script, path, String(seed), JSON.stringify(long), ...(limit === undefined ? [] : [`${limit}`])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    },
  );

const asNobody = { ...process.env, AS_NOBODY: '1' };

const heard = (child: ReturnType<typeof appender>): Promise<void> =>
  new Promise((resolve) => child.stdout!.once('data', () => resolve()));
const ended = (child: ReturnType<typeof appender>): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (data) => {
      text += data;
    });
    child.on('close', () => resolve(text));
  });

/** Rows are those of ranges that are done, each once. */
async function checkWhole(path: string): Promise<number> {
  const store: Store = must(await resumeStore(path, long));
  const done = await store.done();
  await store.close();
  const database = await openDatabase(path, 'read');
  const [[rows, points, wrong] = []] = (
    await database.connection.runAndReadAll(
      `SELECT count(*), count(DISTINCT point), count(*) FILTER (rows <> point OR latency_s <> 3 * point
       OR status <> CASE point % 3 WHEN 0 THEN 'ok' WHEN 1 THEN 'failed' ELSE 'excluded' END) FROM points`,
    )
  ).getRows();
  database.close();
  const count = done.reduce((sum, range) => sum + range.count, 0);
  expect([Number(rows), Number(points), Number(wrong)]).toEqual([count, count, 0]);
  return count;
}

describe('what goes wrong outside', () => {
  test('killed fifty times at random, a store has exactly the rows of ranges that are done', {
    timeout: 400_000,
  }, async () => {
    const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const folder = testFolder();
    let path = '';
    let before = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 50; i++) {
      if (before >= long.points) {
        path = join(folder, `${i}.duckdb`);
        await must(await createStore(path, long)).close();
        before = 0;
      }
      const child = appender(path, seed + i);
      const end = ended(child);
      await heard(child);
      const wait_ms = ((seed + i * 7919) % 997) / 3;
      await new Promise((resolve) => setTimeout(resolve, wait_ms));
      child.kill('SIGKILL');
      await end;
      const count = await checkWhole(path);
      expect(count, `seed ${seed}, kill ${i}`).toBeGreaterThanOrEqual(before);
      before = count;
    }
    expect(await ended(appender(path, seed))).toMatch(/^open\n\.+$/);
    expect(await checkWhole(path)).toBe(long.points);
  });

  test('a log that ends anywhere gives exactly the rows of ranges that are done', async () => {
    const folder = testFolder();
    const path = join(folder, 'sweep.duckdb');
    await must(await createStore(path, long)).close();
    const child = appender(path, 1, 20);
    child.stdout!.on('data', (data) => {
      // Before it closes the store, which would empty the log.
      if (String(data).includes('.')) child.kill('SIGKILL');
    });
    await ended(child);
    const [file, log] = [readFileSync(path), readFileSync(`${path}.wal`)];
    await fc.assert(
      fc.asyncProperty(fc.nat(log.length), async (length) => {
        writeFileSync(path, file);
        writeFileSync(`${path}.wal`, log.subarray(0, length));
        await checkWhole(path);
      }),
      { numRuns: 30 },
    );
  });

  test('a byte that is not what was written is noticed, wherever it is', async () => {
    const path = join(testFolder(), 'sweep.duckdb');
    await storeWith(path, [all]);
    const file = readFileSync(path);
    const read = async (): Promise<readonly string[]> => {
      const opened = await openStoreForReading(path);
      if (!opened.ok) return codesOf(opened);
      try {
        return [JSON.stringify(await allRows(await opened.value.ask('FROM points ORDER BY point')))];
      } catch (error) {
        return [String(fileDiagnostic(path, error)?.code)];
      } finally {
        opened.value.close();
      }
    };
    const [rows] = await read();
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = Buffer.from(file);
        other[at]! ^= change;
        writeFileSync(path, other);
        expect([rows, 'damaged-store', 'not-a-store', 'store-version']).toContain((await read())[0]);
      }),
      { numRuns: runs(40) },
    );
  });

  test('a store that another process has open is in use', async () => {
    const path = join(testFolder(), 'sweep.duckdb');
    await must(await createStore(path, long)).close();
    const child = appender(path, 1);
    const end = ended(child);
    await heard(child);
    child.kill('SIGSTOP');
    expect(codesOf(await resumeStore(path, long))).toEqual(['store-in-use']);
    child.kill('SIGKILL');
    await end;
    await checkWhole(path);
  });

  test('a store in a folder that is read-only can be read, and not be written', async () => {
    const outer = testFolder();
    chmodSync(outer, 0o755);
    const folder = join(outer, 'read-only');
    const path = join(folder, 'sweep.duckdb');
    await must(await createStore(path, long)).close();
    expect(await ended(appender(path, 1, 3))).toBe('open\n...');
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    const file = readFileSync(path);
    const text = await ended(appender(path, 1, 3, asNobody));
    expect(text).toMatch(/^unwritable-file: cannot write ".*sweep\.duckdb": permission denied\n$/);
    expect(await ended(appender(path, 1, 'read', asNobody))).toMatch(/^\d+ rows\n$/);
    expect(readFileSync(path).equals(file)).toBe(true);
    chmodSync(folder, 0o755);
  });

  // A limit to the size of files is what a full disk is to a process, without one to mount.
  test.each([64, 1024, 3000])(
    'a disk that is full after %i KiB is told, and what was appended before is kept',
    async (limit) => {
      const path = join(testFolder(), 'sweep.duckdb');
      await must(await createStore(path, long)).close();
      const file = readFileSync(path);
      const bash = spawn(
        'bash',
        [
          '-c',
          `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`,
          process.execPath,
          script,
          path,
          '1',
          JSON.stringify(long),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const text = await ended(bash as ReturnType<typeof appender>);
      expect(text).toMatch(/unwritable-file: cannot write ".*sweep\.duckdb": no space is left\n$/);
      const count = await checkWhole(path);
      expect(count).toBeGreaterThanOrEqual(0);
      expect(file.length).toBeGreaterThan(0);
      expect(await ended(appender(path, 2))).toMatch(/^open\n\.+$/);
      expect(await checkWhole(path)).toBe(long.points);
      expect(existsSync(`${path}.wal`)).toBe(false);
    },
  );
});
