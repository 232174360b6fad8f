import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/arch/machine.ts';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { countAccesses } from '../oracles/access-counter.ts';
import { runs } from '../runs.ts';

const h100 = await shippedMachine('h100-sxm');

/** The H100 with so many SMs and so much L2. */
const withCache = (capacity_bytes: number, sms: number, multicast = false): Machine => ({
  ...h100,
  levels: h100.levels.map((l) => {
    if (l.name === 'L2') return { ...l, multicast, memory: { ...l.memory!, capacity_bytes } };
    return l.totalInstances === 1 ? l : { ...l, totalInstances: sms };
  }),
});

const fetched = (p: PlacedMapping, tensor: string): number =>
  countTraffic(p).levels.get('HBM')!.by_tensor.get(tensor)!.read_bytes;

/** A head's keys and values, with the instances at several blocks of queries at once. */
const attention = (node: 'keep' | 'cache'): string => `mapping m
  keep Q, K, V, BIAS, AV in HBM
  for h across SM
    ${node} K, V in L2
    for p by 8 across SM
      keep Q, BIAS, QK, A, AV in Registers
      for m by 16 pipeline 2
        keep K, V in SharedMemory stages 2
        compute QK on TensorCore (m p, n m, k e)
        compute A on FP32 (lanes m), sigmoid on SFU (lanes m)
        compute AV on TensorCore (m p, n f, k m)
`;
const sizes = { B: 1, H: 3, P: 80, M: 64, E: 16, F: 16 };
const bytesOfHead = 64 * 16 * 2;
const attentionOn = (machine: Machine, node: 'keep' | 'cache' = 'cache', changed = {}): PlacedMapping =>
  must(place(attention(node), workloadOf('sigmoid-attention', { ...sizes, ...changed }), machine));

describe('a cache', () => {
  // Ten blocks of queries a head on four instances: waves of 4 steps, of which the third and the eighth are at two heads.
  const roomy = 2 * 2 * bytesOfHead;

  test('that fits is a keep', () => {
    const cached = countTraffic(attentionOn(withCache(roomy, 4)));
    expect(cached.levels).toEqual(countTraffic(attentionOn(withCache(roomy, 4), 'keep')).levels);
    expect(fetched(attentionOn(withCache(roomy, 4)), 'K')).toBe(3 * bytesOfHead);
  });

  test('that does not is read past: once for all instances that run side by side', () => {
    const p = attentionOn(withCache(roomy - 1, 4));
    // Waves: aaaa aaaa aabb bbbb bbbb cccc cccc cc.
    expect(fetched(p, 'K')).toBe((3 + 3 + 3) * bytesOfHead);
    expect(countTraffic(p).levels.get('L2')!.by_tensor.get('K')).toEqual({
      read_bytes: 30 * bytesOfHead,
      write_bytes: 9 * bytesOfHead,
    });
  });

  test('that does not is no worse where one wave does it all', () => {
    expect(fetched(attentionOn(withCache(0, 30)), 'K')).toBe(3 * bytesOfHead);
    expect(fetched(attentionOn(withCache(0, 2)), 'K')).toBe(15 * bytesOfHead);
  });

  test('serves heads that share their keys together', () => {
    const grouped = (bytes: number): PlacedMapping => attentionOn(withCache(bytes, 4), 'cache', { G: 3 });
    // Eight waves of the one head of keys; it and its values are all that has to fit.
    expect(fetched(grouped(2 * bytesOfHead - 1), 'K')).toBe(8 * bytesOfHead);
    expect(fetched(grouped(2 * bytesOfHead), 'K')).toBe(bytesOfHead);
  });

  test('serves a causal wave as far as its last query goes', () => {
    const p = attentionOn(withCache(0, 4), 'cache', { CAUSAL: 1, H: 1, P: 64 });
    // Eight blocks of 8 queries over keys in blocks of 16: two blocks of keys for the first wave, four for the second.
    expect(fetched(p, 'K')).toBe((32 + 64) * 16 * 2);
  });

  test('is never too large for its level, and takes what there is', () => {
    const required = (machine: Machine): number | undefined =>
      requiredBytes(attentionOn(machine))[machine.levels.findIndex((l) => l.name === 'L2')];
    expect(required(withCache(100, 4))).toBe(100);
    expect(required(withCache(2 * roomy, 4))).toBe(roomy);
  });
});

