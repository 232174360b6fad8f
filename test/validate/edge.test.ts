import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { checkValidation } from '../../src/report/validation-schema.ts';
import { openLibrary } from '../../src/validate/library.ts';
import type { Point } from '../../src/validate/suite.ts';
import { edge } from '../../src/validate/suites/edge/edge.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { must } from '../mapper/inputs.ts';

const library = openLibrary(packageFile);
const evaluation = { model: 'analytic', accounting: 'physical' } as const;
const shipped = readFileSync(join(import.meta.dirname, '../../experiments/edge/points.json'), 'utf8');

const readPoints = async (text: string): Promise<readonly Point[]> =>
  must(await edge.readPoints({ name: 'own.json', text }, packageFile));

const rate = {
  device: 'Raspberry Pi 5',
  model: 'Llama-3.2-3B',
  quant: 'Q4_K_M',
  phase: 'decode',
  tokens: 128,
  tokens_per_s: 5,
};
const pointOf = async (row: object): Promise<Point> => (await readPoints(JSON.stringify([{ ...rate, ...row }])))[0]!;

/** Predicted tokens a second. */
async function predicted(row: object): Promise<number> {
  const point = await pointOf(row);
  const outcomes = await Promise.all(point.runs.map(async (run) => must(await library.evaluate(run, evaluation))));
  return edge.figures[0]!.read(outcomes, point)!;
}

/** Bytes of weights that a token reads. */
async function weightBytes(row: object): Promise<number> {
  const { runs } = await pointOf({ ...row, phase: 'decode' });
  let sum = 0;
  for (const run of runs) {
    const { metrics } = must(await library.evaluate(run, evaluation));
    for (const [tensor, { read_bytes }] of metrics.accesses.get('DRAM')!) if (/^W|^B$/.test(tensor)) sum += read_bytes;
  }
  return sum;
}

test('every row that ships is predicted, or says why not', async () => {
  const points = await readPoints(shipped);
  expect(points).toHaveLength(41);
  for (const { runs, aside } of points) expect(runs.length > 0).toBe(aside === undefined);
  const left = (reason: string): number => points.filter(({ aside }) => aside?.startsWith(reason)).length;
  const reasons = ['not a CPU', 'no spec ships', 'the device is not named', 'sizes of', 'several machines'];
  expect(reasons.map(left)).toEqual([10, 10, 3, 2, 1]);
  const options = { model: 'analytic', pointsName: 'points.json', claims: [], library } as const;
  const { validation, diagnostics } = await validatePoints(edge, points, options);
  await checkValidation(validation);
  expect(diagnostics).toEqual([]);
});

// Of files at large: their bytes as llama.cpp and its users print them. The embedding of tokens is read by rows.
test.each([
  ['Llama-3.2-3B', 'Q4_K_M', 2_019_377_696, 0],
  ['Llama-3.2-1B', 'Q4_0', 727.75 * 2 ** 20, 0],
  ['TinyLlama-1.1B', 'Q4_K_M', 636.18 * 2 ** 20, (32000 * 2048 * 4.5) / 8],
])('a token of %s in %s reads what its file has', async (model, quant, file, embedding) => {
  const bytes = await weightBytes({ model, quant });
  // Norms, the vocabulary and the table of contents are in the file besides: 8 MB.
  expect(bytes + embedding).toBeLessThan(file);
  expect(bytes + embedding).toBeGreaterThan(0.99 * file);
});

test('a token takes as long as its bytes over the bandwidth', async () => {
  const bytes = await weightBytes({});
  const keys = 28 * 2 * 8 * 64 * 128 * 2;
  const bound = 10.2e9 / (bytes + keys);
  expect(await predicted({})).toBeLessThan(bound);
  expect(await predicted({})).toBeGreaterThan(0.98 * bound);
});

test('trends: fewer bits and shorter contexts are faster, a prompt is many tokens at once, more cores do not help memory', async () => {
  expect(await predicted({ quant: 'Q4_0' })).toBeGreaterThan(await predicted({ quant: 'Q8_0' }));
  expect(await predicted({ tokens: 128 })).toBeGreaterThan(await predicted({ tokens: 8192 }));
  expect(await predicted({ phase: 'prefill' })).toBeGreaterThan(2 * (await predicted({})));
  const [two, four] = [await predicted({ threads: 2 }), await predicted({ threads: 4 })];
  expect(four / two).toBeLessThan(1.02);
  const prompts = [
    await predicted({ phase: 'prefill', threads: 2 }),
    await predicted({ phase: 'prefill', threads: 4 }),
  ];
  expect(prompts[1]! / prompts[0]!).toBeGreaterThan(1.9);
});

test('of experts a token reads those that it is for, a prompt all', async () => {
  const sizes = async (row: object): Promise<Readonly<Record<string, number>>> =>
    (await pointOf({ model: 'Qwen3-30B-A3B', ...row })).runs[0]!.sizes;
  expect(await sizes({})).toMatchObject({ X: 8, T: 1 });
  expect(await sizes({ phase: 'prefill', tokens: 512 })).toMatchObject({ X: 128, T: 32 });
});

test.each([
  [{ device: 'Snapdragon X Elite, Hexagon NPU' }, 'not a CPU: an NPU'],
  [{ device: 'Apple M1 7-core GPU' }, 'not a CPU: a GPU'],
  [{ device: 'Pentium 4' }, 'no spec ships for this CPU'],
  [{ model: 'Bloom' }, 'sizes of Bloom are not among models.json'],
  [{ quant: 'Q9' }, 'formats of Q9 are not among models.json'],
  [{ phase: 'generate' }, 'neither decode nor prefill alone: generate'],
])('%o is told: %s', async (row, aside) => {
  expect(await pointOf(row)).toMatchObject({ aside, runs: [] });
});

test('a name may say of how many cores it is', async () => {
  const cores = async (row: object): Promise<string | undefined> => (await pointOf(row)).runs[0]!.parameters['CORES'];
  expect(await cores({ device: 'Snapdragon X Elite, 8 Oryon CPU cores' })).toBe('8');
  expect(await cores({ device: 'Snapdragon X Elite', threads: 12 })).toBe('12');
  expect(await cores({ device: 'Snapdragon X Elite' })).toBe('12');
  // Of threads there may be more than the cores that are modelled.
  expect(await cores({ device: 'Intel Core i9-13900K', threads: 24 })).toBe('8');
});
