import { type SweepColumn, valueAt } from './sweep-column.ts';

/** Places of the rows that are selected, by the values of a column; those without one are the last. */
export function sortedRows({ codes, values }: SweepColumn, selected: Uint8Array, sign: 1 | -1): Uint32Array {
  const rows = Uint32Array.from({ length: selected.length }, (_, row) => row).filter((row) => selected[row] === 1);
  const key = (row: number): number => (codes[row] === values.length ? Number.POSITIVE_INFINITY : sign * codes[row]!);
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? a - b : x - y;
  });
}

/** Rows as CSV (RFC 4180), with the names of the columns first. */
export function csvText(columns: readonly (SweepColumn & { readonly name: string })[], rows: Iterable<number>): string {
  const lines = [columns.map((c) => cell(c.name)).join(',')];
  for (const row of rows) lines.push(columns.map((column) => cell(valueAt(column, row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: number | string | undefined): string {
  if (value === undefined) return '';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
