import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Result } from '../../src/diagnostic.ts';
import type { Identity } from '../../src/sweep/identity.ts';
import { createStore } from '../../src/sweep/store.ts';
import { outcomeColumns, type Range, type Rows } from '../../src/sweep/table.ts';
import { must } from '../mapper/inputs.ts';

/** A folder that is removed with all in it when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Two parameters and two metrics, one of them of a name with a dot. */
export const identity: Identity = {
  name: 'buffers',
  columns: [
    { name: 'rows', type: 'number', role: 'parameter' },
    { name: 'machine', type: 'text', role: 'parameter' },
    { name: 'latency_s', type: 'number', role: 'metric' },
    { name: 'utilization.Array2D', type: 'number', role: 'metric' },
    ...outcomeColumns,
  ],
  points: 1000,
  objectives: [
    { metric: 'latency_s', goal: 'minimize' },
    { metric: 'utilization.Array2D', goal: 'maximize' },
  ],
  code: 'c'.repeat(64),
  texts: { experiment: 'e'.repeat(64), 'hardware:fusemax': 'f'.repeat(64) },
};

const machines = ['fusemax', 'a "quoted", one', 'zwölf\nlines'];

/** Every seventh point is not in the space; every third fails and has no metrics; one has no machine, one takes forever. */
const isThere = (point: number): boolean => point % 7 !== 3;
const failed = (point: number): boolean => point % 3 === 2;

/** The rows of a range, which depend on the points alone. */
export function rowsOf({ first, count }: Range): Rows {
  const points = Float64Array.from({ length: count }, (_, i) => first + i).filter(isThere);
  const number = (value: (point: number) => number): Float64Array => points.map(value);
  const codes = (code: (point: number) => number): Int32Array => Int32Array.from(points, code);
  return {
    range: { first, count },
    points,
    columns: [
      number((p) => 2 ** (p % 40)),
      { texts: machines, codes: codes((p) => (p === 8 ? -1 : p % 3)) },
      number((p) => (failed(p) ? Number.NaN : p === 4 ? Number.POSITIVE_INFINITY : Math.sin(p) + 1.5)),
      number((p) => (failed(p) ? Number.NaN : (p % 11) / 11)),
      { texts: ['failed', 'ok', 'excluded'], codes: codes((p) => (failed(p) ? 0 : p % 5 === 0 ? 2 : 1)) },
      { texts: ['over-capacity: "L1" has no room'], codes: codes((p) => (failed(p) ? 0 : -1)) },
    ],
  };
}

/** Makes a store that has these ranges. */
export async function storeWith(path: string, ranges: readonly Range[], of: Identity = identity): Promise<void> {
  const store = must(await createStore(path, of));
  for (const range of ranges) must(await store.append(rowsOf(range)));
  await store.close();
}

export const codesOf = (result: Result<unknown>): readonly string[] =>
  result.ok ? [] : result.diagnostics.map((d) => d.code);
