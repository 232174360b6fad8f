import { rooflineData } from '../../figures/roofline-data.ts';
import { rooflineFigure } from '../../figures/roofline-figure.ts';
import type { Report } from '../../report/report.ts';
import { isPlain } from '../../units.ts';
import { answerRows } from '../answer.ts';
import type { Control } from '../control.ts';
import { valueText } from '../control-values.ts';
import type { RunPageData } from '../run-page.ts';
import { type Changes, commandLine } from '../what-if.ts';
import type { Answer } from './answering.ts';
import { askWorker } from './asking.ts';
import { drawToFit } from './drawing.ts';
import { element } from './element.ts';

/** A control on the page, and what was put in; undefined: it is as it was. */
type Knob = {
  readonly control: Control;
  readonly row: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly field: HTMLInputElement;
  given: string | undefined;
};

const groups = [
  ['size', 'Sizes'],
  ['machine', 'Machine'],
  ['mapping', 'Mapping'],
] as const;

/** The stop of a slider that is nearest to a value, as a ratio. */
function nearest({ choices }: Control, value: number): number {
  const distance = (choice: number): number => Math.abs(Math.log((choice + 1e-9) / (value + 1e-9)));
  return choices.reduce((best, choice, i) => (distance(choice) < distance(choices[best]!) ? i : best), 0);
}

/** A name may break behind each of its underlines. */
const breakable = (name: string): readonly (Node | string)[] =>
  name.split(/(?<=_)/).flatMap((part, i) => (i === 0 ? [part] : [element('wbr', {}), part]));

function makeKnob(control: Control, onMove: () => void): Knob {
  const { name, of, choices, value, dimension, note } = control;
  const id = `${of}-${name}`;
  const text = valueText(value, dimension);
  const slider = element('input', {
    type: 'range',
    min: '0',
    max: String(choices.length - 1),
    step: '1',
    'aria-label': `${name}, slider`,
    'aria-valuetext': text,
  });
  slider.value = String(nearest(control, value));
  const number = isPlain(dimension) ? { type: 'number', step: 'any' } : { type: 'text' };
  const field = element('input', { id, ...number, autocomplete: 'off' });
  field.value = text;
  const row = element('div', { class: 'control' }, element('label', { for: id }, ...breakable(name)), slider, field);
  if (note !== undefined) row.append(element('small', {}, note));
  const knob: Knob = { control, row, slider, field, given: undefined };
  const give = (given: string): void => {
    // What follows others may be elsewhere by now: its old value holds it there.
    knob.given = given === text && !control.follows ? undefined : given;
    row.classList.toggle('moved', knob.given !== undefined);
    slider.setAttribute('aria-valuetext', given);
    onMove();
  };
  slider.addEventListener('input', () => {
    field.value = valueText(choices[Number(slider.value)]!, dimension);
    give(field.value);
  });
  field.addEventListener('input', () => {
    const typed = Number.parseFloat(field.value);
    if (isPlain(dimension) && Number.isFinite(typed)) slider.value = String(nearest(control, typed));
    give(field.value.trim());
  });
  return knob;
}

function setKnob(knob: Knob, value: number): void {
  const text = valueText(value, knob.control.dimension);
  knob.field.value = text;
  knob.slider.value = String(nearest(knob.control, value));
  knob.slider.setAttribute('aria-valuetext', text);
}

const changesOf = (knobs: readonly Knob[]): Changes => {
  const moved = knobs.filter((k) => k.given !== undefined);
  const entries = (isSize: boolean) =>
    moved.filter((k) => (k.control.of === 'size') === isSize).map((k) => [k.control.name, k.given!] as const);
  return { sizes: entries(true), parameters: entries(false) };
};

const tableOf = { size: 'workload', machine: 'hardware_parameters', mapping: 'mapping_parameters' } as const;

/** What nobody moved follows what was; the slider beside a field follows what is typed there. */
function follow(knobs: readonly Knob[], report: Report): void {
  for (const knob of knobs) {
    const { of, name, follows } = knob.control;
    const value = report[tableOf[of]][name]!;
    if (follows && knob.given === undefined) setKnob(knob, value);
    else if (knob.field === document.activeElement) knob.slider.value = String(nearest(knob.control, value));
  }
}

const cell = (text: string | undefined, attributes: Readonly<Record<string, string>> = {}) =>
  element('td', { class: 'number', ...attributes }, text ?? '-');

