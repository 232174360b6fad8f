import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindSizes, checkCascade, evaluateCascade, parseCascade, randomInputs, uniformDraws } from 'attnsim';
import { expect, test } from 'vitest';
import { packageRoot, packageText, runs } from '../../experiments/job.ts';
import { executeAll } from '../../experiments/pool.ts';
import { present } from '../../experiments/results.ts';
import { readReported, readSchedules, right } from '../../experiments/spatten/data.ts';
import { drawRows, quantile } from '../../experiments/spatten/draws.ts';
import { spatten } from '../../experiments/spatten/experiment.ts';
import { runsAndDraws } from '../../experiments/spatten/kind.ts';
import { expectedEntries } from '../../experiments/spatten/passes.ts';
import { scheduleJobs, totalsOf } from '../../experiments/spatten/rows.ts';
import { modelsOf } from '../../experiments/spatten/steps.ts';
import { normalised } from '../report/fixtures.ts';

const folder = join(packageRoot, 'experiments/spatten');
const committed = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Those that are quick; the others are as they are until somebody runs the command. */
const quick = ['reduction', 'roofline', 'baselines', 'engines', 'gpu', 'passes'];
const parts = await spatten.parts();

test.each(quick)('%s: tables and figures are those that the command makes', async (name) => {
  const part = parts.get(name)!;
  const outcomes = await executeAll(runsAndDraws, part.jobs, 0);
  const files = await present(runsAndDraws, [part], outcomes, committed('README.md'));
  for (const [path, text] of files)
    expect(normalised(text), `npm run build && npm run experiment -- spatten writes ${path}`).toBe(
      normalised(committed(path)),
    );
});

test('every table of the document has been made, by the parts that there are', () => {
  const tables = [...committed('README.md').matchAll(/<!-- table (.*) -->\n(.*)/g)];
  for (const [, name, first] of tables) expect(first, `${name} is empty`).not.toBe('<!-- end -->');
  const figures = [...committed('README.md').matchAll(/\]\(figures\/(.*)\.svg\)/g)];
  for (const [, name] of figures) expect(committed(`figures/${name}.svg`)).toContain('<svg');
});

test('without head pruning there are as many rows as dense: layers x heads x steps', async () => {
  for (const { dense, allHeads } of modelsOf(await readSchedules(), await readReported())) {
    const rows = (schedule: typeof dense): number => schedule.reduce((sum, alike) => sum + alike.rows, 0);
    expect(rows(allHeads)).toBe(rows(dense));
  }
});

test('draws are the same every time, and rising', () => {
  const selector = {
    algorithm: 'quick-select',
    comparators: 16,
    pass_cycles: 3,
    fill_elements_per_cycle: 8,
    overlap: 0,
    capacity_elements: 2048,
    engines: 1,
  } as const;
  const job = { selector, n: 200, k: 40, values: 'probabilities', rows: 50, seed: 3 } as const;
  const { cycles } = drawRows(job);
  expect(drawRows(job).cycles).toEqual(cycles);
  expect(cycles.toSorted((a, b) => a - b)).toEqual(cycles);
  // Taking the row in is 25 cycles, a pass over it 13 and 3.
  expect(cycles[0]).toBeGreaterThanOrEqual(25 + 16);
});

test('a quantile is the least that so many do not exceed', () => {
  const rising = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect([0, 0.1, 0.5, 0.95, 1].map((share) => quantile(rising, share))).toEqual([1, 1, 5, 10, 10]);
});

test('useful operations are two a key and a value and dimension, whatever is computed again', async () => {
  const [small] = modelsOf(await readSchedules(), await readReported());
  const jobs = scheduleJobs(small!.pruned, small!.released);
  const outcomes = await executeAll(runs, jobs, 0);
  // Keys and values of the released workload, added up row by row.
  expect(totalsOf((job) => outcomes.get(runs.keyOf(job))!, jobs).flops).toBe(2 * 64 * (1_283_172 + 255_180));
});

test('with its divisions put off a layer of SpAtten has the same values', async () => {
  const sizes = new Map(Object.entries({ B: 2, H: 4, P: 2, M: 12, E: 2, F: 3, KEPT: 4 }));
  const executed = async (path: string) => {
    const checked = right(checkCascade(right(parseCascade(await packageText(path)))));
    const workload = right(bindSizes(checked, sizes));
    return evaluateCascade(workload, randomInputs(workload, 1));
  };
  const plain = await executed('cascades/spatten-layer.einsum');
  const deferred = await executed('experiments/spatten/cascades/spatten-layer-deferred.einsum');
  for (const name of ['AV', 'IT', 'IH'])
    for (const [i, value] of plain.get(name)!.values.entries())
      expect(deferred.get(name)!.values[i]).toBeCloseTo(value, 12);
  expect(deferred.get('G')!.exists).toEqual(plain.get('G')!.exists);
  expect(new Set(plain.get('G')!.exists)).toEqual(new Set([0, 1]));
});

test('as many elements of random rows are among the k largest so far as expected', () => {
  const [n, k, rows] = [200, 20, 4000];
  const draw = uniformDraws(7);
  let entries = 0;
  for (let row = 0; row < rows; row++) {
    const largest: number[] = [];
    for (let j = 0; j < n; j++) {
      const element = draw();
      if (largest.length === k && element < largest[0]!) continue;
      entries++;
      if (largest.length === k) largest.shift();
      largest.push(element);
      largest.sort((a, b) => a - b);
    }
  }
  expect(entries / rows / expectedEntries(n, k)).toBeCloseTo(1, 2);
});
