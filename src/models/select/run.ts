/** What finding the k-th largest of a row takes: of one run whole numbers, over random rows means. */
export type RunCost = {
  /** Traversals: of what is left of the row (quick-select), of the row (heap), of the network's lanes (bitonic). */
  readonly passes: number;
  /** Elements that the passes see. */
  readonly scanned_elements: number;
  /** By all comparators, a three-way one counting once. */
  readonly comparisons: number;
  readonly cycles: number;
};

/** One run on values: its cost, the k-th largest, how many are larger, and most elements stored in one place at once. */
export type Run = RunCost & { readonly kth: number; readonly larger: number; readonly highest_elements: number };

/** Where all or nothing stays there is nothing to find. */
export const noRun: RunCost = { passes: 0, scanned_elements: 0, comparisons: 0, cycles: 0 };
