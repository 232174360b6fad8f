import type { Selector } from '../../arch/machine.ts';
import type { Run, RunCost } from './run.ts';

/** Lanes of the network: the power of two that n elements need. */
export const bitonicLanes = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/**
 * Cost of a bitonic sorting network over a row of n (Batcher, "Sorting networks and their applications", AFIPS 1968): of
 * N = 2^s lanes s (s+1) / 2 stages of N / 2 comparators. Here the comparators that there are go over a stage, which is a
 * pass; whatever is in the row, it takes as long.
 */
export function bitonicCost(n: number, { comparators, pass_cycles }: Selector): RunCost {
  const lanes = bitonicLanes(n);
  const doublings = Math.log2(lanes);
  const passes = (doublings * (doublings + 1)) / 2;
  const cycles = passes * (Math.ceil(lanes / 2 / comparators) + pass_cycles);
  return { passes, scanned_elements: passes * lanes, comparisons: (passes * lanes) / 2, cycles };
}

/** The k-th largest of a row, which the network sorts as a whole; its costs counted comparator by comparator. */
export function runBitonic(row: Float64Array, k: number, { comparators, pass_cycles }: Selector): Run {
  const size = bitonicLanes(row.length);
  const lanes = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  lanes.set(row);
  let passes = 0;
  let comparisons = 0;
  let cycles = 0;
  for (let sorted = 2; sorted <= size; sorted *= 2)
    for (let apart = sorted / 2; apart >= 1; apart /= 2) {
      const before = comparisons;
      for (let i = 0; i < size; i++) {
        if ((i & apart) !== 0) continue;
        const [a, b] = [lanes[i]!, lanes[i + apart]!];
        const isFalling = (i & sorted) === 0;
        if (isFalling ? a < b : a > b) {
          lanes[i] = b;
          lanes[i + apart] = a;
        }
        comparisons++;
      }
      passes++;
      cycles += Math.ceil((comparisons - before) / comparators) + pass_cycles;
    }
  const kth = lanes[k - 1]!;
  let larger = k - 1;
  while (larger > 0 && lanes[larger - 1] === kth) larger--;
  return { passes, scanned_elements: passes * size, comparisons, cycles, kth, larger, highest_elements: size };
}
