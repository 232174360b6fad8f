// Points a second through threads and store: `npm run build && node test/bench/sweep.js`.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPool } from '../../dist/sweep/pool.js';
import { runSweep } from '../../dist/sweep/run-sweep.js';
import { createStore } from '../../dist/sweep/store.js';
import { openSweep } from '../sweep/made-sweep.js';

const worker = new URL('../sweep/made-worker.js', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));

function must(result) {
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  return result.value;
}

/** Microseconds a point of a sweep whose points take so long each, in so many threads, from the first thread to the last row. */
async function measure(points, microseconds, threads) {
  const texts = { experiment: { name: 'made', text: JSON.stringify({ points, microseconds }) }, files: {} };
  const { columns } = must(await openSweep(texts));
  const identity = { name: 'made', columns, points, objectives: [], code: '', texts: {} };
  const path = join(folder, `${points}-${microseconds}-${threads}.duckdb`);
  const store = must(await createStore(path, identity));
  const began = performance.now();
  const pool = await startPool(texts, threads, { worker });
  must(await runSweep([{ first: 0, count: points }], pool, store));
  await pool.stop();
  await store.close();
  return ((performance.now() - began) / points) * 1000;
}

const text = (microseconds) =>
  `${microseconds.toFixed(2)} us a point, ${(1 / microseconds).toFixed(3)} million a second`;

process.stdout.write(`${availableParallelism()} cores\n`);
for (const threads of [1, 2])
  process.stdout.write(
    `2 million points that take nothing, ${threads} threads: ${text(await measure(2e6, 0, threads))}\n`,
  );
for (let threads = 1; threads <= Math.max(2, availableParallelism()); threads *= 2)
  process.stdout.write(`200000 points of 50 us, ${threads} threads: ${text(await measure(2e5, 50, threads))}\n`);
rmSync(folder, { recursive: true });
