import { expect, test } from 'vitest';
import { compileMapping } from '../../../src/models/compiled/compile.ts';
import { must, place, shippedMachine, workloadOf } from '../../mapper/inputs.ts';
import { expectEqual } from './equal.ts';

test('tiles: B comes again for each of the tiles of A, and once where it is whole', async () => {
  const text = `mapping tiles
  keep A, B, Z in DRAM
  for m by 4
    keep A in GlobalBuffer
    for n by 4
      keep B in GlobalBuffer stages 2
      compute Z on Array2D (rows m, columns n)
`;
  const workload = workloadOf('gemm', { M: 10, N: 6, K: 4 });
  const { tiles, count, results } = compileMapping(must(place(text, workload, await shippedMachine('fusemax'))))!;
  const dram = (): readonly number[] => [results.readBytes[0]!, results.writeBytes[0]!];
  const [a, b, z] = [2 * 10 * 4, 2 * 6 * 4, 2 * 10 * 6];
  count();
  expect(dram()).toEqual([a + 3 * b, z]);
  expect(results.requiredBytes[1]).toBe(2 * 4 * 4 + 2 * (2 * 4 * 4));
  tiles.set([9, 4]);
  count();
  expect(dram()).toEqual([a + 2 * b, z]);
  tiles.set([4, 6]);
  count();
  expect(dram()).toEqual([a + b, z]);
  expect(results.requiredBytes[1]).toBe(2 * 4 * 4 + 2 * (2 * 6 * 4));
});

/** Rows that are read twice, in a sum and for their greatest. */
const sums = `cascade sums
  rank M, N
  input A[M, N] : fp16
  output Y[M], Z[M]
  Y[m] = sum(n) A[m, n]
  Z[m] = max(n) A[m, n]
`;

test('room: what trails inside a branch is still there under the next one', async () => {
  const text = `mapping trails
  keep A, Y, Z in DRAM
  for m by 4
    for m by 2 trailing
      keep A in GlobalBuffer
      compute Y on Array1D
  for m by 8
    keep A in GlobalBuffer
    compute Z on Array1D
`;
  const placed = must(place(text, workloadOf(sums, { M: 16, N: 3 }), await shippedMachine('fusemax')));
  const open = compileMapping(placed)!;
  expectEqual(open, placed);
  expect(open.results.requiredBytes[1]).toBe(2 * (2 + 8) * 3);
  open.tiles.set([8, 1, 4]);
  open.count();
  expect(open.results.requiredBytes[1]).toBe(2 * (1 + 4) * 3);
});

test('room: tiles for the next iteration come in under another branch, if there is a next one', async () => {
  const text = `mapping ahead
  keep A, Y, Z in DRAM
  for m by 4
    for m by 2
      keep A in GlobalBuffer stages 2
      compute Y on Array1D
    for m by 2
      keep A in GlobalBuffer stages 2
      compute Z on Array1D
`;
  const placed = must(place(text, workloadOf(sums, { M: 16, N: 3 }), await shippedMachine('fusemax')));
  const open = compileMapping(placed)!;
  expectEqual(open, placed);
  const tile = 2 * 2 * 3;
  expect(open.results.requiredBytes[1]).toBe(3 * tile);
  open.tiles[0] = 16;
  open.count();
  expect(open.results.requiredBytes[1]).toBe(2 * tile);
});

test('fills: each version of a carried tensor comes in anew where it is read apart', async () => {
  const cascade = `cascade running
  rank M, E
  input A[M], X[M, E] : fp16
  output Z[M, E]
  R[0] = 0
  R[m+1] = R[m] + A[m]
  Z[m, e] = R[m+1] * X[m, e]
`;
  const text = `mapping apart
  keep A, X, R, Z in DRAM
  for m
    compute R on Array1D
    for e by 2
      keep R in RF1D
      compute Z on Array1D
`;
  const placed = must(place(text, workloadOf(cascade, { M: 16, E: 6 }), await shippedMachine('fusemax')));
  const open = compileMapping(placed)!;
  expectEqual(open, placed);
  // A and X, R where it is computed, and R where it is read: once for each m, whatever e does.
  expect(open.results.readBytes[0]).toBe(2 * (16 + 16 * 6 + 16 + 16));
  open.tiles[1] = 6;
  open.count();
  expect(open.results.readBytes[0]).toBe(2 * (16 + 16 * 6 + 16 + 16));
});

test('drains: a state leaves only if a loop outside comes back to it', async () => {
  const cascade = `cascade running
  rank M
  input A[M] : fp16
  output Z[M]
  R[0] = 0
  R[m+1] = R[m] + A[m]
  Z[m] = exp(R[m+1])
`;
  const text = (tile: number): string => `mapping runs
  keep A, R, Z in DRAM
  for m by ${tile}
    keep R in RF1D
    for m
      compute R on Array1D
      compute Z on Array1D
`;
  const workload = workloadOf(cascade, { M: 16 });
  const fusemax = await shippedMachine('fusemax');
  const [cut, whole] = [4, 16].map((tile) => must(place(text(tile), workload, fusemax)));
  const open = compileMapping(cut!)!;
  expectEqual(open, cut!);
  expect(open.results.writeBytes[0]).toBe(2 * 16 + 2);
  open.tiles[0] = 16;
  expectEqual(open, whole!);
  expect(open.results.writeBytes[0]).toBe(2 * 16);
});
