import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../experiments/job.ts';
import { executeAll } from '../../experiments/pool.ts';
import { present } from '../../experiments/results.ts';
import { readReported, readSchedules } from '../../experiments/spatten/data.ts';
import { drawRows, quantile } from '../../experiments/spatten/draws.ts';
import { spatten } from '../../experiments/spatten/experiment.ts';
import { runsAndDraws } from '../../experiments/spatten/kind.ts';
import { modelsOf } from '../../experiments/spatten/steps.ts';
import { normalised } from '../report/fixtures.ts';

const folder = join(packageRoot, 'experiments/spatten');
const committed = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Those that are quick; the others are as they are until somebody runs the command. */
const quick = ['reduction', 'roofline', 'baselines', 'engines'];
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
