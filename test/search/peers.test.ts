import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/search/default-limits.ts';
import { searchMappings, weighingOf } from '../../src/search/search.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';
import { workloadOf } from '../mapper/inputs.ts';

const folder = join(import.meta.dirname, '../../experiments/peers/cascades');
const scores = readFileSync(join(folder, 'gemm-batched.einsum'), 'utf8');

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
