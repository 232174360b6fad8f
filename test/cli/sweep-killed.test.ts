import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uniformDraws } from '../../src/models/select/uniform.ts';
import { csvOf, type Running, run, start, writeExperiment } from '../sweep/processes.ts';
import { type RedisServer, startRedis } from '../sweep/redis-server.ts';

const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const again = `repeat it with FC_SEED=${seed}`;
/** Half a minute on two cores, but these may be busy. */
const patience_ms = 600_000;
const root = mkdtempSync(join(tmpdir(), 'attnsim-'));
let undisturbed: string;
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
  writeExperiment(root);
  expect(await run(root, 'sweep', '.', '--out', 'undisturbed.duckdb')).toMatchObject({ code: 0 });
  undisturbed = await csvOf(join(root, 'undisturbed.duckdb'));
});
afterAll(async () => {
  await redis.stop();
  rmSync(root, { recursive: true });
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a sweep in a folder of its own and kills it so often; what is whole before that is compared, and begun anew. */
async function killAndResume(name: string, kills: number, draw: () => number): Promise<void> {
  const folder = join(root, name);
  mkdirSync(folder);
  const store = join(folder, 'small.duckdb');
  /** When the store's log was written last. */
  const logged = (): number => statSync(`${store}.wal`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const begin = (): Running => start(folder, 'sweep', root, '--jobs', '1', '--resume');
  const compare = async (): Promise<void> => {
    expect((await csvOf(store)) === undisturbed, again).toBe(true);
    rmSync(store);
  };
  for (let killed = 0; killed < kills; ) {
    const before = logged();
    const sweep = begin();
    const [isEarly, moment] = [draw() < 0.5, draw()];
    const stop = new AbortController();
    // Half of them at any moment, half after it has stored something.
    const killing = (async () => {
      while (!isEarly && logged() === before && !stop.signal.aborted) await wait(5);
      await wait(moment * (isEarly ? 1200 : 300));
      sweep.send('SIGKILL');
    })();
    const { code, error } = await sweep.ended;
    stop.abort();
    await killing;
    if (code === null) killed++;
    else {
      expect(`${code} ${error}`, again).toBe('0 ');
      await compare();
    }
  }
  expect(await begin().ended, again).toMatchObject({ code: 0, error: '' });
  await compare();
}

test(
  'killed fifty times at random and resumed, a sweep has the table of one that nobody disturbed',
  async () => {
    const draws = [1, 2].map((lane) => uniformDraws(seed + lane));
    await Promise.all(draws.map((draw, lane) => killAndResume(`alone-${lane}`, 25, draw)));
  },
  patience_ms,
);

test(
  'the same of a queue whose workers and whose sweep are killed',
  async () => {
    const draw = uniformDraws(seed);
    const folder = join(root, 'queue');
    mkdirSync(folder);
    const store = join(folder, 'small.duckdb');
    const worker = (): Running => start(folder, 'worker', '--queue', redis.url, '--jobs', '1', '--lock', '1');
    const sweep = (): Running => start(folder, 'sweep', root, '--queue', redis.url, '--resume');
    const workers = [worker(), worker()];
    let sweeping = sweep();
    let whole = 0;
    for (let killed = 0; killed < 20; ) {
      await Promise.race([sweeping.ended, wait(1200 * draw())]);
      const victim = Math.floor(3 * draw());
      if (victim < 2) {
        workers[victim]!.send('SIGKILL');
        workers[victim] = worker();
        killed++;
        continue;
      }
      sweeping.send('SIGKILL');
      const { code, error } = await sweeping.ended;
      if (code === null) killed++;
      else {
        expect(`${code} ${error}`, again).toBe('0 ');
        expect((await csvOf(store)) === undisturbed, again).toBe(true);
        rmSync(store);
        whole++;
      }
      sweeping = sweep();
    }
    expect(await sweeping.ended, again).toMatchObject({ code: 0, error: '' });
    expect((await csvOf(store)) === undisturbed, `${again}, after ${whole} whole ones`).toBe(true);
    for (const { send } of workers) send('SIGKILL');
    expect(await redis.redis.keys('attnsim:rows:*')).toEqual([]);
    expect(existsSync(`${store}.wal`)).toBe(false);
  },
  patience_ms,
);
