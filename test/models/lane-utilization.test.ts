import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { must, place, shippedMachine, workloadOf } from '../mapper/inputs.ts';

test.each(['analytic', 'cycle'] as const)('lanes that a tile leaves idle do not count (%s)', async (model) => {
  const mapping = `mapping test
  keep A, B, Z in DRAM
  compute Z on Array2D (rows m, columns n)
`;
  const workload = workloadOf('gemm', { M: 8, N: 512, K: 4 });
  const metrics = evaluateMapping(must(place(mapping, workload, await shippedMachine('fusemax'))), model);
  // Two pieces of 256 columns hold the array for 4 cycles each, with 8 of its 256 rows at work.
  expect(metrics.utilization.get('Array2D')! * metrics.latency_cycles).toBeCloseTo(8, 9);
  expect(metrics.lane_utilization.get('Array2D')!.get('Z')! * metrics.latency_cycles).toBeCloseTo(8 / 32, 9);
  expect(metrics.lane_utilization.get('Array1D')!.size).toBe(0);
});
