import { brush as rectangleBrush } from 'd3';
import type { Brush } from '../sweep-selection.ts';
import { element } from './element.ts';
import type { SweepState } from './sweep-model.ts';
import { beforePaint, openPlot, type Plot, whenWide } from './sweep-plot.ts';
import { type ColumnScale, columnScale } from './sweep-scale.ts';
import {
  drawAxes,
  drawFaint,
  drawFront,
  drawSelected,
  inner,
  inset,
  margin,
  type Places,
  type Scatter,
} from './sweep-scatter-draw.ts';
import { hideTip, showRowTip } from './sweep-tip.ts';
import type { ViewChoice } from './sweep-view-controls.ts';

/** How far from a mark a pointer may be. */
const reach = 14;
/** Of the plot, where it is wide. */
const height = 440;

const sizeFor = (rows: number): number => (rows > 5000 ? 3 : rows > 500 ? 4.5 : 7);

/** Rows as dots by two columns, with a rectangle to select by both; what it returns draws it anew. */
export function openScatter(place: HTMLElement, state: SweepState, chosen: () => ViewChoice): () => void {
  const inside = element('div', { class: 'plot' });
  place.append(inside);
  let scatter: Scatter | undefined;
  let dragging = false;

  const draw = (width: number): void => {
    const { x, y, kinds, colours } = chosen();
    const { columns, data } = state.model;
    const plot = openPlot(inside, width, Math.min(height, Math.max(320, width)), describe());
    const scales = [columnScale(columns[x]!, kinds.x), columnScale(columns[y]!, kinds.y)] as const;
    scatter = {
      plot,
      x: scales[0],
      y: scales[1],
      columns: [x, y],
      places: placesOf(plot, scales, columns[x]!.codes, columns[y]!.codes),
      size: sizeFor(data.rows),
    };
    drawAxes(scatter, [titleOf(x), titleOf(y)]);
    drawFaint(scatter, state.model.shuffled);
    drawSelected(scatter, state, colours);
    drawFront(scatter, state);
    addBrush(scatter);
    plot.svg.append('circle').attr('class', 'marked').attr('r', 7).attr('display', 'none');
    showMarked();
  };
  const redraw = whenWide(place, draw);

  const titleOf = (c: number): string => {
    const { name, unit } = state.model.columns[c]!;
    return unit === '' ? name : `${name} (${unit})`;
  };
  const describe = (): string => {
    const { x, y } = chosen();
    return `Scatter plot of ${state.model.data.rows} rows: ${titleOf(x)} and ${titleOf(y)}. The table below has the selected rows.`;
  };

  const select = beforePaint(({ rectangle }: { readonly rectangle: Rectangle | null }) => {
    if (scatter !== undefined) state.brush(...brushesOf(scatter, rectangle));
  });
  function addBrush(drawn: Scatter): void {
    const { plot } = drawn;
    const brush = rectangleBrush<unknown>()
      .extent([
        [margin.left, margin.top],
        [plot.width - margin.right, plot.height - margin.bottom],
      ])
      .on('start', ({ sourceEvent }) => {
        if (sourceEvent) dragging = true;
      })
      .on('brush end', ({ type, sourceEvent, selection }) => {
        if (!sourceEvent) return;
        if (type === 'end') dragging = false;
        select({ rectangle: selection as Rectangle | null });
      });
    const group = plot.svg.append('g').attr('class', 'brush');
    group.call(brush);
    follow = () => {
      if (!dragging) group.call(brush.move, rectangleOf(drawn, state));
    };
    follow();
    plot.svg.on('pointermove', (event: PointerEvent) => {
      const box = plot.svg.node()!.getBoundingClientRect();
      const row = nearest(drawn, state.model.selected, event.clientX - box.left, event.clientY - box.top);
      state.mark(row);
      if (row === undefined || dragging) hideTip();
      else showRowTip(state.model, row, event.clientX, event.clientY);
    });
    plot.svg.on('pointerleave', () => {
      state.mark(undefined);
      hideTip();
    });
  }
  let follow = (): void => {};

  const showMarked = (): void => {
    const row = state.model.marked;
    const [x, y] = row === undefined || scatter === undefined ? [] : [scatter.places.x[row]!, scatter.places.y[row]!];
    const isThere = x !== undefined && y !== undefined && !Number.isNaN(x + y);
    const mark = scatter?.plot.svg.select('.marked');
    mark
      ?.attr('display', isThere ? null : 'none')
      .attr('cx', isThere ? x : 0)
      .attr('cy', isThere ? y : 0);
  };

  state.onMark(showMarked);
  state.onSelect(() => {
    if (scatter === undefined) return;
    drawSelected(scatter, state, chosen().colours);
    follow();
  });
  return redraw;
}

