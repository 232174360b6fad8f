import type { Layout } from '../layout.ts';
import { plainText } from '../report/quantity-text.ts';
import { renderTable } from '../report/table.ts';
import type { Answer, Cell, Part } from '../sweep/answer.ts';

/** A table of more rows is for files. */
const mostShown = 100;

/** A value on one line of a terminal; texts may have anything in them. */
function cellText(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/\s/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
}

/** A value for people: five digits of what is no whole number. */
export const figureText = (value: Cell): string =>
  typeof value === 'number' && !Number.isInteger(value) ? plainText(value) : cellText(value);

/** Rows as a table, and how many are left out of it. */
export async function answerTable(
  { columns, parts }: Answer,
  layout: Layout,
  textOf: (value: Cell) => string = cellText,
): Promise<string> {
  const shown: string[][] = [];
  let count = 0;
  for await (const part of parts) {
    if (shown.length < mostShown)
      for (const row of part.rows().slice(0, mostShown - shown.length)) shown.push(row.map(textOf));
    count += part.count;
  }
  const more = count - shown.length;
  const titles = columns.map(({ name, isNumber }) => ({
    title: cellText(name),
    align: isNumber ? ('right' as const) : ('left' as const),
  }));
  const left = more === 0 ? '' : `\nand ${more} more rows; --out writes them all to a file\n`;
  return renderTable(titles, shown, layout) + left;
}

/** Rows that are all known, as those of an answer. */
export async function* inOnePart(rows: readonly (readonly Cell[])[]): AsyncIterable<Part> {
  yield { count: rows.length, rows: () => rows };
}

/** A row as an object by column. */
export const rowData = ({ columns }: Pick<Answer, 'columns'>, row: readonly Cell[]): Readonly<Record<string, Cell>> =>
  Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]));

/** Rows as a list in JSON, in parts, since there may be many. */
export async function* answerJson(answer: Answer): AsyncIterable<string> {
  let before = '[';
  for await (const { rows } of answer.parts) {
    const texts = rows().map((row) => `\n${JSON.stringify(rowData(answer, row))}`);
    if (texts.length > 0) yield before + texts.join(',');
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}
