import type { SweepColumn } from './sweep-column.ts';

/** What rows must have in a column: a number from one to another, ends included and open where undefined, or one of some values. */
export type Brush =
  | { readonly kind: 'range'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'values'; readonly codes: ReadonlySet<number> };

/** Brushes by column: rows are selected that are within all of them. */
export type Selection = ReadonlyMap<number, Brush>;

/** Places of the values that are within a range: from the first on, and before the last. */
export function placesIn(values: Float64Array, from: number | undefined, to: number | undefined): [number, number] {
  const first = from === undefined ? 0 : firstPlace(values, (value) => value >= from);
  const end = to === undefined ? values.length : firstPlace(values, (value) => value > to);
  return [first, Math.max(first, end)];
}

/** The first place of which something holds that holds of all after it, too. */
function firstPlace(values: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** 1 for rows that are within all brushes. Rows without a value are within no range. */
export function selectedRows(columns: readonly SweepColumn[], selection: Selection, rows: number): Uint8Array {
  const selected = new Uint8Array(rows).fill(1);
  for (const [c, brush] of selection) {
    const column = columns[c]!;
    const within = new Uint8Array(column.values.length + 1);
    if (brush.kind === 'values') for (const code of brush.codes) within[code] = 1;
    else if (column.kind === 'number') within.fill(1, ...placesIn(column.values, brush.from, brush.to));
    for (let row = 0; row < rows; row++) if (within[column.codes[row]!] === 0) selected[row] = 0;
  }
  return selected;
}
