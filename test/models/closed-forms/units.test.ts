import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/models/metrics.ts';
import { cyclesOf, simulated, stream } from './tiny.ts';

/** Times of tiny runs, in cycles, each worked out by hand: ramps, waves, and what tiles in flight overlap. */

/** Sums of K products for each element of a tile of rows x columns. */
const product = `cascade product
  rank M, N, K
  input A[M, K], B[K, N] : int8
  output Z[M, N]
  Z[m, n] = A[m, k] * B[k, n]
`;

describe('ramp of a systolic array', () => {
  // A 4 x 2 array takes 4 cycles to fill and 2 to empty, and one a product in between. Ports without limit.
  const n = 6;
  const K = 10;
  const run = (schedule: string, ramp = ' ramp 1'): Promise<number> =>
    cyclesOf({
      cascade: product,
      sizes: { M: 4 * n, N: 2, K },
      mapping: `
  keep A, B, Z in Core
  for m by 4 ${schedule}
    compute Z on Array (rows m, columns n)${ramp}
`,
    });
  test('shows after every tile of a sequence', async () => {
    expect(await run('sequence')).toBe(n * (K + 4 + 2));
  });
  test('shows once in a pipeline of independent tiles', async () => {
    expect(await run('pipeline 2')).toBe(n * K + 4 + 2);
  });
  test('is hidden, or counted by half, where the mapping says so', async () => {
    expect(await run('sequence', '')).toBe(n * K);
    expect(await run('sequence', ' ramp 0')).toBe(n * K);
    expect(await run('sequence', ' ramp 1/2')).toBe(n * (K + 3));
  });
  test('shows after every step of an accumulation, whose next step needs its result, in a pipeline too', async () => {
    const accumulate = (schedule: string): Promise<number> =>
      cyclesOf({
        cascade: product,
        sizes: { M: 4, N: 2, K: K * n },
        mapping: `
  keep A, B, Z in Core
  for k by ${K} ${schedule}
    compute Z on Array (rows m, columns n) ramp 1
`,
      });
    expect(await accumulate('pipeline 2')).toBe(n * (K + 4 + 2));
    expect(await accumulate('sequence')).toBe(n * (K + 4 + 2));
  });
  test('tiles that the array does not divide take whole passes', async () => {
    const cycles = await cyclesOf({
      cascade: product,
      sizes: { M: 5, N: 3, K },
      mapping: `
  keep A, B, Z in Core
  compute Z on Array (rows m, columns n) ramp 1
`,
    });
    // 2 x 2 passes of 4 x 2 lanes for 5 x 3 elements.
    expect(cycles).toBe(2 * 2 * K + 4 + 2);
  });
});

describe('waves over instances', () => {
  const run = (bytes: number, values: Readonly<Record<string, string | number>>): Promise<Metrics> =>
    simulated({
      cascade: stream,
      sizes: { N: bytes },
      mapping: `
  keep X, Y in DRAM
  for n by 5 across Core
    keep X in Core
    compute Y on Vector
`,
      machine: { CORES: 4, ...values },
    });
  test.each([1, 2, 3, 4, 5, 8, 9, 12, 13])('%i tiles on 4 instances take ceil(tiles / 4) waves', async (count) => {
    const metrics = await run(5 * count, { BANDWIDTH: '1e9 B/cycle', EXP: 2 });
    expect(metrics.latency_cycles).toBeCloseTo(Math.ceil(count / 4) * 5 * 2, 1);
  });
  test('the last wave waits for its slowest tile', async () => {
    // Tiles of 5, 5, 5, 5 and 1: the instance that is free first takes the short one.
    expect((await run(21, { BANDWIDTH: '1e9 B/cycle' })).latency_cycles).toBeCloseTo(5 + 1, 1);
  });
  test('instances that load at once get the bandwidth of the port together, no more', async () => {
    // Four loads of 5 bytes share 2 B/cycle: 10 cycles, then 5 to use them.
    expect((await run(20, { BANDWIDTH: '2 B/cycle' })).latency_cycles).toBeCloseTo(20 / 2 + 5, 2);
    // The second wave finds the others out of step. T = 2 (2.5 f + 5) + 10 (1 - f/4), and f = 1 / (1 - (20/T) (3/4)).
    const metrics = await run(40, { BANDWIDTH: '2 B/cycle' });
    expect(metrics.latency_cycles).toBeCloseTo((37.5 + Math.sqrt(37.5 ** 2 - 4 * 300)) / 2, 1);
    expect(metrics.busy_cycles.get('DRAM.read')!.cycles).toBe(40 / 2);
  });
});

/** A product, the exponential of its result, and a product with that: the chain of attention, once a tile. */
const chain = `cascade chain
  rank N
  input X[N], W[N] : int8
  output Z[N]
  A[n] = X[n] * W[n]
  S[n] = exp(A[n])
  Z[n] = S[n] * W[n]
`;

describe('tiles in flight', () => {
  const n = 12;
  const run = (schedule: string, exp: number, ramp: 0 | 1 = 0): Promise<number> =>
    cyclesOf({
      cascade: chain,
      sizes: { N: n },
      mapping: `
  keep X, W, Z in Core
  for n ${schedule}
    keep A, S in Core stages 4
    compute A on Array ramp ${ramp}
    compute S on Vector
    compute Z on Array ramp ${ramp}
`,
      machine: { MAC: 2, EXP: exp },
    });
  test('one at a time, whether in sequence or in a pipeline of one: the sum of the chain', async () => {
    expect(await run('sequence', 4)).toBe(n * (2 + 4 + 2));
    expect(await run('pipeline 1', 4)).toBe(n * (2 + 4 + 2));
  });
  test('two at a time overlap two units that have equally much to do, fully', async () => {
    // The exponentials of one run beside the products of the other; the first product and the last stand alone.
    expect(await run('pipeline 2', 4)).toBe(2 + n * 4 + 2);
  });
  test('two at a time are limited by the unit that has more to do', async () => {
    expect(await run('pipeline 2', 6)).toBe(2 + n * 6 + 2);
    expect(await run('pipeline 2', 2)).toBe(n * (2 + 2));
  });
  test.each([1, 2, 3, 4])(
    '%i at a time, in a chain that is longer than all that they do on one unit',
    async (depth) => {
      // Results come 6 cycles late: a chain of (2 + 6) + 2 + (2 + 6) for 4 cycles of the array. The last round is over
      // when its last tile, a product later for each before it, is.
      expect(await run(`pipeline ${depth}`, 2, 1)).toBe((n / depth) * 18 + (depth - 1) * 2);
    },
  );
  test('a buffer of one stage keeps the second tile waiting', async () => {
    const cycles = await cyclesOf({
      cascade: chain,
      sizes: { N: n },
      mapping: `
  keep X, W, Z in Core
  for n pipeline 2
    keep A, S in Core
    compute A on Array
    compute S on Vector
    compute Z on Array
`,
      machine: { MAC: 2, EXP: 4 },
    });
    // The next product waits for the exponential of the last; then the array takes the older tile's product first.
    expect(cycles).toBe(n * (2 + 4 + 2));
  });
});
