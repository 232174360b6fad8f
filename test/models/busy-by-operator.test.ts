import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { must, place, shippedMachine, workloadOf } from '../mapper/inputs.ts';

const cascade = `cascade c
  rank M
  input X[M], G[]
  output Y[M]
  Y[m] = exp(X[m] - G[])`;

test('an Einsum of two operators is divided by what each costs the unit', async () => {
  const mapping = `mapping test
  keep X, G, Y in DRAM
  compute Y on Array1D (lanes m)
`;
  const placed = must(place(mapping, workloadOf(cascade, { M: 512 }), await shippedMachine('fusemax')));
  const { busy_by_operator } = evaluateMapping(placed, 'analytic');
  // Two passes of 256 lanes, each a subtraction of 1 cycle and an exponential of 6.
  expect(busy_by_operator.get('Array1D')).toEqual(
    new Map([
      ['sub', 2],
      ['exp', 12],
    ]),
  );
});

test('operations on units of their own are not mixed', async () => {
  const mapping = `mapping test
  keep X, G, Y in HBM
  compute Y on FP32 (lanes m), exp on SFU (lanes m)
`;
  const placed = must(place(mapping, workloadOf(cascade, { M: 4096 }), await shippedMachine('h100-sxm')));
  const { busy_by_operator } = evaluateMapping(placed, 'analytic');
  expect([...busy_by_operator].map(([unit, operators]) => [unit, [...operators.keys()]])).toEqual([
    ['FP32', ['sub']],
    ['SFU', ['exp']],
  ]);
});
