/** What stands in a row: where it would like to be, and how much room it needs around. Lengths are pixels. */
export type RowItem = {
  readonly wanted: number;
  readonly width: number;
  /** To whatever is beside it; between two, the larger gap counts. */
  readonly gap: number;
};

/** Distance of each item's middle from the left edge if all stand as close as they may. */
function closest(items: readonly RowItem[]): readonly number[] {
  const middles: number[] = [];
  items.forEach((item, i) => {
    const before = items[i - 1];
    const least = before === undefined ? 0 : middles[i - 1]! + before.width / 2 + Math.max(before.gap, item.gap);
    middles.push(least + item.width / 2);
  });
  return middles;
}

/** Width of a row whose items stand as close as they may. */
export const leastRowWidth = (items: readonly RowItem[]): number => {
  const last = items.at(-1);
  return last === undefined ? 0 : closest(items).at(-1)! + last.width / 2;
};

/**
 * Middles of items from left to right within a width, in their order and with their gaps, as near to where they would
 * like to be as can be: the least sum of squares (isotonic regression by pooling adjacent violators).
 */
export function spreadRow(items: readonly RowItem[], width: number): readonly number[] {
  const close = closest(items);
  const pools: { sum: number; count: number }[] = [];
  items.forEach((item, i) => {
    let pool = { sum: item.wanted - close[i]!, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
    }
    pools.push(pool);
  });
  const most = Math.max(0, width - leastRowWidth(items));
  const shifts = pools.flatMap(({ sum, count }) => Array<number>(count).fill(Math.min(most, Math.max(0, sum / count))));
  return close.map((middle, i) => middle + shifts[i]!);
}
