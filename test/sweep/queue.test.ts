import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openQueue, type QueueExecutor } from '../../src/sweep/queue.ts';
import { type WorkerOptions, workOnQueue } from '../../src/sweep/queue-worker.ts';
import { type Connection, connectRedis } from '../../src/sweep/redis.ts';
import { runSweep } from '../../src/sweep/run-sweep.ts';
import { rangesOfShard } from '../../src/sweep/shard.ts';
import { dyingWorker } from './dying-worker.ts';
import { allLines, inThisThread, madeTexts, openMade, openMemory } from './made.ts';
import type { Made } from './made-sweep.js';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
const connections: Connection[] = [];

beforeAll(async () => {
  server = await startRedis();
});
beforeEach(() => server.redis.flushall());
afterAll(async () => {
  for (const connection of connections) connection.close();
  await server.stop();
});

const contentOf = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
};

async function connect(patience_s = 10): Promise<Connection> {
  const connection = contentOf(await connectRedis(server.url, patience_s));
  connections.push(connection);
  return connection;
}

const code = 'a'.repeat(64);
const all = (points: number) => rangesOfShard(points, { index: 1, of: 1 });

async function coordinate(made: Made, connection: Connection, left = all(made.points)): Promise<QueueExecutor> {
  const { columns } = await openMade(made);
  const key = createHash('sha256').update(JSON.stringify(made)).digest('hex');
  const opened = await openQueue(connection, { key, code, texts: madeTexts(made), columns }, left);
  return contentOf(opened);
}

/** A worker in this process. */
async function work(options: Partial<WorkerOptions> = {}, connection?: Connection) {
  const stop = new AbortController();
  const mishaps: string[] = [];
  const ended = workOnQueue(connection ?? (await connect()), {
    code,
    threads: 2,
    startPool: async ({ experiment }) => inThisThread(await openMade(JSON.parse(experiment.text) as Made), 2),
    lock_s: 1,
    signal: stop.signal,
    onMishap: (message) => mishaps.push(message),
    ...options,
  });
  return { ended, mishaps, stop: () => stop.abort() };
}

const sorted = (table: ReadonlyMap<number, string>) => new Map([...table].sort(([a], [b]) => a - b));
const keys = () => server.redis.keys('attnsim:rows:*');

test('two workers make the table, and nothing of it stays in Redis', async () => {
  const made = { points: 20_000, everySkipped: 3 };
  const workers = [await work(), await work()];
  const queue = await coordinate(made, await connect());
  const store = openMemory();
  expect(await runSweep(all(20_000), queue, store)).toMatchObject({ ok: true, value: 'done' });
  expect(queue.threads()).toBe(4);
  await queue.stop();
  for (const { stop, ended, mishaps } of workers) {
    stop();
    expect(await ended).toMatchObject({ ok: true });
    expect(mishaps).toEqual([]);
  }
  expect(sorted(store.table)).toEqual(await allLines(await openMade(made)));
  expect(await keys()).toEqual([]);
  expect(await server.redis.keys('bull:*:*-*-*')).toEqual([]);
});

test('what was given out when a run ended is taken up by the next, and not evaluated twice', async () => {
  const made = { points: 200 };
  const first = await coordinate(made, await connect());
  const lost = first.evaluate({ first: 40, count: 10 });
  const stored: number[] = [];
  const worker = await work({ onDone: ({ first }) => stored.push(first) });
  expect(await lost).toMatchObject({ ok: true });
  await first.stop();
  const again = await coordinate(made, await connect());
  expect(again.underWay).toEqual([{ first: 40, count: 10 }]);
  const store = openMemory();
  expect(await runSweep(all(200), again, store)).toMatchObject({ ok: true });
  expect(sorted(store.table)).toEqual(await allLines(await openMade(made)));
  expect(stored.filter((point) => point === 40)).toHaveLength(1);
  await again.stop();
  worker.stop();
  await worker.ended;
});

test('what an earlier run has stored but left in Redis is removed', async () => {
  const made = { points: 200 };
  const worker = await work();
  const first = await coordinate(made, await connect());
  for (const range of [10, 20]) expect(await first.evaluate({ first: range, count: 10 })).toMatchObject({ ok: true });
  await first.stop();
  expect(await keys()).toHaveLength(2);
  const again = await coordinate(made, await connect(), [{ first: 5, count: 20 }]);
  expect(again.underWay).toEqual([{ first: 10, count: 10 }]);
  expect(await keys()).toHaveLength(1);
  await again.stop();
  worker.stop();
  await worker.ended;
});

