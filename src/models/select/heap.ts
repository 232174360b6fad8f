import type { Selector } from '../../arch/machine.ts';
import { harmonic } from './harmonic.ts';
import type { Run, RunCost } from './run.ts';

/** Levels of a heap of k entries; an insertion takes a cycle and two comparisons at each. */
export const heapLevels = (k: number): number => Math.ceil(Math.log2(k + 1));

/** One pass over the row: groups of as many as there are comparators, then what of a group seemed to belong into the heap. */
const costOf = (n: number, k: number, candidates: number, inserted: number, selector: Selector): RunCost => ({
  passes: 1,
  scanned_elements: n,
  comparisons: n + candidates + 2 * heapLevels(k) * inserted,
  cycles: selector.pass_cycles + Math.ceil(n / selector.comparators) + heapLevels(k) * inserted,
});

/**
 * The k-th largest of a row by a heap of the k largest so far, the least of them at its root. In a cycle a group of elements
 * is compared with the root. Those that are larger, or for which there is room, are candidates: one after the other, each
 * is compared with what the root is by then, while the one before it sinks, and is dropped or replaces it.
 */
export function runHeap(row: Float64Array, k: number, selector: Selector): Run {
  const n = row.length;
  const heap = new Float64Array(k);
  let size = 0;
  let candidates = 0;
  let inserted = 0;
  for (let first = 0; first < n; first += selector.comparators) {
    const root = size < k ? Number.NEGATIVE_INFINITY : heap[0]!;
    const hasRoom = size < k;
    for (let i = first; i < Math.min(n, first + selector.comparators); i++) {
      const element = row[i]!;
      if (!hasRoom && element <= root) continue;
      candidates++;
      if (size < k) rise(heap, size++, element);
      else if (element > heap[0]!) sink(heap, element);
      else continue;
      inserted++;
    }
  }
  const kth = heap[0]!;
  const larger = heap.reduce((sum, element) => sum + (element > kth ? 1 : 0), 0);
  return { ...costOf(n, k, candidates, inserted, selector), kth, larger, highest_elements: k };
}

function rise(heap: Float64Array, from: number, element: number): void {
  let at = from;
  for (let above = (at - 1) >> 1; at > 0 && heap[above]! > element; above = (at - 1) >> 1) {
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = element;
}

function sink(heap: Float64Array, element: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= element) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = element;
}

/**
 * Means over rows of distinct elements in random order. Element j is among the k largest up to it with probability
 * min(1, k/j), independently of the others (records: Renyi 1962), so k (1 + H(n) - H(k)), about k (1 + ln(n/k)), are inserted.
 * An element of the group after s others is a candidate if it would be as element s + 1: the sum over groups of P elements of
 * k P / (s+1), where s is a multiple of P, is a difference of harmonic numbers, too.
 */
export function expectedHeap(n: number, k: number, selector: Selector): RunCost {
  const { comparators } = selector;
  const firstFull = Math.ceil(k / comparators);
  const whole = Math.floor(n / comparators);
  let candidates = Math.min(n, firstFull * comparators);
  if (whole > firstFull)
    candidates += k * (harmonic(whole - 1 + 1 / comparators) - harmonic(firstFull - 1 + 1 / comparators));
  if (whole >= firstFull) candidates += ((n - whole * comparators) * k) / (whole * comparators + 1);
  return costOf(n, k, candidates, k * (1 + harmonic(n) - harmonic(k)), selector);
}