function answerTable({ runs, closed }: RunPageData, changed: Report): HTMLTableElement {
  const simulated = runs.map((r) => r.report).find((r) => r.model === 'cycle');
  const heads = [
    ...(simulated === undefined ? [] : ['simulated, as it is']),
    'closed form, as it is',
    'closed form, changed',
  ];
  const rows = answerRows(closed, changed, simulated).map((row) =>
    element(
      'tr',
      { 'data-answer': row.name },
      element('th', { scope: 'row' }, row.name),
      ...(simulated === undefined ? [] : [cell(row.simulated)]),
      cell(row.base),
      cell(row.changed, row.value === undefined ? {} : { 'data-value': String(row.value) }),
      element('td', { class: `number change ${row.direction}` }, row.change),
    ),
  );
  return element(
    'table',
    { class: 'answers' },
    element('caption', {}, 'What would change'),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }),
        ...[...heads, 'change'].map((h) => element('th', { scope: 'col', class: 'number' }, h)),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

/** The first rows of the answer in a line, for pages on which the table is out of sight. */
const headlineText = (data: RunPageData, changed: Report): string =>
  answerRows(data.closed, changed, undefined)
    .filter(({ name }) => name === 'time' || name === 'energy')
    .map((row) => [row.name, row.changed, row.change].join(' ').trim())
    .join(', ');

/** Sliders for all that can be moved, and beside them what would come of it. */
export function openPanel(place: HTMLElement, data: RunPageData): void {
  let changed = data.closed;
  let isChanged = false;
  const table = element('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'What would change' });
  const refusal = element('div', { class: 'refusal', role: 'status', hidden: '' });
  const command = element('code', {});
  const plot = element('figure', { id: 'figure-what-if' });
  const answer = element('div', { class: 'answer' });
  const headline = element('p', { class: 'headline' });

  const drawPlot = (width: number) => {
    const plotted = [
      { report: data.closed, label: 'as it is' },
      ...(isChanged ? [{ report: changed, label: 'changed' }] : []),
    ];
    const roofline = rooflineData(plotted, 'Roofline in closed form', plotted[0]);
    return roofline === undefined ? undefined : rooflineFigure(roofline, { width });
  };
  const redraw = drawToFit(plot, drawPlot);

  const show = (): void => {
    table.replaceChildren(answerTable(data, changed));
    headline.textContent = headlineText(data, changed);
  };

  const onAnswer = (found: Answer, { sizes, parameters }: Changes): void => {
    answer.classList.toggle('stale', !found.ok);
    refusal.hidden = found.ok;
    answer.dataset['answered'] = String(Number(answer.dataset['answered'] ?? 0) + 1);
    if (!found.ok) {
      headline.textContent = 'This cannot be run';
      refusal.replaceChildren(...['This cannot be run:', ...found.reasons].map((text) => element('p', {}, text)));
      return;
    }
    changed = found.report;
    isChanged = sizes.length + parameters.length > 0;
    follow(knobs, changed);
    show();
    redraw();
  };
  const ask = askWorker(data.inputs, onAnswer);
  const onMove = (): void => {
    const changes = changesOf(knobs);
    command.textContent = commandLine(data.words, data.inputs, changes);
    ask(changes);
  };
  const knobs: readonly Knob[] = data.controls.map((control) => makeKnob(control, onMove));

  const reset = element('button', { type: 'button', id: 'reset' }, 'Reset');
  reset.addEventListener('click', () => {
    for (const knob of knobs) {
      knob.given = undefined;
      knob.row.classList.remove('moved');
      setKnob(knob, knob.control.value);
    }
    onMove();
  });
  const copy = element('button', { type: 'button' }, 'Copy the command');
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command.textContent!);
    copy.textContent = 'Copied';
  });

  const fieldsets = groups.flatMap(([of, title]) => {
    const own = knobs.filter((k) => k.control.of === of);
    const rows = own.filter((k) => !k.control.follows).map((k) => k.row);
    const following = own.filter((k) => k.control.follows).map((k) => k.row);
    if (own.length === 0) return [];
    const folded = element(
      'details',
      {},
      element('summary', {}, `Follow from others (${following.length})`),
      ...following,
    );
    return [element('fieldset', {}, element('legend', {}, title), ...rows, ...(following.length > 0 ? [folded] : []))];
  });
  answer.append(
    refusal,
    table,
    element('div', { class: 'actions' }, reset, copy),
    element('pre', { tabindex: '0', id: 'command', 'aria-label': 'The command that gives the same' }, command),
    plot,
  );
  place.replaceChildren(
    element(
      'p',
      {},
      'Move a size or a parameter: the closed form is worked out again on this page. What was simulated stays as it was, beside it.',
    ),
    element('div', { class: 'panel' }, element('div', {}, headline, ...fieldsets), answer),
  );
  show();
  // The worker is warm when the first slider moves.
  onMove();
}
