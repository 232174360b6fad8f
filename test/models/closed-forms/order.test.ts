import { expect, test } from 'vitest';
import { cyclesOf } from './tiny.ts';

/** A chain of three operations of a cycle each, of which the first and the last need the same unit. */
const chain = `cascade chain
  rank N
  input X[N], W[N] : int8
  output Y[N]
  A[n] = exp(X[n])
  B[n] = A[n] * W[n]
  Y[n] = exp(B[n])
`;

const N = 10;

const cycles = (header: string, inFlight: number, lag: string): Promise<number> =>
  cyclesOf({
    cascade: chain,
    sizes: { N },
    // Loads take no time to speak of.
    machine: { BANDWIDTH: '1e6 B/cycle' },
    mapping: `${header}
  keep X, W, Y in DRAM
  keep X, W in Core
  for n pipeline ${inFlight}
    keep A, B in Core stages 3
    compute A on Vector
    compute B on Array
    compute Y on Vector${lag}
`,
  });

test('a unit takes what is ready: the first of the next chain while this one is at its second', async () => {
  expect(await cycles('', 2, '')).toBeCloseTo(2 * N, 1);
});

test('an ordered unit waits for the last of this chain before it takes the next', async () => {
  expect(await cycles('  ordered Vector', 2, '')).toBeCloseTo(3 * N, 1);
});

test('with a lag the last of a chain comes after the first of the next, in that order', async () => {
  expect(await cycles('  ordered Vector', 3, ' lag 1')).toBeCloseTo(2 * N, 1);
});
