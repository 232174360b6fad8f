import { valueAt } from '../sweep-column.ts';
import { shownText } from '../sweep-quantity.ts';
import type { ViewColumn } from '../sweep-view.ts';
import { element } from './element.ts';
import type { SweepModel } from './sweep-model.ts';

const most = 16;
const edge = 8;

/** A value of a row for people; nothing where there is none. */
export function cellText(column: ViewColumn, row: number): string {
  const value = valueAt(column, row);
  if (typeof value !== 'number') return value ?? '';
  return column.role === 'number' ? String(value) : shownText(value, column.unit);
}

const shownTip = (): HTMLElement | null => document.querySelector<HTMLElement>('.row-tip');

export function hideTip(): void {
  const tip = shownTip();
  if (tip !== null) tip.hidden = true;
}

function openTip(): HTMLElement {
  const tip = element('div', { class: 'tip row-tip', 'aria-hidden': 'true' });
  document.body.append(tip);
  return tip;
}

/** What a row has, beside the pointer. */
export function showRowTip({ columns }: SweepModel, row: number, x: number, y: number): void {
  const tip = shownTip() ?? openTip();
  const lines = columns.slice(0, most).map((column) => {
    const line = element('div', {}, element('span', {}, column.name), element('b', {}, cellText(column, row)));
    return line;
  });
  tip.replaceChildren(...lines);
  tip.hidden = false;
  const right = x + 16 + tip.offsetWidth < document.documentElement.clientWidth - edge;
  const left = right ? x + 16 : Math.max(edge, x - 16 - tip.offsetWidth);
  const top = Math.min(y + 12, Math.max(edge, innerHeight - tip.offsetHeight - edge));
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${top + scrollY}px`;
}
