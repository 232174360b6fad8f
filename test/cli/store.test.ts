import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/sweep/duckdb.ts';
import { createStore } from '../../src/sweep/store.ts';
import type { Cells } from '../../src/sweep/table.ts';
import { type Ran, runCommand } from '../cases/command-errors.ts';
import { must } from '../mapper/inputs.ts';
import { identity, rowsOf, storeWith } from '../sweep/tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const path = (name: string): string => join(folder, name);
const store = path('sweep.duckdb');
const filesThere = (): readonly string[] => readdirSync(folder).sort();

beforeAll(async () => {
  await storeWith(store, [
    { first: 500, count: 500 },
    { first: 0, count: 400 },
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const attnsim = (...args: readonly string[]): Promise<Ran> => runCommand(args);

async function printed(...args: readonly string[]): Promise<string> {
  const ran = await attnsim(...args);
  expect(ran).toMatchObject({ code: 0, error: '' });
  return ran.out;
}

/** What the rows say, by plain loops. */
const { points, columns } = rowsOf({ first: 0, count: 1000 });
const [latency, use] = [columns[2] as Float64Array, columns[3] as Float64Array];
const statuses = columns[4] as { texts: readonly string[]; codes: Int32Array };
const candidates = [...points.keys()].filter(
  (i) => (points[i]! < 400 || points[i]! >= 500) && statuses.texts[statuses.codes[i]!] === 'ok',
);

describe('query', () => {
  test('without a statement says what the table is', async () => {
    const text = await printed('query', store);
    expect(text).toMatch(/^sweep {7}buffers\npoints {6}1000, of which 900 are done\nmissing {5}points 400 to 499\n/);
    expect(text).toMatch(/\n {2}utilization.Array2D {2}number {2}metric\n/);
    const summary = JSON.parse(await printed('query', store, '--json'));
    const counted = [...statuses.codes].filter((_, i) => points[i]! < 400 || points[i]! >= 500);
    expect(summary).toMatchObject({
      sweep: 'buffers',
      points: 1000,
      points_done: 900,
      missing: [{ first: 400, count: 100 }],
      rows: { ok: candidates.length, failed: counted.filter((c) => c === 0).length },
      code_hash: identity.code,
      texts: identity.texts,
    });
  });

  test('prints a table, JSON or CSV', async () => {
    const statement = 'select point, machine, latency_s, status from points where point in (2, 4, 8) order by point';
    expect(await printed('query', store, statement)).toBe(
      'point  machine          latency_s  status\n' +
        '-----  ---------------  ---------  ------\n' +
        '    2  zwölf lines                 failed\n' +
        '    4  a "quoted", one   Infinity  ok\n' +
        '    8                              failed\n',
    );
    expect(JSON.parse(await printed('query', store, statement, '--json'))).toEqual([
      { point: 2, machine: 'zwölf\nlines', latency_s: null, status: 'failed' },
      { point: 4, machine: 'a "quoted", one', latency_s: 'Infinity', status: 'ok' },
      { point: 8, machine: null, latency_s: null, status: 'failed' },
    ]);
    expect(await printed('query', store, statement, '--csv')).toBe(
      'point,machine,latency_s,status\n2,"zwölf\nlines",,failed\n4,"a ""quoted"", one",inf,ok\n8,,,failed\n',
    );
    expect(JSON.parse(await printed('query', store, 'select 1 as a where false', '--json'))).toEqual([]);
  });

  test('long tables are cut on a terminal, and nowhere else', async () => {
    const statement = 'from points order by point';
    expect(await printed('query', store, statement)).toMatch(/\nand \d+ more rows; --out writes them all to a file\n$/);
    expect(JSON.parse(await printed('query', store, statement, '--json')).length).toBeGreaterThan(700);
  });

  test('writes CSV and Parquet, whole tables too, and what was there before is replaced', async () => {
    for (const end of ['csv', 'parquet']) {
      const out = path(`new folder/out.${end}`);
      expect(await printed('query', store, 'select point, rows from points where point = 5', '--out', out)).toBe('');
      const small = readFileSync(out);
      expect(await printed('query', store, '--out', out)).toBe('');
      const whole = readFileSync(out);
      expect(whole.length).toBeGreaterThan(small.length);
      expect(readdirSync(path('new folder'))).toEqual([`out.${end}`]);
      rmSync(path('new folder'), { recursive: true });
      if (end === 'csv') expect(await printed('query', store, '--csv')).toBe(whole.toString('utf8'));
    }
  });

  test('a place in a statement is counted in characters', async () => {
    const ran = await attnsim('query', store, "select 'zwölf 🦆' as duck,\n  latency from points");
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.error).toMatch(/^statement:2:3: error\[bad-query\]: referenced column "latency" not found/);
    expect(ran.error).toContain('\n   |   ^^^^^^^\n');
  });

  test('what goes wrong while it runs is told', async () => {
    const ran = await attnsim('query', store, 'select cast(machine as double) from points');
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/error\[bad-query\]: could not convert string/);
    const memory = await attnsim('query', store, 'select list(a.range) from range(1000000000) a');
    expect(memory.error).toContain('it needs more memory than it is given');
  });
});

describe('a statement reaches nothing but the table', () => {
  const secret = path('secret.csv');
  const other = path('other.duckdb');
  const hostile = (): readonly string[] => [
    `copy points to '${path('stolen.csv')}'`,
    `copy (select 1) to '${path('stolen.parquet')}' (format parquet)`,
    `export database '${path('stolen')}'`,
    `select * from read_csv('${secret}')`,
    `select * from read_text('${secret}')`,
    `select * from read_blob('/etc/passwd')`,
    `select * from '${secret}'`,
    `select * from glob('${folder}/*')`,
    `select * from sniff_csv('${secret}')`,
    `select * from parquet_metadata('${secret}')`,
    `select * from query('from read_csv(''${secret}'')')`,
    `attach '${other}' as other`,
    `select * from read_duckdb('${other}', table_name = 'x')`,
    'install httpfs',
    'load httpfs',
    "select * from 'https://example.com/a.parquet'",
    'select * from duckdb_secrets()',
    "set memory_limit = '100GB'",
    'set enable_external_access = true',
    "pragma memory_limit = '100GB'",
    "call enable_logging('QueryLog')",
    `from enable_logging(storage = 'file', storage_path = '${path('log')}')`,
    `from "enable_profiling"(save_location = '${path('profile.txt')}')`,
    'drop view points',
    'delete from store.rows',
    'update store.identity set format = 2',
    'insert into store.done values (0, 1000)',
    'create table mine (x int)',
    'create temp table mine (x int)',
    'checkpoint',
    'vacuum',
    'begin',
    'select 1; drop view points',
    'prepare a as select 1',
    'select ?',
    'selec 1',
    '',
    ' -- nothing',
    '/* nothing */ ;',
  ];

  test('nothing is read, written or changed', async () => {
    writeFileSync(secret, 'secret\n42\n');
    const database = await openDatabase(other, 'write');
    await database.connection.run('create table x as select 42 as secret');
    database.close();
    const [files, bytes] = [filesThere(), readFileSync(store)];
    for (const statement of hostile())
      for (const end of [[], ['--out', path('out.csv')]]) {
        const ran = await attnsim('query', store, statement, ...end);
        expect(ran, statement).toMatchObject({ code: 1, out: '' });
        expect(ran.error, statement).toContain('error[bad-query]');
        expect(ran.error, statement).not.toContain('42');
      }
    expect(filesThere()).toEqual(files);
    expect(readFileSync(store).equals(bytes)).toBe(true);
  });

  test('nor by a condition', async () => {
    const files = filesThere();
    for (const where of [
      `point in (select secret from read_csv('${secret}'))`,
      `1 = 1); copy points to '${path('stolen.csv')}'; --`,
      '1 = 1) union all (select 1',
      'true; true',
      '',
    ])
      for (const command of ['best', 'pareto']) {
        const ran = await attnsim(command, store, '--where', where);
        expect(ran, where).toMatchObject({ code: 1, out: '' });
        expect(ran.error, where).toMatch(/^--where:1:\d+: error\[bad-query\]/);
      }
    expect(filesThere()).toEqual(files);
  });

  test('what would never end, ends with Ctrl-C, and leaves nothing behind', async () => {
    const main = join(import.meta.dirname, '../../dist/cli/main.js');
    const endless = 'select sum(hash(range)) from range(1000000000000000)';
    const temporary = path('temporary');
    const child = spawn(process.execPath, [main, 'query', store, endless], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: temporary },
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
  });
});

test('what is damaged is told, whatever is asked', async () => {
  const damaged = path('damaged.duckdb');
  const bytes = readFileSync(store);
  // Past the headers, in the blocks of the rows.
  for (let at = 3 * 4096 + 262144 + 100; at < bytes.length; at += 262144) bytes[at]! ^= 1;
  writeFileSync(damaged, bytes);
  for (const args of [
    ['query', damaged],
    ['query', damaged, 'select sum(latency_s), max(machine), sum(rows) from points'],
    ['query', damaged, '--out', path('out.csv')],
    ['best', damaged],
    ['pareto', damaged],
    ['merge', path('merged.duckdb'), damaged],
  ]) {
    const ran = await attnsim(...args);
    expect(ran, args.join(' ')).toMatchObject({ code: 1, out: '' });
    expect(ran.error).toContain(`error[damaged-store]: "${damaged}" is damaged`);
  }
  expect(existsSync(path('out.csv')) || existsSync(path('merged.duckdb'))).toBe(false);
});

describe('best', () => {
  const least = candidates.reduce((a, b) => (latency[b]! < latency[a]! ? b : a));

  test("is by the sweep's first objective, with all columns", async () => {
    expect(await printed('best', store)).toContain(
      `The point with the least latency_s:\n  point                ${points[least]}\n`,
    );
    const { metric, goal, points: rows } = JSON.parse(await printed('best', store, '--json'));
    expect({ metric, goal }).toEqual({ metric: 'latency_s', goal: 'minimize' });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ point: points[least], latency_s: latency[least], status: 'ok', diagnostic: null });
  });

  test('ties are by the number of the point; a condition, another goal and more points may be asked for', async () => {
    const ranked = candidates
      .filter((i) => points[i]! > 100)
      .sort((a, b) => use[b]! - use[a]! || points[a]! - points[b]!)
      .slice(0, 7);
    const asked = [
      'best',
      store,
      '--by',
      'utilization.Array2D',
      '--where',
      'point > 100 -- not the first',
      '--top',
      '7',
    ];
    const { goal, points: rows } = JSON.parse(await printed(...asked, '--json'));
    expect(goal).toBe('maximize');
    expect(rows.map((r: { point: number }) => r.point)).toEqual(ranked.map((i) => points[i]));
    expect((await printed(...asked)).split('\n')).toHaveLength(7 + 4);
    const most = JSON.parse(await printed('best', store, '--maximize', '--json')).points[0];
    // Point 4 takes forever, and is ok.
    expect(most).toMatchObject({ point: 4, latency_s: 'Infinity' });
  });
});

