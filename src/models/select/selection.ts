import type { Selector } from '../../arch/machine.ts';
import { invariant } from '../../invariant.ts';
import { runBitonic } from './bitonic.ts';
import { fillCycles, rowProblem } from './expected-selection.ts';
import { runHeap } from './heap.ts';
import { runQuickSelect } from './quick-select.ts';
import { noRun, type Run, type RunCost } from './run.ts';
import { eliminateZeros, zeroEliminator } from './zero-eliminator.ts';

/** What became of a row, and what it took. */
export type Selection = {
  /** Coordinates of the k largest elements, rising; of equal ones the first stay. */
  readonly survivors: readonly number[];
  /** By the phases of the engine, which take the row in, find its k-th largest, and hand on what stays. */
  readonly fill_cycles: number;
  readonly run: RunCost;
  readonly filter_cycles: number;
  /** Most elements that were in one FIFO at once; lanes of the network, entries of the heap. */
  readonly highest_elements: number;
};

/**
 * Runs one row through the engine of a selector, on its values, none of which is NaN. A row of which all or nothing stays
 * passes through. Pivots are by `draw`, which gives numbers in [0, 1).
 */
export function selectRow(selector: Selector, row: Float64Array, k: number, draw: () => number): Selection {
  const n = row.length;
  const problem = rowProblem(selector, n);
  invariant(problem === undefined, `a row that its selector cannot take was run: ${problem}`);
  const fill_cycles = fillCycles(selector, n);
  if (k >= n || k < 1) {
    const survivors = k < 1 ? [] : Array.from(row.keys());
    return { survivors, fill_cycles, run: noRun, filter_cycles: 0, highest_elements: 0 };
  }
  const { kth, larger, highest_elements, ...run } = find(selector, row, k, draw);
  const survivors = filterRow(row, kth, k - larger, selector.comparators);
  return { survivors, fill_cycles, run, filter_cycles: fill_cycles, highest_elements };
}

function find(selector: Selector, row: Float64Array, k: number, draw: () => number): Run {
  switch (selector.algorithm) {
    case 'quick-select':
      return runQuickSelect(row, k, selector, draw);
    case 'bitonic':
      return runBitonic(row, k, selector);
    case 'heap':
      return runHeap(row, k, selector);
  }
}

/** The row once more, in its order: all above the k-th largest, and the first `equals` equal to it. */
function filterRow(row: Float64Array, kth: number, equals: number, width: number): readonly number[] {
  const eliminator = zeroEliminator(width);
  const survivors: number[] = [];
  let left = equals;
  for (let first = 0; first < row.length; first += width) {
    const used = Math.min(width, row.length - first);
    for (let i = 0; i < used; i++) {
      const element = row[first + i]!;
      const stays = element > kth || (element === kth && left-- > 0);
      eliminator.lanes[i] = first + i;
      eliminator.kept[i] = stays ? 1 : 0;
    }
    const count = eliminateZeros(eliminator, used);
    for (let i = 0; i < count; i++) survivors.push(eliminator.lanes[i]!);
  }
  return survivors;
}
