import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../src/models/metrics.ts';
import { cyclesOf, simulated, stream } from './tiny.ts';

/**
 * Times of tiny runs, in cycles, each worked out by hand: unloaded latency, peak bandwidth, and what stages hide, with
 * probes one cycle early and one cycle late.
 */

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

test('a tile that comes in pieces is used as they come, however alike the steps that use it', async () => {
  // Pieces of four bytes, one each four cycles. All but the last are used while the next is on its way.
  const mapping = `
  pipeline 1
  keep X, Y in DRAM
  keep X in Core
  for n sequence
    compute Y on Vector
`;
  const metrics = await simulated({ cascade: stream, sizes: { N: 64 }, mapping, machine: { EXP: 0.5 } });
  expect(metrics.latency_cycles).toBe(64 + 4 * 0.5);
  expect(metrics.stalls!.get('Vector')!.get('transfer')).toBe(64 - 60 * 0.5);
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

test.each(['analytic', 'cycle'] as const)('tiles that leave take their part of the port (%s)', async (model) => {
  // Ten tiles of four bytes. First each comes in and leaves again, 8 cycles of the port; then each is worked on for 16.
  const cascade = `cascade phases
  rank N
  input X[N] : int8
  output Z[N]
  Y[n] = X[n] * X[n]
  Z[n] = exp(Y[n])
`;
  const mapping = `
  keep X, Y, Z in DRAM
  for n by 4 pipeline 2
    keep X, Y in Core stages 2
    compute Y on Array (rows n)
  for n by 4 pipeline 2
    keep Y, Z in Core stages 2
    compute Z on Vector
`;
  const run = { cascade, sizes: { N: 40 }, mapping, machine: { EXP: 4 }, sharedPort: true, model } as const;
  const cycles = await cyclesOf(run);
  // Beyond that, the first tile of each phase comes in and the last leaves with nothing beside.
  expect(cycles).toBeGreaterThanOrEqual(10 * 8 + 10 * 16);
  expect(cycles).toBeLessThanOrEqual(10 * 8 + 10 * 16 + 2 * (4 + 1 + 4));
});
