import { type Html, html, trusted } from './html.ts';

/** A number beside the text that says it, by which its column is sorted; undefined: there is none. */
export type NumberCell = { readonly text: string; readonly value: number | undefined };

/** Columns of numbers have number cells, the others texts. The first column names the row. */
export type DataColumn = { readonly title: string; readonly numeric?: boolean };

export type DataTable = {
  readonly title: string;
  readonly columns: readonly DataColumn[];
  readonly rows: readonly (readonly (string | NumberCell)[])[];
  /** Of long texts, which may break inside of words. */
  readonly long?: boolean;
};

/** A cell of a column of numbers; `none` stands where there is none. */
export const numberCell = (
  value: number | null | undefined,
  text: (value: number) => string,
  none = '-',
): NumberCell => (value == null ? { text: none, value: undefined } : { text: text(value), value });

/** Characters of a text that needs room for lines of some words each. */
const longText = 24;

function cellHtml(cell: string | NumberCell): Html {
  if (typeof cell === 'string')
    return html`<td${cell.length > longText ? trusted(' class="prose"') : undefined}>${cell}</td>`;
  return cell.value === undefined
    ? html`<td class="number">${cell.text}</td>`
    : html`<td class="number" data-value="${cell.value}">${cell.text}</td>`;
}

/** Sortable by the page's script; a table that is too wide for the page scrolls by itself. */
export function tableHtml({ title, columns, rows, long = false }: DataTable): Html {
  const head = columns.map(({ title: text, numeric }) =>
    numeric === true ? html`<th scope="col" class="number">${text}</th>` : html`<th scope="col">${text}</th>`,
  );
  const body = rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${typeof first === 'object' ? first.text : first}</th>${rest.map(cellHtml)}</tr>\n`,
  );
  return html`<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table class="${long ? 'data long' : 'data'}">
<caption>${title}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}
