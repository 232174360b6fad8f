import { rowsCommand } from '../sweep-command.ts';
import { conditionText } from '../sweep-condition.ts';
import { copyText } from './copying.ts';
import { element } from './element.ts';
import type { SweepState } from './sweep-model.ts';

/** What is selected in words: how many rows, and the condition that selects them in the store. */
export function openSum(place: HTMLElement, state: SweepState): void {
  const { data, columns } = state.model;
  const count = element('b', { id: 'selected-count' });
  const clear = element('button', { type: 'button', id: 'clear' }, 'Clear all');
  const said = element(
    'p',
    { role: 'status', class: 'selected' },
    count,
    ` of ${data.rows.toLocaleString('en-US')} rows selected`,
  );
  const condition = element('pre', { id: 'condition', tabindex: '0', 'aria-label': 'Condition in SQL' });
  const command = element('pre', { id: 'command', tabindex: '0', 'aria-label': 'Command line' });
  const copyCondition = element('button', { type: 'button' }, 'Copy the condition');
  const copyCommand = element('button', { type: 'button' }, 'Copy the command');
  const bar = element('div', { class: 'selection-bar' }, said, clear);
  document.getElementById('content')!.append(bar);
  place.replaceChildren(condition, command, element('div', { class: 'actions' }, copyCondition, copyCommand));
  const show = (): void => {
    const { selection, selectedCount } = state.model;
    const text = conditionText(columns, selection);
    count.textContent = selectedCount.toLocaleString('en-US');
    clear.disabled = selection.size === 0;
    copyCondition.disabled = text === '';
    condition.textContent = text === '' ? 'All rows are selected.' : text;
    command.textContent = rowsCommand(data, text);
  };
  clear.addEventListener('click', () => state.clear());
  copyCondition.addEventListener('click', () => copyText(condition.textContent!, copyCondition));
  copyCommand.addEventListener('click', () => copyText(command.textContent!, copyCommand));
  state.onSelect(show);
  show();
}
