import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { spatten } from '../../src/validate/suites/spatten/spatten.ts';
import { codesOf, must } from '../mapper/inputs.ts';

const read = (rows: unknown) => spatten.readPoints({ name: 'points.json', text: JSON.stringify(rows) }, packageFile);

const layer = { queries: 8, keys: 8, heads: 1, key_bits: 8, value_bits: 4, multipliers: 64, dram_channels: 2 };

test('in one list a row is of the kind whose fields it has', async () => {
  const points = must(
    await read([
      { ...layer, layer_cycles: 100 },
      { length: 64, kept: 8, comparators: 4, top_k_cycles: 50 },
      { schedule: 'gpt2-small-wikitext2', hardware: 'spatten-eighth', qk_cycles: 1 },
      { schedule: 'gpt2-small-wikitext2', top_k: 'serial', tflops: 0.4 },
      { schedule: 'gpt2-small-wikitext2', against: 'gpt2-small-wikitext2-dense', by: 'pruning', dram_reduction: 4 },
    ]),
  );
  const kinds = ['BERT layer', 'top-k', 'trace', 'throughput', 'DRAM reduction'];
  expect(points.map(({ series }) => series)).toEqual(kinds);
  expect(points.map(({ published }) => [...published])).toEqual([
    [['layer_cycles', 100]],
    [['top_k_cycles', 50]],
    [['qk_cycles', 1]],
    [['tflops', 0.4]],
    [['dram_reduction', 4]],
  ]);
  // A run for rows that are alike, with all of them as heads; of a reduction, those of both schedules.
  expect(points.map(({ runs }) => runs.length)).toEqual([1, 1, 5, 5, 9]);
  expect(points[2]!.runs.reduce((rows, { sizes }) => rows + sizes['H']!, 0)).toBe(12 * 12 * 32);
});

test('the share of rows that need the low bits is that of the schedule; all where the test bench forces them', async () => {
  const points = must(
    await read([
      { schedule: 'gpt2-small-wikitext2', hardware: 'spatten' },
      { schedule: 'gpt2-medium-wikitext2', hardware: 'spatten' },
    ]),
  );
  const [small, medium] = points.map(({ runs }) => runs);
  const low = small!.reduce((sum, { sizes, densities }) => sum + sizes['H']! * densities!['G']!, 0);
  expect(low).toBeCloseTo(323, 9);
  expect(new Set(medium!.map(({ densities }) => densities!['G']))).toEqual(new Set([1]));
  expect(new Set(medium!.map(({ formats }) => formats!['K0']))).toEqual(new Set(['int8']));
});

test.each([
  [{ traces: [{ schedule: 'gpt3', hardware: 'spatten' }] }, 'unknown-name'],
  [{ bert: [{ ...layer, key_bits: 6 }] }, 'unknown-name'],
  [{ top_k: [{ length: 64, kept: 8 }] }, 'missing-field'],
  [{ layers: [] }, 'missing-field'],
])('mistakes in points are told: %j', async (rows, code) => {
  expect(codesOf(await read(rows))).toEqual([code]);
});
