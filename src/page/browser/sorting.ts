import { element } from './element.ts';

const cellOf = (row: HTMLTableRowElement, column: number): HTMLTableCellElement => row.cells[column]!;

const numberOf = (cell: HTMLTableCellElement): number | undefined =>
  cell.dataset['value'] === undefined ? undefined : Number(cell.dataset['value']);

/** Rows without a number go last, whichever the order. */
function compareCells(a: HTMLTableCellElement, b: HTMLTableCellElement, numeric: boolean, sign: 1 | -1): number {
  if (!numeric) return sign * a.textContent!.localeCompare(b.textContent!, 'en', { numeric: true });
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  return sign * (x - y);
}

function sortBy(table: HTMLTableElement, column: number): void {
  const heads = [...table.tHead!.rows[0]!.cells];
  const head = heads[column]!;
  const numeric = head.classList.contains('number');
  const first = numeric ? 'descending' : 'ascending';
  const other = numeric ? 'ascending' : 'descending';
  const order = head.getAttribute('aria-sort') === first ? other : first;
  for (const h of heads) h.setAttribute('aria-sort', h === head ? order : 'none');
  const body = table.tBodies[0]!;
  const sign = order === 'ascending' ? 1 : -1;
  body.append(...[...body.rows].sort((a, b) => compareCells(cellOf(a, column), cellOf(b, column), numeric, sign)));
}

/** Tables of data get buttons in their heads: numbers from the largest first, texts from the first; again: the other way. */
export function makeSortable(within: ParentNode): void {
  for (const table of within.querySelectorAll<HTMLTableElement>('table.data'))
    [...table.tHead!.rows[0]!.cells].forEach((head, column) => {
      const button = element('button', { type: 'button' }, head.textContent!);
      button.addEventListener('click', () => sortBy(table, column));
      head.setAttribute('aria-sort', 'none');
      head.replaceChildren(button);
    });
}