test('two that run the same sweep at a time both get the table', async () => {
  const made = { points: 300 };
  const queues = [await coordinate(made, await connect()), await coordinate(made, await connect())];
  const worker = await work();
  const stores = queues.map(() => openMemory());
  const ended = await Promise.all(queues.map((queue, i) => runSweep(all(300), queue, stores[i]!)));
  expect(ended).toMatchObject([{ ok: true }, { ok: true }]);
  for (const { table } of stores) expect(sorted(table)).toEqual(await allLines(await openMade(made)));
  for (const queue of queues) await queue.stop();
  worker.stop();
  await worker.ended;
});

test('several sweeps share workers', async () => {
  const sweeps = [{ points: 500 }, { points: 300, everySkipped: 2 }];
  const worker = await work();
  const tables = sweeps.map(async (made) => {
    const queue = await coordinate(made, await connect());
    const store = openMemory();
    await runSweep(all(made.points), queue, store);
    await queue.stop();
    return sorted(store.table);
  });
  for (const [i, made] of sweeps.entries()) expect(await tables[i]).toEqual(await allLines(await openMade(made)));
  worker.stop();
  await worker.ended;
});

describe('what goes wrong', () => {
  test('a Redis that comes back empty: all that was given out is given out again', async () => {
    const made = { points: 400, milliseconds: 2 };
    const queue = await coordinate(made, await connect());
    const worker = await work();
    const store = openMemory();
    let told = 0;
    const onStored = () => {
      if (++told === 4) void server.kill().then(server.start);
    };
    expect(await runSweep(all(400), queue, store, { onStored })).toMatchObject({ ok: true, value: 'done' });
    expect(sorted(store.table)).toEqual(await allLines(await openMade(made)));
    await queue.stop();
    worker.stop();
    await worker.ended;
  });

  test('a Redis that stays away ends both sides, and says how long it was waited for', async () => {
    const made = { points: 400, milliseconds: 5 };
    const queue = await coordinate(made, await connect(1));
    const worker = await work({}, await connect(1));
    let told = 0;
    const onStored = () => {
      if (++told === 2) void server.kill();
    };
    const message = `the queue ${server.url} has been away for 1 s`;
    const ended = await runSweep(all(400), queue, openMemory(), { onStored });
    expect(ended).toMatchObject({ ok: false, diagnostics: [{ code: 'bad-queue', message }] });
    expect(await worker.ended).toMatchObject({ ok: false, diagnostics: [{ code: 'bad-queue', message }] });
    await queue.stop();
    await server.start();
  });

  test('a Redis that takes nothing more', async () => {
    const made = { points: 100 };
    const queue = await coordinate(made, await connect());
    await server.redis.config('SET', 'maxmemory', '1');
    const ended = await runSweep(all(100), queue, openMemory());
    expect(ended).toMatchObject({ ok: false, diagnostics: [{ code: 'bad-queue' }] });
    expect(ended.ok ? '' : ended.diagnostics[0]?.message).toContain(
      'refuses: OOM command not allowed when used memory',
    );
    await server.redis.config('SET', 'maxmemory', '0');
    await queue.stop();
  });

  test('an evaluation that throws is a bug of ours; the worker goes on', async () => {
    const made = { points: 50, crashAt: 9 };
    const queue = await coordinate(made, await connect());
    const worker = await work();
    await expect(runSweep(all(50), queue, openMemory())).rejects.toThrow('a worker: point 9 is bad');
    await queue.stop();
    const other = await coordinate({ points: 5 }, await connect());
    expect(await runSweep(all(5), other, openMemory())).toMatchObject({ ok: true });
    await other.stop();
    worker.stop();
    await worker.ended;
    expect(worker.mishaps).toEqual(['point 9 is bad']);
    // What failed is tried again.
    const again = await coordinate(made, await connect());
    expect(again.underWay.filter(({ first, count }) => first <= 9 && 9 < first + count)).toEqual([]);
    await again.stop();
  });

  test('a batch of which every worker dies is not given out for ever', async () => {
    const queue = await coordinate({ points: 1 }, await connect());
    const evaluated = queue.evaluate({ first: 0, count: 1 });
    const dying = dyingWorker(await connect(), code);
    expect(await evaluated).toMatchObject({ ok: false, diagnostics: [{ code: 'lost-workers' }] });
    await queue.stop();
    await dying.close(true);
  });

  test('a worker of other code refuses; with none of its own to do', async () => {
    const queue = await coordinate({ points: 1 }, await connect());
    const other = await work({ code: 'b'.repeat(64) });
    const message = `the sweep on ${server.url} is of other code (aaaaaaaaaaaa) than this worker (bbbbbbbbbbbb)`;
    expect(await other.ended).toMatchObject({ ok: false, diagnostics: [{ code: 'other-code', message }] });
    await queue.stop();
  });
});

test('a worker that has had nothing to do for long enough ends', async () => {
  const worker = await work({ idle_s: 0.5 });
  expect(await worker.ended).toMatchObject({ ok: true });
});