type Rectangle = readonly [readonly [number, number], readonly [number, number]];

function placesOf(
  plot: Plot,
  [x, y]: readonly [ColumnScale, ColumnScale],
  xCodes: Uint16Array,
  yCodes: Uint16Array,
): Places {
  const { left, right, top, bottom } = inner(plot);
  return {
    x: Float32Array.from(xCodes, (code) => left + x.shares[code]! * (right - left)),
    y: Float32Array.from(yCodes, (code) => bottom - y.shares[code]! * (bottom - top)),
  };
}

/** Ranges of both columns; what reaches the frame is open, and what was no rectangle takes both away. */
function brushesOf(
  { plot, x, y, columns }: Scatter,
  rectangle: Rectangle | null,
): readonly (readonly [number, Brush | undefined])[] {
  if (rectangle === null) return columns.map((c) => [c, undefined]);
  const { left, right, top, bottom } = inner(plot);
  const [[x0, y0], [x1, y1]] = rectangle;
  const range = (scale: ColumnScale, low: number, high: number, pixels: number): Brush => ({
    kind: 'range',
    from: low <= 0 ? undefined : scale.valueAt(low, 1 / pixels),
    to: high >= 1 ? undefined : scale.valueAt(high, 1 / pixels),
  });
  const [wide, tall] = [right - left, bottom - top];
  const ranges = [
    range(x, (x0 - left) / wide, (x1 - left) / wide, wide),
    range(y, (bottom - y1) / tall, (bottom - y0) / tall, tall),
  ] as const;
  return columns[0] === columns[1]
    ? [[columns[0], ranges[0]]]
    : [
        [columns[0], ranges[0]],
        [columns[1], ranges[1]],
      ];
}

/** Where the ranges of both columns are; none if neither has one. */
function rectangleOf(
  { plot, x, y, columns }: Scatter,
  { model }: SweepState,
): [[number, number], [number, number]] | null {
  const { left, right, top, bottom } = inner(plot);
  const [across, along] = columns.map((c) => model.selection.get(c));
  if (across?.kind !== 'range' && along?.kind !== 'range') return null;
  const end = (scale: ColumnScale, brush: Brush | undefined, side: 'from' | 'to', least: number): number => {
    const value = brush?.kind === 'range' ? brush[side] : undefined;
    const share = value === undefined ? undefined : scale.shareOf(value);
    const open = side === 'from' ? -least : 1 + least;
    if (share === undefined || Number.isNaN(share)) return open;
    return Math.min(1 + least, Math.max(-least, share));
  };
  const [wide, tall] = [right - left, bottom - top];
  const [padX, padY] = [inset / wide, inset / tall];
  return [
    [left + end(x, across, 'from', padX) * wide, bottom - end(y, along, 'to', padY) * tall],
    [left + end(x, across, 'to', padX) * wide, bottom - end(y, along, 'from', padY) * tall],
  ];
}

function nearest({ places }: Scatter, selected: Uint8Array, x: number, y: number): number | undefined {
  let [found, least]: [number | undefined, number] = [undefined, reach * reach];
  for (let row = 0; row < selected.length; row++) {
    if (selected[row] === 0) continue;
    const distance = (places.x[row]! - x) ** 2 + (places.y[row]! - y) ** 2;
    if (distance < least) [found, least] = [row, distance];
  }
  return found;
}
