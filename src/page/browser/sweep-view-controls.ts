import { usualView, type ViewColumn } from '../sweep-view.ts';
import { element } from './element.ts';
import { type Coloured, colouring } from './sweep-colour.ts';
import type { SweepState } from './sweep-model.ts';
import { canBeLog, type ScaleKind, usualKind } from './sweep-scale.ts';

/** What is shown: columns by position. */
export type ViewChoice = {
  readonly x: number;
  readonly y: number;
  readonly kinds: { readonly x: ScaleKind; readonly y: ScaleKind };
  readonly colours: Coloured;
  readonly axes: readonly number[];
};

/** Controls that choose the columns of the plots; undefined if there are no numbers to plot. */
export function openViewControls(
  place: HTMLElement,
  state: SweepState,
  changed: () => void,
): (() => ViewChoice) | undefined {
  const { columns, data } = state.model;
  const usual = usualView(columns, data.objectives);
  if (usual.x === undefined || usual.y === undefined) return undefined;
  const numbers = columns.flatMap((c, i) => (c.kind === 'number' ? [i] : []));
  const x = axisControl('x', columns, numbers, usual.x);
  const y = axisControl('y', columns, numbers, usual.y);
  const colour = selectOf(
    'Colour',
    columns,
    columns.map((_, i) => i),
    usual.colour,
  );
  colour.select.prepend(element('option', { value: '' }, 'none'));
  if (usual.colour === undefined) colour.select.value = '';
  const legend = element('ul', { class: 'legend', 'aria-label': 'Colours' });
  place.append(x.label, x.log, y.label, y.log, colour.label, legend);
  let coloured: Coloured;
  const recolour = (): void => {
    const column = colour.select.value === '' ? undefined : columns[Number(colour.select.value)];
    coloured = { ...colouring(column), codes: column?.codes };
    const front = data.front.length === 0 ? [] : [element('li', { class: 'of-front' }, element('i', {}), 'front')];
    legend.replaceChildren(
      ...front,
      ...coloured.legend.map(({ text, colour: shown }) => {
        const swatch = element('i', {});
        swatch.style.background = shown;
        return element('li', {}, swatch, text);
      }),
    );
  };
  recolour();
  place.addEventListener('change', () => {
    recolour();
    changed();
  });
  return () => {
    recolour();
    return {
      x: Number(x.select.value),
      y: Number(y.select.value),
      kinds: { x: x.kind(), y: y.kind() },
      colours: coloured,
      axes: usual.axes,
    };
  };
}

function selectOf(
  title: string,
  columns: readonly ViewColumn[],
  choices: readonly number[],
  chosen: number | undefined,
) {
  const select = element('select', { name: title });
  for (const c of choices) select.append(element('option', { value: String(c) }, columns[c]!.name));
  if (chosen !== undefined) select.value = String(chosen);
  return { select, label: element('label', {}, `${title} `, select) };
}

function axisControl(title: string, columns: readonly ViewColumn[], choices: readonly number[], chosen: number) {
  const { select, label } = selectOf(title, columns, choices, chosen);
  const box = element('input', { type: 'checkbox', name: `${title} log` });
  const usual = (): void => {
    const column = columns[Number(select.value)]!;
    box.checked = usualKind(column) === 'log';
    box.disabled = !canBeLog(column);
  };
  usual();
  select.addEventListener('change', usual);
  return {
    select,
    label,
    log: element('label', {}, box, ' log'),
    kind: (): ScaleKind => (box.checked ? 'log' : 'linear'),
  };
}
