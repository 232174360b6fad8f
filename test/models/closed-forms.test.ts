import { describe, expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { Metrics } from '../../src/models/metrics.ts';
import { machineOf } from '../arch/shipped.ts';
import { must, place, workloadOf } from '../mapper/inputs.ts';

/**
 * Times of tiny runs, each worked out by hand: unloaded latency, peak bandwidth, ramps, waves, and what stages and
 * pipelines hide, with probes one cycle early and one cycle late. Times are in cycles of the machine.
 */
const machine = `name: tiny
sources: { hand: "made up, so that times can be worked out by hand" }
parameters:
  BANDWIDTH: { value: 1 B/cycle, source: hand }
  ACCESS: { value: 1 B, source: hand }
  LATENCY: { value: 0 cycles, source: hand }
  CORES: { value: 1, source: hand }
  CORE_LATENCY: { value: 0 cycles, source: hand }
  MAC: { value: 1, source: hand }
  EXP: { value: 1, source: hand }
  ROWS: { value: 4, source: hand }
  COLUMNS: { value: 2, source: hand }
clock: { value: 1 GHz, source: hand }
levels:
  - name: DRAM
    memory: { read_bandwidth: BANDWIDTH, access: ACCESS, latency: LATENCY, source: hand }
  - name: Core
    parent: DRAM
    instances: { value: CORES, source: hand }
    memory: { latency: CORE_LATENCY, source: hand }
    units:
      - name: Array
        source: hand
        dimensions: { rows: ROWS, columns: COLUMNS }
        operators: { mac: { cycles: MAC }, mul: { cycles: MAC } }
        ramp_up: ROWS * 1 cycle
        ramp_down: COLUMNS * 1 cycle
      - name: Vector
        source: hand
        dimensions: { lanes: 1 }
        operators: { exp: { cycles: EXP } }
`;

type Case = {
  readonly cascade: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly mapping: string;
  readonly machine?: Readonly<Record<string, string | number>>;
};

async function simulated(c: Case): Promise<Metrics> {
  const values = Object.entries(c.machine ?? {}).map(([name, value]) => [name, String(value)]);
  const tiny = await machineOf({ name: 'tiny.yaml', text: machine }, Object.fromEntries(values));
  return evaluateMapping(must(place(`mapping test\n${c.mapping}`, workloadOf(c.cascade, c.sizes), tiny)), 'cycle');
}

const cyclesOf = async (c: Case): Promise<number> => (await simulated(c)).latency_cycles;

/** One exponential a byte. */
const stream = `cascade stream
  rank N
  input X[N] : int8
  output Y[N]
  Y[n] = exp(X[n])
`;

describe('unloaded latency of a load', () => {
  const through = `
  keep X, Y in DRAM
  keep X in Core
  compute Y on Vector
`;
  const direct = `
  keep X, Y in DRAM
  compute Y on Vector
`;
  test.each([
    // The byte crosses the port (1/4), is on its way (100), and is read in the core (7) and used (1).
    { mapping: through, access: '1 B', cycles: 1 / 4 + 100 + 7 + 1 },
    // A whole access of 64 bytes crosses the port.
    { mapping: through, access: '64 B', cycles: 64 / 4 + 100 + 7 + 1 },
    // Straight from DRAM, past the core's memory: unit and port are held together, the longer one counts.
    { mapping: direct, access: '1 B', cycles: 1 + 100 },
    { mapping: direct, access: '64 B', cycles: 64 / 4 + 100 },
  ])('an access of $access: $cycles cycles', async ({ mapping, access, cycles }) => {
    const values = { BANDWIDTH: '4 B/cycle', ACCESS: access, LATENCY: '100 cycles', CORE_LATENCY: '7 cycles' };
    expect(await cyclesOf({ cascade: stream, sizes: { N: 1 }, mapping, machine: values })).toBe(cycles);
  });
});

/** Tiles of four bytes come in `stages` buffers and are used, so many iterations at a time. */
const tiles = (stages: number, schedule: string): string => `
  keep X, Y in DRAM
  for n by 4 ${schedule}
    keep X in Core stages ${stages}
    compute Y on Vector
`;

describe('peak bandwidth of a stream', () => {
  // Load 4 cycles, on the way 8, use 4: a stage is taken for 16 cycles. So s stages bring s tiles in 16 cycles, until
  // at four the port is never free (Little's law).
  test.each([
    { stages: 1, round: 16 },
    { stages: 2, round: 16 },
    { stages: 3, round: 16 },
    { stages: 4, round: 16 },
    { stages: 5, round: 20 },
    { stages: 6, round: 24 },
  ])('$stages stages: as many tiles in $round cycles', async ({ stages, round }) => {
    const rounds = 10;
    const metrics = await simulated({
      cascade: stream,
      sizes: { N: 4 * stages * rounds },
      mapping: tiles(stages, `pipeline ${stages}`),
      machine: { LATENCY: '8 cycles' },
    });
    // The last round is over when its last tile, a load later for each before it, has come and been used.
    expect(metrics.latency_cycles).toBe((rounds - 1) * round + 4 * (stages - 1) + 16);
    expect(metrics.busy_cycles.get('DRAM.read')!.cycles).toBe(4 * stages * rounds);
  });
});

describe('double buffering', () => {
  const n = 10;
  const use = 4;
  const run = (load: number, stages: number, schedule: string): Promise<Metrics> =>
    simulated({
      cascade: stream,
      sizes: { N: 4 * n },
      mapping: tiles(stages, schedule),
      machine: { BANDWIDTH: `${4 / load} B/cycle` },
    });
  const stalled = (m: Metrics): number => m.stalls!.get('Vector')!.get('transfer') ?? 0;

  test('one buffer: each load and each use in turn', async () => {
    const metrics = await run(use, 1, 'pipeline 2');
    expect(metrics.latency_cycles).toBe(n * (use + use));
    expect(stalled(metrics)).toBe(n * use);
  });

  test('loads as long as uses are hidden but for the first', async () => {
    const metrics = await run(use, 2, 'pipeline 2');
    expect(metrics.latency_cycles).toBe(use + n * use);
    expect(stalled(metrics)).toBe(use);
  });

  test('loads a cycle late show, one cycle each', async () => {
    const metrics = await run(use + 1, 2, 'pipeline 2');
    expect(metrics.latency_cycles).toBe(use + n * use + n * 1);
    expect(stalled(metrics)).toBe(use + n * 1);
  });

  test('loads a cycle early show nothing but the first, which is shorter', async () => {
    const metrics = await run(use - 1, 2, 'pipeline 2');
    expect(metrics.latency_cycles).toBe(use - 1 + n * use);
    expect(stalled(metrics)).toBe(use - 1);
  });

  test('a sequence loads ahead too: the next tile comes while this one is used', async () => {
    expect((await run(use, 2, 'sequence')).latency_cycles).toBe(use + n * use);
    expect((await run(use, 1, 'sequence')).latency_cycles).toBe(n * (use + use));
  });

  test('a third buffer hides no more where loads and uses are even', async () => {
    for (const load of [use - 1, use, use + 1])
      expect((await run(load, 3, 'pipeline 3')).latency_cycles).toBe((await run(load, 2, 'pipeline 2')).latency_cycles);
  });
});

describe('a ragged last tile', () => {
  test.each([
    { n: 9, cycles: 4 + 4 + 4 + 1 },
    { n: 10, cycles: 4 + 4 + 4 + 2 },
    { n: 12, cycles: 4 + 4 + 4 + 4 },
  ])('$n bytes in tiles of four: the last use takes what is left', async ({ n, cycles }) => {
    expect(await cyclesOf({ cascade: stream, sizes: { N: n }, mapping: tiles(2, 'pipeline 2') })).toBe(cycles);
  });
});

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
    // Four loads of 5 bytes share 2 B/cycle: 10 cycles, then 5 to use them; all of it again for the second wave.
    const metrics = await run(40, { BANDWIDTH: '2 B/cycle' });
    expect(metrics.latency_cycles).toBe(2 * (20 / 2 + 5));
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
