import { expect, test } from 'vitest';
import type { Machine } from '../../../src/arch/machine.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import { parseMapping } from '../../../src/mapper/parse.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { bestMappings } from '../../../src/search/best-mappings.ts';
import { openNumbers } from '../../../src/search/dataflow/dataflow.ts';
import { weighingOf } from '../../../src/search/search.ts';
import { must, place, shippedMachine, workloadOf } from '../../mapper/inputs.ts';

/** The best of a dataflow, and what became of the choices of its tiles. */
function search(text: string, workload: Workload, machine: Machine) {
  const mapping = must(parseMapping({ name: 'test.map', text }));
  const dataflow = openNumbers(mapping, workload, new Set(['tiles']));
  const options = { ...weighingOf('latency'), accounting: 'physical', effort: 100_000 };
  const { found, searched } = bestMappings([{ kind: 'dataflow', problem: { workload, machine }, dataflow }], options);
  return { found, tally: searched[0]!.tally };
}

/** Cycles of the legal ones among choices of a parameter T, one by one. */
const legalOf = (text: string, workload: Workload, machine: Machine, choices: readonly number[]): readonly number[] =>
  choices.flatMap((T) => {
    const placed = place(text, workload, machine, { T });
    return placed.ok ? [evaluateMapping(placed.value, 'analytic').latency_cycles] : [];
  });

test('numbers of lanes follow the tiles that they name', async () => {
  const gemm = workloadOf('gemm', { M: 16, N: 16, K: 16 });
  const machine = await shippedMachine('fusemax');
  const text = `mapping lanes
  param T = 4
  keep A, B, Z in DRAM
  for n by T
    keep A in GlobalBuffer
    compute Z on Array1D (lanes m by T, lanes n)
`;
  const { found, tally } = search(text, gemm, machine);
  expect(tally).toMatchObject({ space: 9n, illegal: 0n, left: 0n });
  const legal = legalOf(text, gemm, machine, [4, 1, 2, 3, 4, 6, 8, 12, 16]);
  expect(legal.length).toBe(9);
  expect(found.map((f) => f.cost.latency_cycles)).toEqual([Math.min(...legal)]);
});

test('of versions that follow each other a step of one is legal where longer ones are not', async () => {
  const cascade = `cascade sums
  rank P
  input D[P]
  output Y[P]
  S[0] = 0
  S[p+1] = add(S[p], D[p])
  Y[p] = D[p] * S[p+1]
`;
  const workload = workloadOf(cascade, { P: 8 });
  const machine = await shippedMachine('fusemax');
  const text = `mapping steps
  param T = 2
  keep D, Y in DRAM
  keep S in GlobalBuffer
  for p by T
    compute S on Array1D
    compute Y on Array1D
`;
  const legal = legalOf(text, workload, machine, [2, 1, 2, 3, 4, 6, 8]);
  const { found, tally } = search(text, workload, machine);
  expect(tally).toMatchObject({ space: 7n, evaluated: 1n, illegal: 6n });
  expect(found.map((f) => f.cost.latency_cycles)).toEqual(legal);
});

test('lanes that keep nothing have tiles of one pass', async () => {
  const gemm = workloadOf('gemm', { M: 32, N: 32, K: 32 });
  const machine = await shippedMachine('pe-array');
  const text = `mapping passes
  param T = 24
  keep A, B, Z in DRAM
  for n by T
    for m by 1
      for k by 1
        compute Z on PE (lanes n by 8)
`;
  const legal = legalOf(text, gemm, machine, [24, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32]);
  expect(legal.length).toBe(6);
  const { found, tally } = search(text, gemm, machine);
  expect(tally).toMatchObject({ space: 11n, left: 0n });
  expect(found.map((f) => f.cost.latency_cycles)).toEqual([Math.min(...legal)]);
});
