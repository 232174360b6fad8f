import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../src/models/metrics.ts';
import { expectDocumented } from '../documented.ts';
import { simulateShipped } from './simulate-shipped.ts';

type Row = {
  readonly variant: 'arch' | 'binding';
  readonly seqlen: number;
  readonly latency_cycles: number;
  readonly dram_bytes: number;
  readonly util_2d: number;
  readonly util_1d: number;
};

const { rows } = JSON.parse(readFileSync(join(import.meta.dirname, 'fusemax-bert.json'), 'utf8')) as {
  rows: readonly Row[];
};

const mappings = { arch: 'fusemax-architecture', binding: 'fusemax-binding' } as const;
const evaluated = new Map<string, Metrics>();
async function metricsOf(row: Row, model: Metrics['model'], ramps: 0 | 1 = 0): Promise<Metrics> {
  const key = `${row.variant} ${row.seqlen} ${model} ${ramps}`;
  const known = evaluated.get(key);
  if (known !== undefined) return known;
  const outcome = await simulateShipped({
    machine: 'fusemax',
    mapping: mappings[row.variant],
    workload: 'bert-base',
    sizes: { P: row.seqlen, M: row.seqlen },
    parameters: { RAMPS: String(ramps) },
    model,
  });
  evaluated.set(key, outcome.metrics);
  return outcome.metrics;
}

const dramBytes = ({ traffic }: Metrics): number => traffic.get('DRAM')!.read_bytes + traffic.get('DRAM')!.write_bytes;
const deviation = (actual: number, expected: number): number => actual / expected - 1;

/** Relative for time, absolute for utilization. */
const tolerance = 0.005;

test('the file has +Architecture and +Binding at six lengths', () => expect(rows).toHaveLength(12));

describe.each(rows)('FuseMax, BERT, $variant, $seqlen', (row) => {
  test('the simulator agrees in time, DRAM bytes and utilization', async () => {
    const metrics = await metricsOf(row, 'cycle');
    expect(Math.abs(deviation(metrics.latency_cycles, row.latency_cycles))).toBeLessThan(tolerance);
    expect(dramBytes(metrics)).toBe(row.dram_bytes);
    expect(Math.abs(metrics.utilization.get('Array2D')! - row.util_2d)).toBeLessThan(tolerance);
    expect(Math.abs(metrics.utilization.get('Array1D')! - row.util_1d)).toBeLessThan(tolerance);
  });

  test('the analytic model agrees in time and DRAM bytes', async () => {
    const metrics = await metricsOf(row, 'analytic');
    expect(Math.abs(deviation(metrics.latency_cycles, row.latency_cycles))).toBeLessThan(tolerance);
    expect(dramBytes(metrics)).toBe(row.dram_bytes);
  });
});

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
const signed = (share: number, digits: number): string => `${share < 0 ? '' : '+'}${(share * 100).toFixed(digits)}%`;
const length = (seqlen: number): string => (seqlen < 2 ** 20 ? `${seqlen / 2 ** 10}K` : `${seqlen / 2 ** 20}M`);

async function documentedRow(row: Row): Promise<readonly string[]> {
  const cycle = await metricsOf(row, 'cycle');
  const analytic = await metricsOf(row, 'analytic');
  const ramps = await metricsOf(row, 'cycle', 1);
  const shares = (unit: string, published: number): string =>
    `${cycle.utilization.get(unit)!.toFixed(4)} (${published.toFixed(4)})`;
  return [
    mappings[row.variant],
    length(row.seqlen),
    grouped(row.latency_cycles),
    grouped(cycle.latency_cycles),
    signed(deviation(cycle.latency_cycles, row.latency_cycles), 3),
    signed(deviation(analytic.latency_cycles, row.latency_cycles), 3),
    `${grouped(ramps.latency_cycles)} (${signed(deviation(ramps.latency_cycles, row.latency_cycles), 1)})`,
    grouped(dramBytes(cycle)),
    shares('Array2D', row.util_2d),
    shares('Array1D', row.util_1d),
  ];
}

test('docs/validation.md has the numbers, and those of the runs in which every ramp is counted', async () => {
  const head = [
    'mapping',
    'length',
    'published cycles',
    'simulated cycles',
    'deviation',
    'analytic model',
    'every ramp counted',
  ];
  const table: (readonly string[])[] = [[...head, 'DRAM bytes', '2D busy (published)', '1D busy (published)']];
  for (const row of rows) table.push(await documentedRow(row));
  expectDocumented('docs/validation.md', 'fusemax', table);
});

test('README.md has the shortest, a middle and the longest', async () => {
  const table: (readonly string[])[] = [['mapping', 'length', 'published', 'simulated', 'deviation', 'DRAM bytes']];
  for (const row of rows.filter((r) => [2 ** 10, 2 ** 16, 2 ** 20].includes(r.seqlen))) {
    const metrics = await metricsOf(row, 'cycle');
    const cycles = [`${grouped(row.latency_cycles)} cycles`, grouped(metrics.latency_cycles)];
    const equal = dramBytes(metrics) === row.dram_bytes ? 'equal' : 'differ';
    const difference = signed(deviation(metrics.latency_cycles, row.latency_cycles), 3);
    table.push([mappings[row.variant], length(row.seqlen), ...cycles, difference, equal]);
  }
  expectDocumented('README.md', 'fusemax-readme', table);
});
