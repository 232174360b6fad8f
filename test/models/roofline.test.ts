import { describe, expect, test } from 'vitest';
import { peakMac } from '../../src/arch/peaks.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { rooflines } from '../../src/models/roofline.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

describe('the peak of a run on units that are quicker with narrow operands', () => {
  const gemm = shipped('cascades', 'gemm.einsum').text;
  const mapping = shipped('mappings', 'gemm-cores.map').text;

  // Its units are stated for 32 bits; there are no instructions for less than 8.
  test.each([
    ['fp32', 1],
    ['fp16', 2],
    ['fp8_e4m3', 4],
    ['int4', 4],
  ])('with %s it is %i times the stated one, and nothing is beyond it', async (format, times) => {
    const machine = await shippedMachine('raspberry-pi-5');
    const workload = workloadOf(gemm.replace('fp16', format).replace('Z[M, N]', `Z[M, N] : ${format}`), {
      M: 64,
      N: 512,
      K: 384,
    });
    const placed = must(place(mapping, workload, machine, { COLUMNS: 16 }));
    for (const roof of rooflines(placed, evaluateMapping(placed, 'analytic'))) {
      expect(roof.peak_ops_per_s / peakMac(machine)!.operations_per_s).toBeCloseTo(times, 12);
      expect(roof.achieved_ops_per_s).toBeLessThanOrEqual(roof.peak_ops_per_s);
      expect(roof.achieved_ops_per_s).toBeLessThanOrEqual(roof.attainable_ops_per_s);
    }
  });
});
