import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stallCauses } from '../../src/models/metrics.ts';
import { percentText } from '../../src/report/quantity-text.ts';
import type { SimulationOutcome } from '../../src/simulate.ts';
import { expectDocumented } from '../documented.ts';
import { simulateShipped } from './simulate-shipped.ts';

/** FlashAttention on H100, forward, 16 heads of 128. */
const onH100 = (mapping: string, sizes: Readonly<Record<string, number>>): Promise<SimulationOutcome> =>
  simulateShipped({
    machine: 'h100-sxm',
    mapping,
    workload: 'flash-h100',
    sizes: { M0: 128, ...sizes },
    model: 'cycle',
  });

const share = ({ metrics }: SimulationOutcome, unit: string): number => metrics.utilization.get(unit)!;
const overlap = (o: SimulationOutcome): number => share(o, 'TensorCore') + share(o, 'SFU');
const teraflops = ({ metrics }: SimulationOutcome): number => (metrics.flops / metrics.board.time_s) * 1e-12;
const stallShare = ({ metrics }: SimulationOutcome, unit: string, cause: 'operand'): number => {
  const causes = metrics.stalls!.get(unit)!;
  return causes.get(cause)! / [...causes.values()].reduce((a, b) => a + b, 0);
};

const sixteenK = { B: 1, H: 16, P: 16384, M: 16384 };
const [second, third] = await Promise.all([
  onH100('flash-attention-2', sixteenK),
  onH100('flash-attention-3', sixteenK),
]);

describe('FlashAttention-3 on H100, 16 heads of 128, 16K', () => {
  test('tensor cores and special function units work at the same time', () => {
    // Two units cannot be busy for more than the whole run together unless they overlap.
    expect(overlap(third)).toBeGreaterThan(1);
    expect(share(third, 'TensorCore')).toBeGreaterThan(0.7);
  });

  test("FlashAttention-2's mapping is clearly slower, because its tensor cores wait for operands", () => {
    expect(second.metrics.latency_cycles / third.metrics.latency_cycles).toBeGreaterThan(1.2);
    expect(overlap(second)).toBeLessThan(1);
    expect(stallShare(second, 'TensorCore', 'operand')).toBeGreaterThan(0.5);
    expect(stallShare(third, 'TensorCore', 'operand')).toBeLessThan(0.5);
    // The traffic is the same: the schedule is all that differs.
    expect(second.metrics.traffic).toEqual(third.metrics.traffic);
  });

  test('README.md and docs/validation.md have the numbers', () => {
    const row = (mapping: string, o: SimulationOutcome): readonly string[] => [
      mapping,
      `${(o.metrics.board.time_s * 1e3).toFixed(3)} ms`,
      `${teraflops(o).toFixed(0)} TFLOP/s`,
      share(o, 'TensorCore').toFixed(3),
      share(o, 'SFU').toFixed(3),
      overlap(o).toFixed(3),
      stallShare(o, 'TensorCore', 'operand').toFixed(2),
    ];
    const head = ['mapping', 'time', 'performance', 'TensorCore busy', 'SFU busy', 'sum', 'of its stalls, "operand"'];
    const table = [head, row('flash-attention-2', second), row('flash-attention-3', third)];
    for (const document of ['README.md', 'docs/validation.md']) expectDocumented(document, 'h100-schedule', table);
  });
});

test('docs/validation.md has what the tensor cores do all the time', () => {
  const cell = (share: number): string => (share === 0 ? '-' : percentText(share));
  const row = (mapping: string, { metrics }: SimulationOutcome): readonly string[] => {
    const { cycles, instances } = metrics.busy_cycles.get('TensorCore')!;
    const parts = [cycles, ...stallCauses.map((cause) => metrics.stalls!.get('TensorCore')!.get(cause) ?? 0)];
    return [mapping, ...parts.map((part) => cell(part / (metrics.latency_cycles * instances)))];
  };
  const table = [
    ['mapping', 'busy', ...stallCauses],
    row('flash-attention-2', second),
    row('flash-attention-3', third),
  ];
  expectDocumented('docs/validation.md', 'h100-stalls', table);
});

type Row = {
  readonly mapping: string;
  readonly batch: number;
  readonly seqlen: number;
  readonly causal: number;
  readonly tflops: number;
};
const { rows } = JSON.parse(readFileSync(join(import.meta.dirname, 'flash-attention-h100.json'), 'utf8')) as {
  rows: readonly Row[];
};

// The mappings are ideal forms of the two schedules, so the comparison is documented and not judged.
test('docs/validation.md has the deviations from the measured performance, README.md their range', async () => {
  const deviations: number[] = [];
  const table: (readonly string[])[] = [['mapping', 'length', 'causal', 'measured', 'simulated', 'deviation']];
  for (const { mapping, batch, seqlen, causal, tflops } of rows) {
    const simulated = teraflops(await onH100(mapping, { B: batch, H: 16, P: seqlen, M: seqlen, CAUSAL: causal }));
    const figures = [`${tflops} TFLOP/s`, `${simulated.toFixed(0)} TFLOP/s`];
    const deviation = (simulated / tflops - 1) * 100;
    deviations.push(Math.round(deviation));
    const signed = `${deviation < 0 ? '' : '+'}${deviation.toFixed(0)}%`;
    table.push([mapping, `${seqlen / 1024}K`, causal === 1 ? 'yes' : 'no', ...figures, signed]);
  }
  expectDocumented('docs/validation.md', 'h100-measured', table);
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  expect(readme).toContain(
    `performance is between ${Math.min(...deviations)}% and ${Math.max(...deviations)}% above measured kernels`,
  );
});
