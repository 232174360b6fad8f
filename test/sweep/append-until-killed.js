// Appends ranges to a store, in an order of its own, until it is killed or all are done:
// `node append-until-killed.js STORE SEED IDENTITY [RANGES|read]`.
import '@duckdb/node-api';
import { allRows } from '../../dist/sweep/answer.js';
import { openStoreForReading } from '../../dist/sweep/read-store.js';
import { resumeStore } from '../../dist/sweep/store.js';

// Whom permissions bind; modules are loaded before.
if (process.env['AS_NOBODY'] === '1' && process.getuid() === 0) process.setuid(65534);

const [path, seed, identityText, limit] = process.argv.slice(2);
const identity = JSON.parse(identityText);

/** Any order will do; the same for the same seed. */
let state = Number(seed) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Rows of ten columns, of the points alone. */
function rowsOf(range) {
  const points = Float64Array.from({ length: range.count }, (_, i) => range.first + i);
  const columns = identity.columns.map(({ type }, k) =>
    type === 'number'
      ? points.map((p) => p * (k + 1))
      : { texts: ['ok', 'failed', 'excluded'], codes: Int32Array.from(points, (p) => p % 3) },
  );
  return { range, points, columns };
}

const must = (result) => {
  if (result.ok) return result.value;
  process.stdout.write(`${result.diagnostics[0].code}: ${result.diagnostics[0].message}\n`);
  process.exit(1);
};
if (limit === 'read') {
  const reader = must(await openStoreForReading(path));
  process.stdout.write(`${await allRows(await reader.ask('SELECT count(*) FROM points'))} rows\n`);
  reader.close();
  process.exit(0);
}
const store = must(await resumeStore(path, identity));
const size = 500;
const blocks = Array.from({ length: Math.ceil(identity.points / size) }, (_, i) => i).sort(() => random() - 0.5);
process.stdout.write('open\n');
for (const block of blocks.slice(0, Number(limit ?? blocks.length))) {
  // Ranges overlap what may be done.
  const first = Math.max(0, block * size - Math.floor(random() * 200));
  must(await store.append(rowsOf({ first, count: Math.min(identity.points, (block + 1) * size) - first })));
  process.stdout.write('.');
}
await store.close();
