import { describe, expect, test } from 'vitest';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { atDataSheetRates, machineOf, shippedSource } from '../arch/shipped.ts';
import { must, place, shipped, workloadOf } from '../mapper/inputs.ts';
import { countAccesses } from '../oracles/access-counter.ts';

/** One query a head over a long cache: bandwidth decides, if every processor has its part of the keys. */

type Sizes = Readonly<Record<string, number>>;

/** At the rates of the data sheet, with nothing lost: what is here is how the kernels differ. */
const h100 = await machineOf(shippedSource('h100-sxm'), atDataSheetRates);
const processors = 132;

const on = (mapping: string, cascade: string, sizes: Sizes, edit = (text: string) => text): PlacedMapping =>
  must(place(edit(shipped('mappings', `${mapping}.map`).text), workloadOf(cascade, sizes), h100));
const splitKv = (sizes: Sizes) => on('flash-decoding', 'attention-split-kv', sizes);
const streamK = (sizes: Sizes) => on('lean-attention', 'attention-stream-k', { ...sizes, S: processors });
/** The next part of the keys comes in under the end of the last. */
const persistent = (sizes: Sizes) =>
  on('flash-decoding', 'attention-split-kv', sizes, (text) =>
    text
      .replace('for s across SM', 'for s across SM persistent pipeline 2')
      .replaceAll(/(keep (Q|RM, RD, RNV) in Registers)\n {10}/g, '$1 stages 2\n          '),
  );
const unsplit = (sizes: Sizes) => on('flash-attention-2', 'attention-1-pass', sizes);

/** Cycles in which HBM reads keys and values once. */
const bandwidthBound = ({ B, H, G, M, E, F }: Record<'B' | 'H' | 'G' | 'M' | 'E' | 'F', number>): number =>
  (2 * B * (H / G) * M * (E + F)) / (3.35e12 / 1.83e9);

describe.each(['analytic', 'cycle'] as const)('decoding on h100-sxm, %s', (model) => {
  const cyclesOf = (p: PlacedMapping): number => evaluateMapping(p, model).latency_cycles;

  test.each([
    ['8 heads', { B: 1, H: 8, G: 1, P: 1, M: 131_072, E: 128, F: 128, M0: 64 }],
    ['64 heads in groups of 8', { B: 1, H: 64, G: 8, P: 1, M: 131_072, E: 128, F: 128, M0: 64 }],
  ])('the keys of %s are read at the full bandwidth only if they are split', (_, sizes) => {
    const bound = bandwidthBound(sizes);
    // 128 parts.
    const split = cyclesOf(splitKv({ ...sizes, S: 16 }));
    expect(split).toBeGreaterThan(bound);
    expect(split).toBeLessThan(1.03 * bound);
    expect(cyclesOf(unsplit(sizes))).toBeGreaterThan(4 * split);
  });

  test('many short parts fill processors evenly: while some begin, others use the bandwidth', () => {
    const sizes = { B: 1, H: 8, G: 1, P: 1, M: 131_072, E: 128, F: 128, M0: 64, S: 132 };
    const bound = bandwidthBound(sizes);
    const [cold, kept] = [cyclesOf(splitKv(sizes)), cyclesOf(persistent(sizes))];
    expect(cold).toBeLessThan(1.03 * bound);
    expect(kept).toBeLessThan(1.03 * bound);
    expect(countTraffic(persistent(sizes)).levels).toEqual(countTraffic(splitKv(sizes)).levels);
  });

  test('equal shares have no last wave, whatever the number of heads', () => {
    const sizes = { B: 1, H: 34, G: 1, P: 1, M: 65_536, E: 128, F: 128, M0: 64 };
    const bound = bandwidthBound(sizes);
    expect(cyclesOf(streamK(sizes))).toBeLessThan(1.03 * bound);
    // 136 parts: four of them alone in a second wave.
    expect(cyclesOf(splitKv({ ...sizes, S: 4 }))).toBeGreaterThan(1.2 * bound);
  });
});

test.each([
  ['split-KV', splitKv],
  ['stream-K', (sizes: Sizes) => on('lean-attention', 'attention-stream-k', sizes)],
])('the bytes of %s are those of a walk over every iteration', (_, placed) => {
  for (const [S, M] of [
    [3, 41],
    [5, 32],
    [11, 40],
  ] as const) {
    const p = placed({ B: 2, H: 4, G: 2, P: 1, M, E: 4, F: 6, M0: 4, S });
    const { movements, computes } = countTraffic(p);
    const walked = countAccesses(p);
    expect(movements.map((m) => m.fill_bytes)).toEqual(walked.filled);
    expect(movements.map((m) => m.drain_bytes)).toEqual(walked.drained);
    expect(computes.map((c) => c.read_bytes)).toEqual(walked.reads);
    expect(computes.map((c) => c.write_bytes)).toEqual(walked.writes);
  }
});

test('a share writes its pieces, and no more', () => {
  // 2 heads of 10 tiles in 4 shares of 5: each has one piece. In 5 shares of 4 the third has a piece of both heads.
  const sizes = { B: 1, H: 2, G: 1, P: 1, M: 40, E: 4, F: 6, M0: 4 };
  const written = (S: number): number | undefined =>
    countTraffic(on('lean-attention', 'attention-stream-k', { ...sizes, S }))
      .levels.get('HBM')!
      .by_tensor.get('RNV')!.write_bytes;
  expect(written(4)).toBe(4 * 6 * 4);
  expect(written(5)).toBe(6 * 6 * 4);
});
