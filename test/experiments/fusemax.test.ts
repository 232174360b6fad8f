import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fusemax } from '../../experiments/fusemax/experiment.ts';
import { packageRoot } from '../../experiments/job.ts';
import { withBlock } from '../../experiments/part.ts';
import { executeAll } from '../../experiments/pool.ts';
import { present } from '../../experiments/results.ts';
import { normalised } from '../report/fixtures.ts';

const folder = join(packageRoot, 'experiments/fusemax');
const committed = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Closed form, and so quick; the others are as they are until somebody runs the command. */
const checked = ['pareto', 'exponential', 'decoding'];
const parts = [...(await fusemax.parts())].filter(([name]) => checked.includes(name));

test.each(parts)('%s: tables and figures are those that the command makes', async (_, part) => {
  const files = await present([part], await executeAll(part.jobs, 0), committed('README.md'));
  expect(files.size).toBeGreaterThan(0);
  for (const [path, text] of files)
    expect(normalised(text), `npm run build && npm run experiment -- fusemax writes ${path}`).toBe(
      normalised(committed(path)),
    );
});

test('a table goes between its marks, and a document without them is refused', () => {
  const document = 'a\n<!-- table t -->\nold\n<!-- end -->\nb\n';
  expect(withBlock(document, 't', 'new\n')).toBe('a\n<!-- table t -->\nnew\n<!-- end -->\nb\n');
  expect(() => withBlock(document, 'other', '')).toThrow('no place for "other"');
});

test('outcomes do not depend on the number of workers', async () => {
  // Workers load what is built.
  const built = join(packageRoot, 'dist/experiments/pool.js');
  const pool = (await import(built)) as { executeAll: typeof executeAll };
  const jobs = parts.find(([name]) => name === 'pareto')![1].jobs.slice(0, 6);
  expect(await pool.executeAll(jobs, 2)).toEqual(await executeAll(jobs, 0));
});
