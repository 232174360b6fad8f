import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SweepSummary } from '../../src/cli/sweep-summary.ts';
import { csvOf, run, start, writeExperiment } from '../sweep/processes.ts';
import { type RedisServer, startRedis } from '../sweep/redis-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
let whole: string;
let redis: RedisServer;

beforeAll(async () => {
  writeExperiment(folder);
  redis = await startRedis();
  const { code, out, error } = await run(folder, 'sweep', 'sweep.json', '--jobs', '1');
  expect(error).toBe('');
  expect(code).toBe(0);
  expect(out).toContain('small: 90 of 90 points');
  whole = await csvOf(join(folder, 'small.duckdb'));
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const tableOf = (name: string): Promise<string> => csvOf(join(folder, name));

test('the table has every point of the space, with what became of it', () => {
  const [head, ...rows] = whole.trim().split('\n');
  expect(head).toBe('point,ROWS,MAPPING,BW,PES,latency_s,energy_j,bound.resource,status,diagnostic');
  expect(rows).toHaveLength(90 - 12);
  const statuses = rows.map((row) => row.split(',')[8]);
  for (const status of ['ok', 'excluded', 'failed']) expect(statuses).toContain(status);
});

describe('the table is the same, byte for byte,', () => {
  test.each([2, 8])('for %i threads', async (jobs) => {
    const out = `jobs-${jobs}.duckdb`;
    expect((await run(folder, 'sweep', '.', '--jobs', String(jobs), '--out', out)).code).toBe(0);
    expect(await tableOf(out)).toBe(whole);
  });

  test('for shards of a Slurm job array that are merged', async () => {
    const script = join(import.meta.dirname, '../../docs/sweep-array.sbatch');
    const ATTNSIM = `${process.execPath} ${join(import.meta.dirname, '../../dist/cli/main.js')}`;
    for (const task of ['2', '1', '3']) {
      const env = { ...process.env, ATTNSIM, SLURM_ARRAY_TASK_ID: task, SLURM_CPUS_PER_TASK: '2' };
      const ran = spawnSync('bash', [script, '3', 'sweep.json', 'shards'], { cwd: folder, env, encoding: 'utf8' });
      expect(ran.stderr).toBe('');
      expect(ran.status).toBe(0);
      expect(ran.stdout).toContain(`small: 30 of 90 points`);
    }
    const shards = ['1', '2', '3'].map((task) => `shards/${task}.duckdb`);
    expect(await run(folder, 'merge', 'merged.duckdb', ...shards)).toMatchObject({ code: 0, error: '' });
    expect(await tableOf('merged.duckdb')).toBe(whole);
  });

  test('for two workers of a queue, which have no files', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'attnsim-'));
    const workers = [1, 2].map(() => start(elsewhere, 'worker', '--queue', redis.url, '--jobs', '1'));
    const swept = await run(folder, 'sweep', '.', '--queue', redis.url, '--out', 'queue.duckdb');
    expect(swept).toMatchObject({ code: 0, error: '' });
    for (const worker of workers) {
      worker.send('SIGINT');
      const { code, out, error } = await worker.ended;
      expect(error).toBe('');
      expect(code).toBe(0);
      expect(out).toMatch(/evaluated [1-9]\d* points in \d+ batches\n$/);
    }
    rmSync(elsewhere, { recursive: true });
    expect(await tableOf('queue.duckdb')).toBe(whole);
  });
});

test('--json is the summary, the same whenever it is asked for', async () => {
  const first = await run(folder, 'sweep', '.', '--out', 'json.duckdb', '--json');
  expect(first).toMatchObject({ code: 0, error: '' });
  const summary = JSON.parse(first.out) as SweepSummary;
  expect(summary).toMatchObject({ sweep: 'small', points: 90, points_done: 90, missing: [] });
  expect(Object.values(summary.rows).reduce((a, b) => a + b)).toBe(90 - 12);
  const latencies = whole
    .split('\n')
    .filter((row) => row.includes(',ok,'))
    .map((row) => Number(row.split(',')[5]));
  expect(summary.best?.point['latency_s']).toBe(Math.min(...latencies));
  const again = await run(folder, 'sweep', '.', '--out', 'json.duckdb', '--json', '--resume');
  expect(again).toEqual(first);
});

describe('a table that is there already', () => {
  test('is not touched without --resume', async () => {
    const before = readFileSync(join(folder, 'small.duckdb'));
    const { code, error } = await run(folder, 'sweep', '.');
    expect(code).toBe(1);
    expect(error).toContain('error[store-exists]');
    expect(error).toContain('--resume goes on with it, --out begins another');
    expect(readFileSync(join(folder, 'small.duckdb')).equals(before)).toBe(true);
  });

  test('and whole is said to be so', async () => {
    const { code, out } = await run(folder, 'sweep', '.', '--resume');
    expect(code).toBe(0);
    expect(out).toMatch(/^every point is evaluated already\n/);
  });

  test('is not gone on with after the experiment has changed', async () => {
    const other = mkdtempSync(join(tmpdir(), 'attnsim-'));
    const text = readFileSync(join(folder, 'sweep.json'), 'utf8').replace('"800 GB/s"', '"900 GB/s"');
    writeFileSync(join(other, 'sweep.json'), text);
    const { code, error } = await run(other, 'sweep', '.', '--resume', '--out', join(folder, 'small.duckdb'));
    rmSync(other, { recursive: true });
    expect(code).toBe(1);
    expect(error).toContain('error[other-sweep]');
    expect(error).toContain('"experiment" changed');
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops a sweep, which says how to go on', async (signal) => {
  const out = `${signal} it's.duckdb`;
  const sweep = start(folder, 'sweep', '.', '--jobs', '1', '--out', out);
  while (!existsSync(join(folder, out))) await new Promise((resolve) => setTimeout(resolve, 10));
  sweep.send(signal);
  const { code, error } = await sweep.ended;
  expect(code).toBe(130);
  expect(error).toContain(`attnsim sweep . --out '${signal} it'\\''s.duckdb' --resume\n`);
  expect((await run(folder, 'sweep', '.', '--out', out, '--resume')).code).toBe(0);
  expect(await tableOf(out)).toBe(whole);
});

test('a queue that cannot be reached leaves no table in the way of the next try', async () => {
  const { code, error } = await run(folder, 'sweep', '.', '--queue', 'redis://127.0.0.1:1', '--out', 'none.duckdb');
  expect(code).toBe(1);
  expect(error).toContain('error[bad-queue]');
  expect(existsSync(join(folder, 'none.duckdb'))).toBe(false);
});

test('a queue that goes away ends both sides, which say how long they have waited', async () => {
  const own = await startRedis();
  const patience = ['--queue', own.url, '--patience', '1'];
  const worker = start(folder, 'worker', ...patience, '--jobs', '1');
  const sweep = start(folder, 'sweep', '.', ...patience, '--out', 'away.duckdb');
  await worker.says(/takes batches/);
  while (!existsSync(join(folder, 'away.duckdb'))) await new Promise((resolve) => setTimeout(resolve, 10));
  // By then the sweep is connected as well.
  while ((await own.redis.keys('attnsim:texts:*')).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
  await own.stop();
  for (const { code, error } of [await worker.ended, await sweep.ended]) {
    expect(error).toContain(`error[bad-queue]: the queue ${own.url} has been away for 1 s`);
    expect(code).toBe(1);
  }
  expect((await run(folder, 'sweep', '.', '--out', 'away.duckdb', '--resume')).code).toBe(0);
  expect(await tableOf('away.duckdb')).toBe(whole);
});