describe('pareto', () => {
  const front = candidates.filter(
    (i) =>
      !candidates.some(
        (k) => latency[k]! <= latency[i]! && use[k]! >= use[i]! && (latency[k]! < latency[i]! || use[k]! > use[i]!),
      ),
  );
  const numbers = (rows: readonly { readonly point: number }[]): number[] => rows.map((r) => r.point);
  const byLatency = front.toSorted((a, b) => latency[a]! - latency[b]!).map((i) => points[i]);

  test("is of the sweep's objectives, from the best by the first on", async () => {
    const found = JSON.parse(await printed('pareto', store, '--json'));
    expect(found.candidates).toBe(candidates.length);
    expect(numbers(found.points)).toEqual(byLatency);
    const given = ['--objectives', 'latency_s, utilization.Array2D:max', '--where', "status = 'ok' -- as always"];
    expect(JSON.parse(await printed('pareto', store, '--json', ...given))).toEqual(found);
  });

  test('is written with all columns, and drawn', async () => {
    const [out, svg] = [path('front.csv'), path('front.svg')];
    const text = await printed('pareto', store, '--out', out, '--svg', svg);
    expect(text).toMatch(
      new RegExp(`^Front of ${front.length} among ${candidates.length} points: the least latency_s, the most`),
    );
    const lines = readFileSync(out, 'utf8')
      .trimEnd()
      .split(/\n(?=\d+,)/);
    expect(lines[0]).toBe('point,rows,machine,latency_s,utilization.Array2D,status,diagnostic');
    expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(byLatency);
    expect(readFileSync(svg, 'utf8')).toContain(`${front.length} of ${candidates.length} points are in the front`);
  });

  test('points that are alike in their objectives are told once, with their number, and written all', async () => {
    const alike = must(await createStore(path('alike.duckdb'), identity));
    const number = (...values: readonly number[]): Float64Array => Float64Array.from(values);
    const text = (...texts: readonly string[]): Cells => ({ texts, codes: Int32Array.of(0, 0, 0, 0) });
    const cells = [
      number(1, 2, 3, 4),
      text('fusemax'),
      number(1, 2, 1, 3),
      number(0.5, 0.75, 0.5, 0.5),
      text('ok'),
      text(''),
    ];
    const range = { first: 0, count: 4 };
    must(await alike.append({ range, points: number(0, 1, 2, 3), columns: cells }));
    await alike.close();
    expect(await printed('pareto', path('alike.duckdb'), '--out', path('alike.csv'))).toBe(
      'Front of 3 among 4 points: the least latency_s, the most utilization.Array2D\n' +
        'point  rows  machine  latency_s  utilization.Array2D  alike\n' +
        '-----  ----  -------  ---------  -------------------  -----\n' +
        '    0     1  fusemax          1                  0.5      2\n' +
        '    1     2  fusemax          2                 0.75      1\n',
    );
    expect(
      readFileSync(path('alike.csv'), 'utf8')
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['point', '0', '2', '1', '']);
  });
});

describe('merge', () => {
  test('joins stores, and says what is missing', async () => {
    await storeWith(path('a.duckdb'), [{ first: 0, count: 300 }]);
    await storeWith(path('b.duckdb'), [{ first: 300, count: 600 }]);
    const merged = path('merged.duckdb');
    expect(await printed('merge', merged, path('a.duckdb'), path('b.duckdb'))).toBe(
      `${merged}: 900 of 1000 points are done\nmissing: points 900 to 999\n`,
    );
    await storeWith(path('c.duckdb'), [{ first: 900, count: 100 }]);
    const whole = path('whole.duckdb');
    expect(JSON.parse(await printed('merge', whole, merged, path('c.duckdb'), '--json'))).toEqual({
      sweep: 'buffers',
      points: 1000,
      points_done: 1000,
      missing: [],
    });
  });
});
