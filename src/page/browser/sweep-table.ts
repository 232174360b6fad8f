import { valueAt } from '../sweep-column.ts';
import { csvText, sortedRows } from '../sweep-rows.ts';
import { copyText } from './copying.ts';
import { element } from './element.ts';
import type { SweepState } from './sweep-model.ts';
import { cellText } from './sweep-tip.ts';

/** Rows of the table, of all that are selected. */
const mostShown = 200;
/** How long nothing must change before the table follows, in ms: brushes move often. */
const patience = 120;

type Order = { readonly column: number; readonly direction: 'ascending' | 'descending' };

/** The first rows of the selection, by the column that its reader chose. */
export function openTable(place: HTMLElement, state: SweepState): void {
  const { columns, data } = state.model;
  const [objective] = data.objectives;
  let order: Order = {
    column: objective?.column ?? 0,
    direction: objective?.goal === 'maximize' ? 'descending' : 'ascending',
  };
  const count = element('p', { class: 'what', id: 'table-count' });
  const copy = element('button', { type: 'button', id: 'copy-csv' }, 'Copy as CSV');
  const head = element('tr', {});
  const body = element('tbody', {});
  const table = element('table', { class: 'rows', id: 'rows' }, element('thead', {}, head), body);
  table.createCaption().textContent = 'Selected rows';
  const scroll = element(
    'div',
    { class: 'scroll tall', role: 'region', 'aria-label': 'Selected rows', tabindex: '0' },
    table,
  );
  place.replaceChildren(count, element('div', { class: 'actions' }, copy), scroll);

  columns.forEach(({ name, unit, kind }, c) => {
    const button = element('button', { type: 'button' }, unit === '' ? name : `${name} (${unit})`);
    button.addEventListener('click', () => {
      const turned = order.column === c && order.direction === 'ascending' ? 'descending' : 'ascending';
      order = { column: c, direction: turned };
      show();
    });
    head.append(element('th', { scope: 'col', class: kind === 'number' ? 'number' : undefined }, button));
  });

  const rowsInOrder = (): Uint32Array =>
    sortedRows(columns[order.column]!, state.model.selected, order.direction === 'ascending' ? 1 : -1);

  function show(): void {
    const { selectedCount } = state.model;
    const rows = rowsInOrder().subarray(0, mostShown);
    [...head.cells].forEach((cell, c) => {
      cell.setAttribute('aria-sort', c === order.column ? order.direction : 'none');
    });
    const first =
      selectedCount > mostShown
        ? `The first ${mostShown} of ${selectedCount.toLocaleString('en-US')}`
        : `${selectedCount}`;
    count.textContent = `${first} selected ${selectedCount === 1 ? 'row' : 'rows'}, by ${columns[order.column]!.name}. Rows of the front are bold.`;
    body.replaceChildren(...[...rows].map((row, i) => rowElement(row, i)));
  }

  function rowElement(row: number, i: number): HTMLTableRowElement {
    const { inFront } = state.model;
    const cells = columns.map((column) =>
      element(
        'td',
        { class: column.kind === 'number' ? 'number' : undefined, title: exactTitle(row, columns.indexOf(column)) },
        cellText(column, row),
      ),
    );
    return element(
      'tr',
      { 'data-row': String(row), tabindex: i === 0 ? '0' : '-1', class: inFront[row] === 1 ? 'in-front' : undefined },
      ...cells,
    );
  }

  const exactTitle = (row: number, c: number): string | undefined => {
    const value = valueAt(columns[c]!, row);
    return typeof value === 'number' ? String(value) : undefined;
  };

  const rowOf = (target: EventTarget | null): HTMLTableRowElement | null =>
    target instanceof Element ? target.closest<HTMLTableRowElement>('tr[data-row]') : null;
  const mark = (row: HTMLTableRowElement | null): void =>
    state.mark(row === null ? undefined : Number(row.dataset['row']));
  body.addEventListener('pointerover', ({ target }) => mark(rowOf(target)));
  body.addEventListener('pointerleave', () => mark(null));
  body.addEventListener('focusin', ({ target }) => mark(rowOf(target)));
  body.addEventListener('focusout', () => mark(null));
  body.addEventListener('keydown', (event) => {
    const row = rowOf(event.target);
    const to =
      event.key === 'ArrowDown'
        ? row?.nextElementSibling
        : event.key === 'ArrowUp'
          ? row?.previousElementSibling
          : null;
    if (!(to instanceof HTMLTableRowElement)) return;
    event.preventDefault();
    row!.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });

  state.onMark(() => {
    body.querySelector('.marked')?.classList.remove('marked');
    if (state.model.marked !== undefined)
      body.querySelector(`[data-row="${state.model.marked}"]`)?.classList.add('marked');
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  state.onSelect(() => {
    clearTimeout(waiting);
    waiting = setTimeout(show, patience);
  });
  copy.addEventListener('click', () => copyText(csvText(columns, rowsInOrder()), copy));
  show();
}
