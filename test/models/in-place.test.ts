import { expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import { executeMapping } from '../../src/models/cycle/functional.ts';
import { must, place, shippedMachine, workloadOf } from '../mapper/inputs.ts';

const twice = `cascade twice
  rank P
  input A[P] : fp16
  output Y[P], Z[P]

  S[p] = A[p] + A[p]
  Y[p] = S[p] + A[p]
  T[p] = S[p] + S[p]
  Z[p] = T[p] + A[p]
`;

test('what lies over a tensor is not written while a slower unit still reads that', async () => {
  const workload = workloadOf(twice, { P: 8 });
  const text = `mapping m
  pipeline 1
  keep A, Y, Z in DRAM
  keep S in GlobalBuffer
  keep T in GlobalBuffer over S
  compute S on Array2D (rows p)
  compute Y on Array1D
  compute T on Array2D (rows p)
  compute Z on Array2D (rows p)
`;
  const inputs = randomInputs(workload, 3);
  const values = executeMapping(must(place(text, workload, await shippedMachine('fusemax'))), inputs);
  const expected = evaluateCascade(workload, inputs);
  for (const name of ['Y', 'Z']) expect([...values.get(name)!.values]).toEqual([...expected.get(name)!.values]);
});
