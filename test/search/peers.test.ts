import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usualSearch } from '../../src/search/best-mappings.ts';
import { bindConstraints } from '../../src/search/constraints/bind.ts';
import { parseConstraints } from '../../src/search/constraints/parse.ts';
import { defaultLimits } from '../../src/search/default-limits.ts';
import { objectives } from '../../src/search/objective.ts';
import { searchMappings, weighingOf } from '../../src/search/search.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';
import { must, workloadOf } from '../mapper/inputs.ts';

const folder = join(import.meta.dirname, '../../experiments/peers');
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const scores = textOf('cascades/gemm-batched.einsum');

// Optima of AccelForge at commit 1c1929c for the same problem, which Timeloop's model agrees with.
test.each([
  ['P0', 'proven', '6 pJ', 7_024_410_624],
  ['P1', 'found soon', '7.4075 pJ', 7_028_838_235.5],
])('the optimum of %s is that of AccelForge, %s', async (_, how, energy, energy_pj) => {
  const workload = workloadOf(scores, { H: 16, M: 1024, N: 1024, K: 64 });
  const machine = await machineOf(shippedSource('pe-array'), { GLOBAL_BUFFER_ENERGY: energy });
  let left = how === 'proven' ? Number.POSITIVE_INFINITY : 300;
  const { plans, remaining } = searchMappings(
    { workload, machine },
    { limits: defaultLimits(workload), ...weighingOf('edp'), accounting: 'timeloop', expired: () => left-- <= 0 },
  );
  expect(remaining === undefined).toBe(how === 'proven');
  expect(plans).toHaveLength(1);
  expect(plans[0]!.cost.latency_cycles).toBe(4_194_304);
  // The published figure of P1 is rounded to half a pJ.
  expect(Math.abs(plans[0]!.cost.energy_pj - energy_pj)).toBeLessThanOrEqual(1);
});

const heads = { H: 16, M: 1024, P: 1024, E: 64, F: 64 };

/** The best on a machine in the manner of TPU v4i, and how near the least of all that the constraints allow it is, as a share. */
async function bestOnTpu(cascade: string, sizes: Readonly<Record<string, number>>, constraints: string, gap: number) {
  const workload = workloadOf(textOf(`cascades/${cascade}.einsum`), sizes);
  const file = 'machines/tpu-v4i-like.yaml';
  const machine = await machineOf({ name: file, text: textOf(file) });
  const lines = must(parseConstraints({ name: constraints, text: textOf(`constraints/${constraints}.txt`) }));
  const [bound] = must(bindConstraints(lines, [workload], machine));
  const limits = { ...defaultLimits(workload), constraints: bound! };
  let left = usualSearch.effort;
  const { plans, remaining } = searchMappings(
    { workload, machine },
    { limits, ...weighingOf('edp'), accounting: 'physical', gap, expired: () => left-- <= 0 },
  );
  const { cost } = plans[0]!;
  return {
    latency_s: cost.latency_cycles / machine.clock_hz,
    energy_J: cost.energy_pj * 1e-12,
    above: objectives.edp(cost) / objectives.edp(remaining ?? cost) - 1,
  };
}

// AccelForge at commit 1c1929c, whose figures are in single precision.
test.each([
  ['scores', 'gemm-batched', { H: 16, M: 1024, N: 1024, K: 64 }, 'tpu-v4i', 6.14800228504464e-5, 0.002397011183197427],
  ['attention', 'attention-elementwise', heads, 'tpu-v4i-unfused', 2.3225786571856588e-4, 0.00889361898198829],
])(
  'the optimum of %s on TPU v4i, nothing fused, is that of AccelForge, proven',
  async (_, cascade, sizes, constraints, latency_s, energy_J) => {
    const best = await bestOnTpu(cascade, sizes, constraints, 0);
    expect(best.above).toBe(0);
    expect(Math.abs(best.latency_s / latency_s - 1)).toBeLessThan(1e-6);
    expect(Math.abs(best.energy_J / energy_J - 1)).toBeLessThan(1e-6);
  },
);

test('fused attention on TPU v4i is better than the optimum of AccelForge, and within 0.1% of the least', async () => {
  const { latency_s, energy_J, above } = await bestOnTpu('attention-elementwise', heads, 'tpu-v4i-fused', 0.001);
  expect(latency_s).toBeLessThan(96.74e-6);
  expect(energy_J).toBeLessThan(3.6215466e-3);
  expect(above).toBeLessThanOrEqual(0.001);
  // Both products fill half of the array, and the array is never idle but for the first tiles.
  const products_s = (2 * 16 * 1024 * 1024 * 64) / (4 * 128 * 64) / 1.05e9;
  expect(latency_s).toBeGreaterThanOrEqual(products_s);
  expect(latency_s).toBeLessThan(1.002 * products_s);
});
