import { describe, expect, test } from 'vitest';
import { loadMachine } from '../../src/arch/load.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { Metrics } from '../../src/models/metrics.ts';
import { resolveShipped, shippedSource } from '../arch/shipped.ts';
import { must, place, shipped, workloadOf } from '../mapper/inputs.ts';

/** Of one head, on a machine that reaches the peak of its tensor cores. */
async function evaluate(
  mapping: string,
  machine: string,
  sizes: { readonly P: number; readonly M: number; readonly E: number },
  rows: number,
): Promise<Metrics> {
  const parameters = new Map(['MATRIX_FRACTION', 'KERNEL_FRACTION', 'VECTOR_COST'].map((name) => [name, '1']));
  const loaded = must(await loadMachine(shippedSource(machine), { parameters, resolve: resolveShipped }));
  const workload = workloadOf('attention-backward', { B: 1, H: 1, F: sizes.E, ...sizes });
  return evaluateMapping(
    must(place(shipped('mappings', `${mapping}.map`).text, workload, loaded, { ROWS: rows })),
    'analytic',
  );
}

describe('FlashAttention-4, a tile of 128 keys by 128 queries of a head of 128', () => {
  /** Cycles that one more tile of queries takes. */
  async function cyclesOf(resource: string): Promise<number> {
    const [two, three] = await Promise.all(
      [256, 384].map((P) => evaluate('fa4-backward', 'b200', { P, M: 128, E: 128 }, 128)),
    );
    return three!.busy_cycles.get(resource)!.cycles - two!.busy_cycles.get(resource)!.cycles;
  }

  // Zadouri et al., arXiv 2603.05451, with one thread block: tensor cores 2560, exponentials 1024, shared memory 3328 cycles.
  test.each([
    ['TensorCore', 2560],
    ['SFU', 1024],
    // Q and DAV of the tile, 2 x 32 KiB at 128 B a cycle, are written there besides.
    ['SharedMemory', 3328 + 512],
  ])('%s is busy for as many cycles as published', async (resource, cycles) => {
    expect(await cyclesOf(resource)).toBeCloseTo(cycles, 6);
  });
});

describe('fa2-backward, 256 queries and keys of a head of 128, 64 by 128 at a time', async () => {
  const { traffic } = await evaluate('fa2-backward', 'a100-sxm-80gb', { P: 256, M: 256, E: 128 }, 64);
  /** A tensor of 256 x 128 elements of 16 bits, and a number for each query in 32 bits. */
  const [tensor, numbers] = [256 * 128 * 2, 256 * 4];
  const bytesOf = (level: string, name: string): readonly [number, number] => {
    const { read_bytes, write_bytes } = traffic.get(level)!.by_tensor.get(name)!;
    return [read_bytes, write_bytes];
  };

  test.each([
    ['Q', 1, 0],
    ['K', 1, 0],
    ['V', 1, 0],
    ['AV', 1, 0],
    // For D, and for the products.
    ['DAV', 2, 0],
    // Sums of 32 bits leave L2 once, and are read to be rounded.
    ['DQA', 2, 2],
    ['DQ', 0, 1],
    ['DK', 0, 1],
    ['DV', 0, 1],
  ])('HBM moves %s as often as counted by hand', (name, read, written) => {
    expect(bytesOf('HBM', name)).toEqual([read * tensor, written * tensor]);
  });

  test('so do the numbers of each query', () => {
    expect(bytesOf('HBM', 'L')).toEqual([numbers, 0]);
    expect(bytesOf('HBM', 'D')).toEqual([numbers, numbers]);
  });

  test('each of two tiles of keys adds a gradient of all queries to L2, which is read there once, when it leaves', () => {
    expect(bytesOf('L2', 'DQA')).toEqual([2 * tensor, 2 * 2 * tensor]);
  });

  test('shared memory is read for each piece of 32 rows, or once for what lies along the rows', () => {
    const { read_bytes, write_bytes } = traffic.get('SharedMemory')!;
    const [keys, queries, scores] = [128 * 128 * 2, 64 * 128 * 2, 64 * 128 * 2];
    const forScores = 2 * (queries + 2 * keys);
    const forKeysAndValues = 2 * (scores + 4 * queries);
    const forQueries = scores + 2 * keys;
    // Two tiles of keys by four of queries.
    expect(read_bytes).toBe(8 * (forScores + forKeysAndValues + forQueries));
    expect(write_bytes).toBe(8 * (2 * queries + 2 * scores) + 2 * 2 * keys);
  });
});