test('FlashAttention-3 with more keys than L2 has room for runs, and fetches them once a wave', () => {
  const long = { B: 1, H: 32, P: 131_072, M: 131_072, E: 128, F: 128, M0: 128 };
  const workload = workloadOf('attention-1-pass', long);
  const p = must(place(shipped('mappings', 'flash-attention-3.map').text, workload, h100));
  const bytesOfKeys = long.M * long.E * 2;
  // 1024 blocks of queries a head, 132 at a time: 249 waves, of which 31 are at two heads.
  expect(fetched(p, 'K')).toBe((Math.ceil((32 * 1024) / 132) + 31) * bytesOfKeys);
  const { buffers } = evaluateMapping(p, 'analytic');
  expect(buffers.get('L2')!.required_bytes).toBe(buffers.get('L2')!.capacity_bytes);
});

const gemm = (nodes: { b: string; a: string; direct: boolean }, tiles: { m: number; n: number; k: number }): string =>
  `mapping m
  keep A, B, Z in HBM
  ${nodes.b} B in L2
  for m by ${tiles.m} across SM
    ${nodes.a} A in L2
    for n by ${tiles.n} across SM
      keep Z in Registers
      for k by ${tiles.k} pipeline 2
        keep A in Registers stages 2
${nodes.direct ? '' : '        keep B in SharedMemory\n'}        compute Z on TensorCore (m m, n n, k k)
`;

const anyGemm = (mostSize: number) => {
  const size = fc.integer({ min: 1, max: mostSize });
  const tile = fc.integer({ min: 1, max: 5 });
  const node = fc.constantFrom('cache', 'keep');
  return fc.record({
    shape: fc.record({ M: size, N: size, K: size }),
    tiles: fc.record({ m: tile, n: tile, k: tile }),
    nodes: fc.record({ b: node, a: node, direct: fc.boolean() }),
    sms: fc.integer({ min: 2, max: 7 }),
    multicast: fc.boolean(),
  });
};

// The search goes by it: what a mapping costs with caches that hold is the least that it may cost.
test('through a cache that does not hold its tiles passes no less than through one that does', () => {
  let more = 0;
  fc.assert(
    fc.property(anyGemm(20), fc.integer({ min: 0, max: 400 }), (g, capacity) => {
      const on = (bytes: number) =>
        place(gemm(g.nodes, g.tiles), workloadOf('gemm', g.shape), withCache(bytes, g.sms, g.multicast));
      const tight = on(capacity);
      fc.pre(tight.ok);
      const [passing, held] = [must(tight), must(on(Number.POSITIVE_INFINITY))].map((p) =>
        evaluateMapping(p, 'analytic'),
      );
      for (const [level, { read_bytes, write_bytes }] of held!.traffic) {
        const { read_bytes: read, write_bytes: written } = passing!.traffic.get(level)!;
        expect(read).toBeGreaterThanOrEqual(read_bytes);
        expect(written).toBeGreaterThanOrEqual(write_bytes);
        if (read > read_bytes) more++;
      }
      for (const [resource, { cycles }] of held!.busy_cycles)
        expect(passing!.busy_cycles.get(resource)!.cycles).toBeGreaterThanOrEqual(cycles * (1 - 1e-12));
    }),
    { numRuns: runs(50) },
  );
  expect(more).toBeGreaterThan(5);
});

test('bytes are those of a walk over every iteration, whatever fits', () => {
  fc.assert(
    fc.property(anyGemm(12), fc.integer({ min: 0, max: 400 }), (g, capacity) => {
      const machine = withCache(capacity, g.sms, g.multicast);
      const placed = place(gemm(g.nodes, g.tiles), workloadOf('gemm', g.shape), machine);
      fc.pre(placed.ok);
      const counted = countAccesses(must(placed));
      const { movements } = countTraffic(must(placed));
      expect(movements.map((m) => m.fill_bytes)).toEqual(counted.filled);
      expect(movements.map((m) => m.parent_read_bytes)).toEqual(counted.served);
    }),
    { numRuns: runs(150) },
  );
});
