import { expect, test } from 'vitest';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, place, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { countAccesses } from '../oracles/access-counter.ts';

const cascade = `cascade state
  rank P, E, S
  input U[S, E], D[P, E] : int8
  output Y[P, E]
  tensor T : int8
  T[0, e] = 0
  T[p+1, e] = T[p, e] + U[p + 0 * e, e]
  X[p, e] = max(D[p, e], T[p+1, e])
  Y[p, e] = X[p, e] + T[p+1, e]
`;

test('a tile of a branch is given up at its end, also where nothing was computed into it', async () => {
  const p = must(
    place(
      `mapping m
  keep U, D, X, T, Y in DRAM
  for p
    for e by 3
      keep T in GlobalBuffer
      for e
        compute T on Array1D
        compute X on Array1D
    compute Y on Array1D
`,
      workloadOf(cascade, { P: 4, E: 2, S: 2 }),
      await shippedMachine('fusemax'),
    ),
  );
  const { totals, layout } = simulateCycles(p);
  const keep = p.keeps.at(-1)!;
  expect(keep.drain).toBe(true);
  expect(countAccesses(p).filled[keep.id]).toBe(6);
  expect(countTraffic(p).movements[keep.id]!.fill_bytes).toBe(6);
  expect(totals[layout.fill(keep.id)]).toBe(6);
});
