import type { Cells, Column, Range, Rows } from './table.ts';

/** Rows in the making, row by row; columns by position. */
export type RowWriter = {
  /** Begins the row of a point. */
  readonly begin: (point: number) => void;
  readonly setNumber: (column: number, value: number) => void;
  readonly setText: (column: number, text: string) => void;
  readonly rows: () => Rows;
};

type Writing = { readonly numbers: Float64Array } | { readonly texts: Map<string, number>; readonly codes: Int32Array };

/** Room for one row a point of a range. */
export function openRows(columns: readonly Column[], range: Range): RowWriter {
  const points = new Float64Array(range.count);
  const cells = columns.map(
    ({ type }): Writing =>
      type === 'number'
        ? { numbers: new Float64Array(range.count).fill(Number.NaN) }
        : { texts: new Map(), codes: new Int32Array(range.count).fill(-1) },
  );
  let count = 0;
  return {
    begin: (point) => {
      points[count++] = point;
    },
    setNumber: (column, value) => {
      const cell = cells[column]!;
      if ('numbers' in cell) cell.numbers[count - 1] = value;
    },
    setText: (column, text) => {
      const cell = cells[column]!;
      if ('numbers' in cell) return;
      let code = cell.texts.get(text);
      if (code === undefined) {
        code = cell.texts.size;
        cell.texts.set(text, code);
      }
      cell.codes[count - 1] = code;
    },
    rows: () => ({
      range,
      points: points.slice(0, count),
      columns: cells.map(
        (cell): Cells =>
          'numbers' in cell
            ? cell.numbers.slice(0, count)
            : { texts: [...cell.texts.keys()], codes: cell.codes.slice(0, count) },
      ),
    }),
  };
}
