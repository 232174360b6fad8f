import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnostic, failure, success } from '../../src/diagnostic.ts';
import type { Executor } from '../../src/sweep/executor.ts';
import { runSweep } from '../../src/sweep/run-sweep.ts';
import { rangesOfShard } from '../../src/sweep/shard.ts';
import { runs } from '../runs.ts';
import { allLines, inThisThread, openMade, openMemory } from './made.ts';

const all = (points: number) => rangesOfShard(points, { index: 1, of: 1 });

test('the table is the same for any number of workers, whatever was under way', async () => {
  const range = fc.record({ first: fc.nat(50), count: fc.integer({ min: 1, max: 10 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2000),
      fc.nat(4),
      fc.integer({ min: 1, max: 8 }),
      range,
      async (points, skipped, n, other) => {
        const sweep = await openMade({ points, everySkipped: skipped });
        const store = openMemory();
        const underWay = other.first + other.count <= points ? [other] : [];
        const ended = await runSweep(all(points), inThisThread(sweep, n, underWay), store);
        expect(ended).toEqual(success('done'));
        expect(new Map([...store.table].sort(([a], [b]) => a - b))).toEqual(await allLines(sweep));
      },
    ),
    { numRuns: runs(50) },
  );
});

test('shards together are the whole', async () => {
  const sweep = await openMade({ points: 1000, everySkipped: 3 });
  const store = openMemory();
  for (const index of [3, 1, 2]) await runSweep(rangesOfShard(1000, { index, of: 3 }), inThisThread(sweep), store);
  expect(store.table).toEqual(await allLines(sweep));
});

test('of each worker one batch is under way and one waits, those that wait for the store among them', async () => {
  const sweep = await openMade({ points: 100, milliseconds: 0.1 });
  const store = openMemory();
  let underWay = 0;
  let most = 0;
  const inner = inThisThread(sweep, 3);
  const counting: Executor = {
    ...inner,
    evaluate: (range) => {
      most = Math.max(most, ++underWay);
      return inner.evaluate(range);
    },
  };
  const slow = {
    append: async (rows: Parameters<typeof store.append>[0]) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const appended = await store.append(rows);
      underWay--;
      return appended;
    },
  };
  await runSweep(all(100), counting, slow);
  expect(most).toBe(6);
  expect(store.table.size).toBe(100);
});

describe('a run that ends early', () => {
  test('when told to: what is stored is whole, and the rest can be done later', async () => {
    const sweep = await openMade({ points: 300, milliseconds: 0.01 });
    const store = openMemory();
    const stop = new AbortController();
    let told = 0;
    const ended = await runSweep(all(300), inThisThread(sweep, 2), store, {
      signal: stop.signal,
      onStored: () => {
        if (++told === 3) stop.abort();
      },
    });
    expect(ended).toEqual(success('stopped'));
    const before = store.ranges.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.ranges.length).toBe(before);
    expect(store.table.size).toBeLessThan(300);
  });

  test('before it began', async () => {
    const sweep = await openMade({ points: 10 });
    const store = openMemory();
    const ended = await runSweep(all(10), inThisThread(sweep), store, { signal: AbortSignal.abort() });
    expect(ended).toEqual(success('stopped'));
    expect(store.ranges).toEqual([]);
  });

  test('when the store refuses: nothing more is appended', async () => {
    const full = failure([diagnostic('unwritable-file', 'no space is left', undefined)]);
    let appended = 0;
    const store = {
      append: async () => {
        appended++;
        return full;
      },
    };
    const ended = await runSweep(all(1000), inThisThread(await openMade({ points: 1000 }), 4), store);
    expect(ended).toEqual(full);
    expect(appended).toBe(1);
  });

  test('when the executor has gone', async () => {
    const gone = failure([diagnostic('unreadable-file', 'gone', undefined)]);
    const inner = inThisThread(await openMade({ points: 100 }));
    const executor: Executor = { ...inner, evaluate: async (r) => (r.first < 20 ? inner.evaluate(r) : gone) };
    expect(await runSweep(all(100), executor, openMemory())).toEqual(gone);
  });

  test('when evaluating throws', async () => {
    const sweep = await openMade({ points: 100, crashAt: 70 });
    await expect(runSweep(all(100), inThisThread(sweep, 2), openMemory())).rejects.toThrow('point 70 is bad');
  });
});
