import { exactText, readValue, shownText } from '../sweep-quantity.ts';
import type { Brush } from '../sweep-selection.ts';
import { mostListed, type ViewColumn } from '../sweep-view.ts';
import { element } from './element.ts';
import type { SweepState } from './sweep-model.ts';

/** What says and sets the brush of each column: two fields, or a box for each text. */
export function openRanges(place: HTMLElement, state: SweepState): void {
  const { columns } = state.model;
  const shows = columns.map((column, c) => {
    const made = column.kind === 'number' ? rangeFields(column, c, state) : textBoxes(column, c, state);
    place.append(made.fields);
    return made.show;
  });
  state.onSelect(() => {
    for (const show of shows) show();
  });
}

type Made = { readonly fields: HTMLElement; readonly show: () => void };

function rangeFields(column: Extract<ViewColumn, { readonly kind: 'number' }>, c: number, state: SweepState): Made {
  const { name, unit, values } = column;
  const [least, most] = [values[0], values.at(-1)];
  const field = (side: 'from' | 'to', end: number | undefined): HTMLInputElement =>
    element('input', {
      type: 'text',
      inputmode: 'decimal',
      autocomplete: 'off',
      placeholder: end === undefined ? '' : shownText(end, unit),
      'aria-label': `${name} ${side}${unit === '' ? '' : `, ${unit}`}`,
      name: `${name} ${side}`,
    });
  const [from, to] = [field('from', least), field('to', most)];
  const legend = element('legend', {}, name);
  const fields = element('fieldset', { class: 'range' }, legend, from, element('span', {}, 'to'), to);
  const read = (input: HTMLInputElement): number | undefined | 'wrong' => {
    const value = input.value.trim() === '' ? undefined : (readValue(input.value, unit) ?? 'wrong');
    input.setAttribute('aria-invalid', String(value === 'wrong'));
    input.title = value === 'wrong' ? `such as ${shownText(least ?? 1, unit)}` : '';
    return value;
  };
  const set = (): void => {
    const [low, high] = [read(from), read(to)];
    if (low !== 'wrong' && high !== 'wrong') state.brush([c, { kind: 'range', from: low, to: high }]);
  };
  for (const input of [from, to]) input.addEventListener('change', set);
  const show = (): void => {
    const brush = state.model.selection.get(c);
    fields.classList.toggle('brushed', brush !== undefined);
    const range = brush?.kind === 'range' ? brush : undefined;
    for (const [input, value] of [
      [from, range?.from],
      [to, range?.to],
    ] as const) {
      input.value = value === undefined ? '' : exactText(value, unit);
      input.setAttribute('aria-invalid', 'false');
    }
  };
  return { fields, show };
}

function textBoxes(column: Extract<ViewColumn, { readonly kind: 'text' }>, c: number, state: SweepState): Made {
  const { name, values, codes } = column;
  const legend = element('legend', {}, name);
  const fields = element('fieldset', { class: 'range texts' }, legend);
  if (values.length > mostListed) {
    fields.append(element('span', {}, `${values.length} different texts`));
    return { fields, show: () => {} };
  }
  const all = [...values.keys(), ...(codes.includes(values.length) ? [values.length] : [])];
  const boxes = all.map((code) => {
    const box = element('input', { type: 'checkbox', name, value: String(code) });
    box.checked = true;
    fields.append(element('label', {}, box, ` ${values[code] ?? 'none'}`));
    return box;
  });
  fields.addEventListener('change', () => {
    const chosen = all.filter((_, i) => boxes[i]!.checked);
    const brush: Brush | undefined =
      chosen.length === all.length ? undefined : { kind: 'values', codes: new Set(chosen) };
    state.brush([c, brush]);
  });
  const show = (): void => {
    const brush = state.model.selection.get(c);
    fields.classList.toggle('brushed', brush !== undefined);
    all.forEach((code, i) => {
      boxes[i]!.checked = brush?.kind !== 'values' || brush.codes.has(code);
    });
  };
  return { fields, show };
}
