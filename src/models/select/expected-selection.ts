import type { SelectionAlgorithm, Selector } from '../../arch/machine.ts';
import { invariant } from '../../invariant.ts';
import { bitonicCost, bitonicLanes } from './bitonic.ts';
import { expectedQuickSelect } from './expected-quick-select.ts';
import { expectedHeap, heapLevels } from './heap.ts';
import { noRun, type RunCost } from './run.ts';

/** Why a row of n elements cannot be selected from, such as "a row of 4096 elements; it holds 2048"; undefined if it can. */
export const rowProblem = ({ capacity_elements }: Selector, n: number): string | undefined =>
  n > capacity_elements ? `a row of ${n} elements; it holds ${capacity_elements}` : undefined;

/** Cycles in which an engine takes in, or hands on, n elements. */
export const fillCycles = ({ fill_elements_per_cycle }: Selector, n: number): number =>
  Math.ceil(n / fill_elements_per_cycle);

const costs: Readonly<Record<SelectionAlgorithm, (n: number, k: number, selector: Selector) => RunCost>> = {
  'quick-select': expectedQuickSelect,
  bitonic: (n, _, selector) => bitonicCost(n, selector),
  heap: expectedHeap,
};

/**
 * What finding the k-th largest of n elements takes an engine on average over rows of distinct elements in random order; for
 * quick-select, over its pivots, in any order. Nothing where all or nothing stays. In time that does not depend on n.
 */
export function expectedRun(selector: Selector, n: number, k: number): RunCost {
  const problem = rowProblem(selector, n);
  invariant(problem === undefined, `a row that its selector cannot take was costed: ${problem}`);
  return k >= n || k < 1 ? noRun : costs[selector.algorithm](n, k, selector);
}

/**
 * Mean cycles between one row and the next where rows come without end: filling and running overlapped, max(fill, run), or
 * one after the other, fill + run, or between (`overlap`); over the engines. Filtering a row goes on beside what follows
 * and is no longer than filling. The maximum is of means, as if rows could wait their turn; an engine that holds one row
 * beside the one that it runs waits for the longer of both every time, 10% to 14% more where they are alike. SpAtten's
 * released engine takes scores in one state only: its overlap is 0 (QuickSelect.scala), whatever its latency model says.
 */
export function serviceCycles(selector: Selector, n: number, k: number): number {
  const fill = fillCycles(selector, n);
  const { cycles } = expectedRun(selector, n, k);
  const best = Math.max(fill, cycles);
  return (best + (1 - selector.overlap) * (fill + cycles - best)) / selector.engines;
}

/** Mean cycles of one row by itself, from the first element offered to the last one handed on. */
export function latencyCycles(selector: Selector, n: number, k: number): number {
  const fill = fillCycles(selector, n);
  return k >= n || k < 1 ? fill : 2 * fill + expectedRun(selector, n, k).cycles;
}

/** What engines are made of, to compare algorithms by: two-input comparators, and elements stored. */
export type SelectorParts = { readonly comparators: number; readonly stored_elements: number };

/**
 * Parts of all engines for rows of up to n elements of which k stay. Quick-select compares with the pivot from both sides
 * and has two FIFOs of the row; a network stores its lanes; a heap its entries, and two comparators at each level. All keep
 * the row itself for the filter.
 */
export function selectorParts({ algorithm, comparators, engines }: Selector, n: number, k: number): SelectorParts {
  const parts = {
    'quick-select': { comparators: 2 * comparators, stored_elements: 2 * n },
    bitonic: { comparators, stored_elements: bitonicLanes(n) },
    heap: { comparators: comparators + 2 * heapLevels(k), stored_elements: k },
  }[algorithm];
  return { comparators: parts.comparators * engines, stored_elements: (parts.stored_elements + n) * engines };
}
