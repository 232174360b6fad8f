import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { machineOf } from '../arch/shipped.ts';
import { must, place, workloadOf } from '../mapper/inputs.ts';

const spec = `
name: one-lane
sources: { test: made up }
clock: { value: 1 GHz, source: test }
levels:
  - name: DRAM
    memory: { source: test, bandwidth: 2 B/cycle }
  - name: Buffer
    parent: DRAM
    memory: { source: test, capacity: 64 KiB }
    units:
      - { name: Lane, source: test, dimensions: { lanes: 1 }, operators: { mac: { cycles: 1 } } }
`;
const machine = await machineOf({ name: 'one-lane.yaml', text: spec });
const workload = workloadOf('gemm', { M: 4, N: 5, K: 6 });

/** B, 5 x 6 elements of 2 B, comes in within 30 cycles; each of 4 rows of A within 6, and takes 30 to compute. */
const latency = (stages: string, trailing = ''): number => {
  const text = `mapping rows
  cascade gemm
  keep A, B in DRAM
  keep Z, B in Buffer
  for m
    keep A in Buffer${stages}
    compute Z on Lane (lanes n)${trailing}
`;
  const placed = must(place(text, workload, machine));
  const [analytic, cycle] = [evaluateMapping(placed, 'analytic'), evaluateMapping(placed, 'cycle')];
  expect(cycle.traffic).toEqual(analytic.traffic);
  // The closed form leaves out the first tile where the others are fetched ahead.
  const ahead = stages === ' stages 2' ? 6 : 0;
  if (trailing === '') expect(cycle.latency_cycles).toBe(analytic.latency_cycles + ahead);
  return cycle.latency_cycles;
};

test('a tile on demand comes after the iteration before, whatever room there is', () => {
  expect(latency('')).toBe(30 + 4 * (6 + 30));
  expect(latency(' stages 2 on demand')).toBe(30 + 4 * (6 + 30));
  expect(latency(' stages 2')).toBe(30 + 6 + 4 * 30);
});

test('it need not wait for what trails where there is room', () => {
  expect(latency(' stages 1 on demand', ' trailing')).toBe(30 + 4 * (6 + 30));
  expect(latency(' stages 2 on demand', ' trailing')).toBe(30 + 6 + 4 * 30);
});
