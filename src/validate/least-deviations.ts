/** A linear problem: residuals r + S x are to be small in absolute value, and x near to what is expected, within bounds. */
export type Fit = {
  readonly residuals: readonly number[];
  /** By residual: how it changes with each x. */
  readonly slopes: readonly ReadonlyMap<number, number>[];
  /** By x. */
  readonly expected: readonly { readonly step: number; readonly spread: number }[];
  readonly least: readonly number[];
  readonly most: readonly number[];
};

/** A residual under this counts by its square, so that the sum has a slope everywhere. */
const smallest = 0.01;
/** What it weighs that an x is off by its spread, in residuals that are off by all of themselves. */
const priorWeight = 0.05;
const sweeps = 400;

/**
 * The x with the least sum of absolute residuals, by least squares that are weighted anew until they agree (Schlossmacher,
 * JASA 1973), each solved by going through the x one by one (coordinate descent), which keeps to the bounds.
 */
export function fitLinear({ residuals, slopes, expected, least, most }: Fit): readonly number[] {
  const x = expected.map((_, j) => Math.min(most[j]!, Math.max(least[j]!, 0)));
  const columns = expected.map((_, j) =>
    slopes.flatMap((row, i) => {
      const slope = row.get(j);
      return slope === undefined || slope === 0 ? [] : [{ i, slope }];
    }),
  );
  const now = residuals.map((r, i) => [...slopes[i]!].reduce((sum, [j, slope]) => sum + slope * x[j]!, r));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    for (const [j, column] of columns.entries()) {
      const { step, spread } = expected[j]!;
      let curve = priorWeight / spread ** 2;
      let pull = curve * (x[j]! - step);
      for (const { i, slope } of column) {
        const weight = 1 / Math.max(smallest, Math.abs(now[i]!));
        curve += weight * slope ** 2;
        pull += weight * slope * now[i]!;
      }
      const to = Math.min(most[j]!, Math.max(least[j]!, x[j]! - pull / curve));
      const by = to - x[j]!;
      if (by === 0) continue;
      x[j] = to;
      moved = Math.max(moved, Math.abs(by));
      for (const { i, slope } of column) now[i] = now[i]! + slope * by;
    }
    if (moved < 1e-7) break;
  }
  return x;
}
