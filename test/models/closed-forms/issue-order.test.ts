import { expect, test } from 'vitest';
import { simulateCycles } from '../../../src/models/cycle/simulate.ts';
import { placedOf, simulated } from './tiny.ts';

/** Bytes that are read and nothing else, beside exponentials that need few bytes and much time. */
const beside = `cascade beside
  rank N, K
  input W[N,K], V[N], X[N] : int8
  output Z[N], Y[N]
  Z[n] = W[n,k] * V[n]
  Y[n] = exp(X[n])
`;

const N = 8;
const K = 10;

/** Of each product, bytes that it reads at a byte a cycle. Products are issued first, all of them. */
const BYTES = K + 1;

/** Exponentials read one byte and take ten cycles. */
const runBeside = (priority: string) =>
  simulated({
    cascade: beside,
    sizes: { N, K },
    machine: { EXP: 10, MAC: 1 },
    mapping: `  pipeline
  keep W, V, X, Z, Y in DRAM
  for n pipeline ${N}
    compute Z on Array
  for n pipeline ${N}${priority}
    compute Y on Vector
`,
  });

test('the oldest goes first: all products, and then the exponentials, which take longer than their bytes', async () => {
  const { latency_cycles } = await runBeside('');
  expect(latency_cycles).toBe(N * BYTES + N * 10);
});

test('with a higher priority an exponential goes before each product, and the port is never free', async () => {
  // Of the unit's ten cycles one has the exponential's byte, the others are the product's.
  const { latency_cycles } = await runBeside(' priority 1');
  expect(latency_cycles).toBe(N * (BYTES + 1));
});

test('a priority is that of the loops inside, too', async () => {
  const inside = (outer: string, inner: string): string => `  pipeline
  keep W, V, X, Z, Y in DRAM
  for n pipeline ${N}
    compute Z on Array
  for n by 4 pipeline ${N}${outer}
    for n pipeline ${N}${inner}
      compute Y on Vector
`;
  const cycles = async (outer: string, inner: string): Promise<number> => {
    const c = { cascade: beside, sizes: { N, K }, machine: { EXP: 10 }, mapping: inside(outer, inner) };
    return (await simulated(c)).latency_cycles;
  };
  expect(await cycles(' priority 1', '')).toBe(N * (BYTES + 1));
  expect(await cycles(' priority 1', ' priority 0')).toBe(N * BYTES + N * 10);
});

/** An exponential of ten cycles, and ten products that need it. */
const chain = `cascade chain
  rank P, N
  input X[P], W[P,N] : int8
  output Y[P,N]
  A[p] = exp(X[p])
  Y[p,n] = A[p] * W[p,n]
`;

const P = 5;

/** Products are issued one by one, so what comes behind them has to wait; loads take no time to speak of. */
const chained = (lag: string) =>
  simulated({
    cascade: chain,
    sizes: { P, N },
    machine: { BANDWIDTH: '1e6 B/cycle', EXP: N },
    mapping: `
  keep X, W, A, Y in DRAM
  for p pipeline 3
    for p pipeline 2
      compute A on Vector
    for n pipeline 1${lag}
      compute Y on Array
`,
  });

test('in program order the next exponential begins with the last product of the one before', async () => {
  const { latency_cycles } = await chained('');
  expect(latency_cycles).toBeCloseTo(P * (2 * N - 1) + 1, 1);
});

test('where the products lag, the next exponential is beside them; the last products come after the last one', async () => {
  const [inOrder, lagging] = [await chained(''), await chained(' lag 1')];
  expect(lagging.latency_cycles).toBeCloseTo((P + 1) * N, 1);
  expect(lagging.traffic).toEqual(inOrder.traffic);
});

test('a lag longer than the loop runs one after the other', async () => {
  const { latency_cycles } = await chained(' lag 7');
  expect(latency_cycles).toBeCloseTo(2 * P * N, 0);
});

/** Two sums that nothing reads; a tile of each is one row. */
const sums = `cascade sums
  rank N, K
  input X[N,K], V[K] : int8
  output Z[N], Y[N]
  Z[n] = X[n,k] * V[k]
  Y[n] = X[n,k] * V[k]
`;

test.each([0, 1, 2, 9])('a row of each branch is drained once, however far the second one lags (%i)', async (lag) => {
  const mapping = `
  keep X, V, Z, Y in DRAM
  for n pipeline 3
    for k by 4 pipeline 2
      keep Z in Core
      compute Z on Array
    for k by 4 pipeline 2 lag ${lag}
      keep Y in Core
      compute Y on Array
`;
  const placed = await placedOf({ cascade: sums, sizes: { N, K }, mapping });
  const { totals, layout } = simulateCycles(placed);
  expect(placed.keeps.map((keep) => totals[layout.drain(keep.id)])).toEqual([0, 0, 0, 0, N, N]);
});

/** Sums of the second row, exponentials of the first one. */
const apart = `cascade apart
  rank N, K
  input X[N,K], V[K] : int8
  output Z[N], Y[N,K]
  Z[n] = X[n,k] * V[k] where n >= 1
  Y[n,k] = exp(X[n,k]) where n < 1
`;

test('where a branch lags, work of different iterations is beside each other, and no bound says otherwise', async () => {
  const run = (lag: string) =>
    simulated({
      cascade: apart,
      sizes: { N: 2, K: 20 },
      machine: { BANDWIDTH: '1e6 B/cycle' },
      mapping: `
  keep X, V, Z, Y in DRAM
  for n pipeline 1
    for k pipeline 20
      compute Z on Array
    for k pipeline 20${lag}
      compute Y on Vector
`,
    });
  const [inOrder, lagging] = [await run(''), await run(' lag 1')];
  expect(inOrder.latency_cycles).toBeCloseTo(40, 1);
  expect(lagging.latency_cycles).toBeCloseTo(20, 1);
  expect(lagging.lower_bound_cycles).toBeLessThanOrEqual(lagging.latency_cycles);
});
