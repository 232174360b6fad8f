import { expect, test } from 'vitest';
import { InternalError } from '../../src/invariant.ts';
import { startPool } from '../../src/sweep/pool.ts';
import { runSweep } from '../../src/sweep/run-sweep.ts';
import { rangesOfShard } from '../../src/sweep/shard.ts';
import { allLines, madeTexts, openMade, openMemory } from './made.ts';
import type { Made } from './made-sweep.js';

const start = (made: Made, threads: number) =>
  startPool(madeTexts(made), threads, { worker: new URL('./made-worker.js', import.meta.url) });

test.each([1, 2, 8])('%i threads make the same table', async (threads) => {
  const made = { points: 50_000, everySkipped: 3 };
  const pool = await start(made, threads);
  const store = openMemory();
  expect(await runSweep(rangesOfShard(50_000, { index: 1, of: 1 }), pool, store)).toMatchObject({ ok: true });
  await pool.stop();
  expect(new Map([...store.table].sort(([a], [b]) => a - b))).toEqual(await allLines(await openMade(made)));
});

test.each([
  ['throws', { points: 100, crashAt: 40 }, /^evaluating points \d+ to \d+: point 40 is bad$/],
  ['ends', { points: 100, endAt: 40 }, /^evaluating points \d+ to \d+: worker exited with code: 3$/],
])('a thread that %s is a bug of ours, and what was stored stays', async (_, made, message) => {
  const pool = await start(made, 1);
  const store = openMemory();
  const ended = runSweep(rangesOfShard(100, { index: 1, of: 1 }), pool, store);
  await expect(ended).rejects.toThrow(InternalError);
  await expect(ended).rejects.toThrow(message);
  await pool.stop();
  expect(store.ranges).toContainEqual({ first: 0, count: 1 });
});

test('a thread that cannot be loaded is told, not waited for', async () => {
  const worker = new URL('./no-such-worker.js', import.meta.url);
  const pool = await startPool(madeTexts({ points: 1 }), 2, { worker });
  await expect(pool.evaluate({ first: 0, count: 1 })).rejects.toThrow('no-such-worker.js');
  await pool.stop();
});

test('what is under way is given up when the pool stops', async () => {
  const pool = await start({ points: 1, milliseconds: 60_000 }, 1);
  const evaluated = pool.evaluate({ first: 0, count: 1 });
  const told = expect(evaluated).rejects.toThrow(InternalError);
  await pool.stop();
  await told;
});
