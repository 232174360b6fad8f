// Speed of the store of a sweep as it ships, in a process of its own: `npm run build && node test/bench/store.js`.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFront } from '../../dist/sweep/best-points.js';
import { exportTable } from '../../dist/sweep/export.js';
import { openStoreForReading } from '../../dist/sweep/read-store.js';
import { createStore } from '../../dist/sweep/store.js';

const must = (result) => {
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  return result.value;
};

const million = 1e6;
const numbers = Array.from({ length: 20 }, (_, i) => ({
  name: `number_${i}`,
  type: 'number',
  role: i < 5 ? 'parameter' : 'metric',
}));
const columns = [
  ...numbers,
  { name: 'machine', type: 'text', role: 'parameter' },
  { name: 'status', type: 'text', role: 'outcome' },
  { name: 'diagnostic', type: 'text', role: 'outcome' },
];
const objectives = [
  { metric: 'number_5', goal: 'minimize' },
  { metric: 'number_6', goal: 'minimize' },
];
const identity = { name: 'bench', columns, points: million, objectives, code: 'c', texts: { experiment: 'e' } };
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));

/** Rows of which no two are alike; what it takes to make them is not measured. */
function rowsOf(first, count) {
  const points = Float64Array.from({ length: count }, (_, i) => first + i);
  const texts = ['ok', 'over-capacity: "L1" has no room', 'fusemax'];
  const cells = columns.map(({ name, type }, k) => {
    if (type === 'number') return points.map((p) => 2 + Math.sin(p * (k + 1)));
    const codes = { machine: 2, status: 0, diagnostic: -1 };
    return { texts, codes: new Int32Array(count).fill(codes[name]) };
  });
  return { range: { first, count }, points, columns: cells };
}

const since = (began) => (performance.now() - began) / 1000;
const say = (text) => process.stdout.write(`${text}\n`);

async function append(batch) {
  const path = join(folder, `${batch}.duckdb`);
  const store = must(await createStore(path, identity));
  let seconds = 0;
  for (let first = 0; first < million; first += batch) {
    const rows = rowsOf(first, batch);
    const began = performance.now();
    must(await store.append(rows));
    seconds += since(began);
  }
  const began = performance.now();
  await store.close();
  seconds += since(began);
  const size = `${(statSync(path).size / 2 ** 20).toFixed(0)} MiB in the file`;
  const most = `${(process.resourceUsage().maxRSS / 2 ** 10).toFixed(0)} MiB of memory so far`;
  say(
    `store: a million rows of 23 columns, ${batch} at a time: ${(million / seconds / 1e3).toFixed(0)} thousand rows a second; ${size}, ${most}`,
  );
  return path;
}

async function measure(what, run) {
  const began = performance.now();
  await run();
  say(`store: ${what}: ${since(began).toFixed(2)} s`);
}

try {
  await append(1000);
  const path = await append(10_000);
  await measure('front of two objectives among a million points', async () => {
    const reader = must(await openStoreForReading(path));
    must(await findFront(reader, objectives, { name: '--where', text: 'true' }));
    reader.close();
  });
  for (const format of ['.csv', '.parquet'])
    await measure(`all rows to ${format}`, async () =>
      must(await exportTable(path, { path: `${path}${format}`, format })),
    );
} finally {
  rmSync(folder, { recursive: true });
}
