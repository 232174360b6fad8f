import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fusemax } from '../../experiments/fusemax/experiment.ts';
import { packageRoot, runs } from '../../experiments/job.ts';
import { withBlock, wrapped } from '../../experiments/part.ts';
import { executeAll } from '../../experiments/pool.ts';
import { present } from '../../experiments/results.ts';
import { normalised } from '../report/fixtures.ts';

const folder = join(packageRoot, 'experiments/fusemax');
const committed = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Those without a simulation, which are quick; the others are as they are until somebody runs the command. */
const parts = [...(await fusemax.parts())].filter(([, part]) => part.jobs.every((job) => job.model === 'analytic'));

test('most parts are closed form', () => {
  const closed = ['attention', 'headlines', 'utilization', 'layers', 'pareto', 'exponential', 'decoding'];
  expect(parts.map(([name]) => name)).toEqual(closed);
});

test.each(parts)('%s: tables and figures are those that the command makes', async (_, part) => {
  const files = await present(runs, [part], await executeAll(runs, part.jobs, 0), committed('README.md'));
  expect(files.size).toBeGreaterThan(0);
  for (const [path, text] of files)
    expect(normalised(text), `npm run build && npm run experiment -- fusemax writes ${path}`).toBe(
      normalised(committed(path)),
    );
});

test('every table of the document has been made', () => {
  const tables = [...committed('README.md').matchAll(/<!-- table (.*) -->\n(.*)/g)];
  expect(tables.length).toBeGreaterThan(20);
  for (const [, name, first] of tables) expect(first, `${name} is empty`).not.toBe('<!-- end -->');
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
  expect(await pool.executeAll(runs, jobs, 2)).toEqual(await executeAll(runs, jobs, 0));
});

test('text is wrapped: no word is lost, no line is longer than a word or the width', () => {
  const text = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, fc.integer({ min: 9, max: 40 }), (given, width) => {
      const lines = wrapped(given, width).trimEnd().split('\n');
      expect(lines.join(' ')).toBe(given);
      for (const [i, line] of lines.entries()) {
        expect(line.length).toBeLessThanOrEqual(width);
        const next = lines[i + 1]?.split(' ')[0];
        if (next !== undefined) expect(`${line} ${next}`.length).toBeGreaterThan(width);
      }
    }),
  );
  expect(wrapped('a\n\nb c')).toBe('a\n\nb c\n');
});
