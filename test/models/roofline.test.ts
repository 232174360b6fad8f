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

test('a run that a power limit slows down does its FLOPs in its time, under the roofs of the full clock', async () => {
  const machine = await shippedMachine('h100-sxm');
  const mapping = shipped('mappings', 'flash-attention-3.map').text;
  const placed = must(
    place(
      mapping,
      workloadOf('attention-1-pass', { B: 1, H: 16, P: 16384, M: 16384, E: 128, F: 128, M0: 128 }),
      machine,
    ),
  );
  const metrics = evaluateMapping(placed, 'analytic');
  expect(metrics.board.clock_hz).toBeLessThan(machine.clock_hz);
  for (const { achieved_ops_per_s, peak_ops_per_s } of rooflines(placed, metrics)) {
    expect(achieved_ops_per_s * metrics.board.time_s).toBeCloseTo(metrics.flops, -3);
    expect(peak_ops_per_s).toBe(peakMac(machine)!.operations_per_s);
  }
});
