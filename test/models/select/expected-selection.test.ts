import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Selector, selectionAlgorithms } from '../../../src/arch/machine.ts';
import {
  expectedRun,
  latencyCycles,
  rowProblem,
  selectorParts,
  serviceCycles,
} from '../../../src/models/select/expected-selection.ts';
import { selectRow } from '../../../src/models/select/selection.ts';
import { uniformDraws } from '../../../src/models/select/uniform.ts';
import published from '../../published/spatten-selection.json' with { type: 'json' };
import { runs } from '../../runs.ts';
import { selectorWith } from './selectors.ts';

test.each([...published.vectors, ...published.parallelism_sweep])(
  'released latency model: $length, target $target_rank_zero_based, $comparators',
  (point) => {
    const { length, target_rank_zero_based, comparators, mean_cycles_montecarlo } = point;
    const { cycles } = expectedRun(selectorWith({ comparators }), length, target_rank_zero_based + 1);
    expect(Math.abs(cycles / mean_cycles_montecarlo - 1)).toBeLessThan(0.015);
  },
);

test.each(published.vectors)('its passes and elements: $length, target $target_rank_zero_based', (point) => {
  const expected = expectedRun(selectorWith(), point.length, point.target_rank_zero_based + 1);
  // As many digits as are stated.
  expect(Math.abs(expected.passes / point.expected_passes - 1)).toBeLessThan(1e-4);
  expect(Math.abs(expected.scanned_elements / point.expected_elements_scanned - 1)).toBeLessThan(1e-4);
});

test.each(selectionAlgorithms)('%s: more comparators or engines never take longer', (algorithm) => {
  const comparators = fc.integer({ min: 1, max: 80 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3000 }), fc.nat(3000), comparators, comparators, (n, k, some, more) => {
      const at = (changed: object): number => serviceCycles(selectorWith({ algorithm, ...changed }), n, k);
      const few = at({ comparators: some });
      expect(at({ comparators: some + more })).toBeLessThanOrEqual(few + 1e-9);
      expect(at({ comparators: some, engines: 3 })).toBeCloseTo(few / 3, 9);
    }),
    { numRuns: runs(300) },
  );
});

test('rows one after the other, overlapped, and on several engines', () => {
  const at = (changed: object): number => serviceCycles(selectorWith(changed), 1024, 205);
  const run = expectedRun(selectorWith(), 1024, 205).cycles;
  const fill = 1024 / 8;
  expect(at({ overlap: 0 })).toBeCloseTo(fill + run, 9);
  expect(at({ overlap: 1 })).toBeCloseTo(run, 9);
  expect(at({ overlap: 0.5 })).toBeCloseTo(run + fill / 2, 9);
  expect(at({ overlap: 0, engines: 4 })).toBeCloseTo((fill + run) / 4, 9);
  expect(at({ overlap: 1, fill_elements_per_cycle: 1 })).toBe(1024);
  expect(at({ overlap: 0, fill_elements_per_cycle: Number.POSITIVE_INFINITY })).toBeCloseTo(run, 9);
  expect(latencyCycles(selectorWith({ engines: 4 }), 1024, 205)).toBeCloseTo(fill + run + fill, 9);
});

test('the table of docs/hardware.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/hardware.md'), 'utf8');
  const row = (engine: string, changed: Partial<Selector>): string => {
    const at = (n: number, k: number): number => Math.round(serviceCycles(selectorWith(changed), n, k));
    return `| \`overlap\` ${changed.overlap}${engine} | ${at(1024, 204)} | ${at(204, 40)} |\n`;
  };
  const slow = { overlap: 0, fill_elements_per_cycle: 1 };
  for (const expected of [
    row(': the released latency model by itself', { overlap: 1 }),
    row(': the released engine takes scores in one state only', { overlap: 0 }),
    row(', 2 engines', { overlap: 0, engines: 2 }),
    row(', 64 comparators', { overlap: 1, comparators: 64 }),
    row(', 1 element a cycle: an eighth of the lanes, the same latency model', slow),
    row(', 1 element a cycle, 2 comparators: the engine as its hardware has it then', { ...slow, comparators: 2 }),
    row(', bitonic', { overlap: 1, algorithm: 'bitonic' }),
    row(', heap', { overlap: 1, algorithm: 'heap' }),
  ])
    expect(text).toContain(expected);
});

test('a row of which all or nothing stays passes through', () => {
  for (const algorithm of selectionAlgorithms)
    for (const k of [0, 100, 200]) {
      const selector = selectorWith({ algorithm });
      expect(serviceCycles(selector, 100, k)).toBe(13);
      expect(latencyCycles(selector, 100, k)).toBe(13);
    }
});

test('an engine that holds one row ahead waits for the longer of both: at most 14% more than the means say', () => {
  const draw = uniformDraws(7);
  for (const comparators of [16, 24, 30, 32, 40, 64]) {
    const selector = selectorWith({ comparators, overlap: 1 });
    const times = 1500;
    let mean = 0;
    for (let i = 0; i < times; i++) {
      const { fill_cycles, run } = selectRow(selector, Float64Array.from({ length: 1024 }, draw), 103, draw);
      mean += Math.max(fill_cycles, run.cycles) / times;
    }
    const ratio = mean / serviceCycles(selector, 1024, 103);
    expect(ratio).toBeGreaterThan(0.98);
    expect(ratio).toBeLessThan(1.14);
  }
});

test('a row that is too long is told, and costing it is a mistake of the caller', () => {
  const selector = selectorWith({ capacity_elements: 2048 });
  expect(rowProblem(selector, 2048)).toBeUndefined();
  expect(rowProblem(selector, 2049)).toBe('a row of 2049 elements; it holds 2048');
  expect(() => serviceCycles(selector, 2049, 10)).toThrow('a row of 2049 elements; it holds 2048');
});

test('parts: what each algorithm is made of for rows of 1000 of which 100 stay', () => {
  const parts = selectionAlgorithms.map((algorithm) =>
    selectorParts(selectorWith({ algorithm, engines: 2 }), 1000, 100),
  );
  expect(parts).toEqual([
    { comparators: 2 * 32, stored_elements: 2 * 3000 },
    { comparators: 2 * 16, stored_elements: 2 * 2024 },
    { comparators: 2 * (16 + 14), stored_elements: 2 * 1100 },
  ]);
});
