import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../src/models/metrics.ts';
import type { FusemaxRow } from '../../src/validate/suites/fusemax-rows.ts';
import { fusemaxRuns, readFusemaxConfigurations } from '../../src/validate/suites/fusemax-runs.ts';
import { shipped } from '../mapper/inputs.ts';
import { simulateShipped } from './simulate-shipped.ts';

/** The energies of the FuseMax artifact by component, as experiments/fusemax/points.json has them. */
type Row = FusemaxRow & {
  readonly model_energy_total_without_uint64_overflow_pJ: number;
  readonly model_energy_by_component_pJ: Readonly<Record<string, number>>;
};

const file = join(import.meta.dirname, '../../experiments/fusemax/points.json');
const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: readonly Row[] };
const rows = results.filter((r) => r.kernel === 'attention');
const readShipped = (path: string) => Promise.resolve(shipped('.', path));

async function metricsOf(row: FusemaxRow, accounting: string): Promise<Metrics> {
  const [run] = fusemaxRuns(row, await readFusemaxConfigurations(readShipped));
  const { metrics } = await simulateShipped({
    ...run!,
    workload: run!.workload!,
    machine: run!.hardware,
    model: 'analytic',
    accounting,
  });
  return metrics;
}

/** Sum of the parts whose names begin so, in pJ. */
const sum = (parts: Iterable<readonly [string, number]>, ...names: readonly string[]): number =>
  [...parts].reduce((total, [name, pj]) => (names.some((n) => name.startsWith(n)) ? total + pj : total), 0);

test('the file has five variants at six lengths, and one of each with wider heads', () =>
  expect(rows).toHaveLength(35));

describe.each(rows)('$variant, $workload, $seqlen, artifact accounting', (row) => {
  test('the energy and its parts are those without overflow, within 1%', async () => {
    const { energy_pj, energy_accounting } = await metricsOf(row, 'artifact');
    expect(energy_accounting).toBe('artifact');
    const published = row.model_energy_total_without_uint64_overflow_pJ;
    const near = (predicted: number, expected: number, part: string): void =>
      expect(Math.abs(predicted - expected) / published, part).toBeLessThan(0.01);
    near(sum(energy_pj, ''), published, 'total');
    const parts = Object.entries(row.model_energy_by_component_pJ);
    near(sum(energy_pj, 'DRAM'), sum(parts, 'dram'), 'DRAM');
    near(sum(energy_pj, 'GlobalBuffer write'), sum(parts, 'global_buffer_write'), 'global buffer, write');
    near(sum(energy_pj, 'RF'), sum(parts, 'regfile'), 'registers');
    // To the rounding of the last digits that are published: counts and energies of operations are the same.
    expect(sum(energy_pj, 'Array') / sum(parts, 'array')).toBeCloseTo(1, 6);
    // Reads of the global buffer are given with the overflow only: what is left of the total is without.
    const rest = published - sum(parts, 'dram', 'global_buffer_write', 'regfile', 'array');
    near(sum(energy_pj, 'GlobalBuffer read'), rest, 'global buffer, read');
  });
});

/**
 * Registers of a PE of the 2D array, a tile of 256 x 256 scores: 3 (E + F) + 5 reads, where the artifact's Timeloop
 * counts 388.08 (BERT, 64K). QK reads its operands and, but at the first of E points, its sum; LM, SLN, SLD two words
 * each; SLNV two operands and the sum. The last word: LM, SLD and SLNV are read on their way out as often as their
 * sums begin. Writes: 3 E + 2 F + 4, where the artifact counts 387.75: SLN is in the PE already, so that SLNV
 * writes its operand from V and its sum; the artifact also writes sums that it takes to come back in each step of M1.
 */
test.each([
  { workload: 'BERT', E: 64 },
  { workload: 'XLM', E: 128 },
])('registers of the 2D array, $workload: accesses by PE and tile', async ({ workload, E }) => {
  const row = rows.find((r) => r.variant === 'binding' && r.workload === workload && r.seqlen === 4096)!;
  const { actions } = await metricsOf(row, 'physical');
  const tiles = 64 * (workload === 'BERT' ? 12 : 16) * (4096 / 256) ** 2;
  const each = (action: string): number => actions.get(action)!.count / (tiles * 256 * 256);
  expect(each('RF2D read')).toBeCloseTo(6 * E + 5, 9);
  expect(each('RF2D write')).toBeCloseTo(5 * E + 4, 9);
});
