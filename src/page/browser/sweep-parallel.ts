import { type BrushBehavior, brushY } from 'd3';
import { colourOf, ink } from '../../figures/style.ts';
import type { Brush } from '../sweep-selection.ts';
import { element } from './element.ts';
import { type Coloured, themed } from './sweep-colour.ts';
import type { SweepState } from './sweep-model.ts';
import { beforePaint, type Layer, openPlot, type Plot, whenWide } from './sweep-plot.ts';
import { type ColumnScale, columnScale, usualKind } from './sweep-scale.ts';
import type { ViewChoice } from './sweep-view-controls.ts';

const margin = { left: 62, right: 42, top: 58, bottom: 30 } as const;
const height = 380;
/** Pixels between axes, at least, and half of what a brush is wide. */
const leastGap = 92;
const half = 13;
/** Below the axis, where rows without a number are. */
const noneBelow = 16;

type Axis = {
  readonly column: number;
  readonly x: number;
  readonly scale: ColumnScale;
  /** By code, in whole pixels: what is drawn twice is drawn once. */
  readonly pixels: Uint16Array;
};

type Parallel = { readonly plot: Plot; readonly axes: readonly Axis[] };

const top = margin.top;
const bottom = height - margin.bottom;

/** Axes side by side, each row a line across them, with a brush on every axis of numbers; what it returns draws it anew. */
export function openParallel(place: HTMLElement, state: SweepState, chosen: () => ViewChoice): () => void {
  const inside = element('div', { class: 'plot' });
  place.append(inside);
  let parallel: Parallel | undefined;
  let dragging: number | undefined;
  let follow: readonly (() => void)[] = [];

  const draw = (width: number): void => {
    const { axes: shown } = chosen();
    const least = margin.left + margin.right + (shown.length - 1) * leastGap;
    const plot = openPlot(inside, Math.max(width, least), height, describe(shown.length));
    const gap = (plot.width - margin.left - margin.right) / Math.max(1, shown.length - 1);
    const axes = shown.map((column, i): Axis => {
      const scale = columnScale(state.model.columns[column]!, usualKind(state.model.columns[column]!));
      const pixels = Uint16Array.from(scale.shares, (share) =>
        Number.isNaN(share) ? bottom + noneBelow : Math.round(bottom - share * (bottom - top)),
      );
      return { column, x: Math.round(margin.left + i * gap), scale, pixels };
    });
    parallel = { plot, axes };
    drawLines(plot.under, axes, state, { ...chosen().colours, codes: undefined }, undefined, themed(ink.grid));
    drawChosen();
    follow = axes.map((axis) => addAxis(plot, axis, gap));
    for (const move of follow) move();
    plot.svg.append('path').attr('class', 'marked').attr('display', 'none');
    showMarked();
  };
  const redraw = whenWide(place, draw);

  const describe = (axes: number): string =>
    `Parallel coordinates of ${state.model.data.rows} rows on ${axes} axes. Ranges can be typed below each name in the list of ranges.`;

  function drawChosen(): void {
    if (parallel === undefined) return;
    drawLines(parallel.plot.over, parallel.axes, state, chosen().colours, state.model.selected, undefined);
  }

  const select = beforePaint(
    ({ axis, ends }: { readonly axis: Axis; readonly ends: readonly [number, number] | null }) => {
      state.brush([axis.column, ends === null ? undefined : rangeOf(axis, ends)]);
    },
  );

  function addAxis(plot: Plot, axis: Axis, gap: number): () => void {
    const { name, unit, kind } = state.model.columns[axis.column]!;
    const group = plot.svg.append('g').attr('class', 'axes').attr('transform', `translate(${axis.x},0)`);
    group.append('line').attr('class', 'frame').attr('y1', top).attr('y2', bottom);
    const lines = [...wrapped(name, Math.max(9, Math.floor(gap / 7.4))), ...(unit === '' ? [] : [unit])].slice(0, 3);
    lines.forEach((line, i) => {
      group
        .append('text')
        .attr('class', line === unit && i > 0 ? 'unit' : 'title')
        .attr('text-anchor', 'middle')
        .attr('y', top - 14 - (lines.length - 1 - i) * 14)
        .text(line);
    });
    let above = Number.POSITIVE_INFINITY;
    for (const [code, { share, text }] of axis.scale.ticks.entries()) {
      const y = bottom - share * (bottom - top);
      if (y > above - 12) continue;
      above = y;
      group.append('line').attr('class', 'frame').attr('x1', -4).attr('x2', 0).attr('y1', y).attr('y2', y);
      group
        .append('text')
        .attr('class', 'tick')
        .attr('data-code', code)
        .attr('text-anchor', 'end')
        .attr('x', -7)
        .attr('y', y + 4)
        .text(text.length > 12 ? `${text.slice(0, 11)}…` : text);
    }
    if (axis.scale.hasNone)
      group
        .append('text')
        .attr('class', 'tick')
        .attr('text-anchor', 'end')
        .attr('x', -7)
        .attr('y', bottom + noneBelow + 4)
        .text('none');
    if (kind === 'text')
      return () => {
        const brush = state.model.selection.get(axis.column);
        group
          .selectAll<SVGTextElement, unknown>('.tick[data-code]')
          .attr('opacity', (_, i) => (brush?.kind === 'values' && !brush.codes.has(i) ? 0.35 : null));
      };
    const brush = axisBrush(axis);
    const held = group.append('g').attr('class', 'brush');
    held.call(brush);
    return () => {
      if (dragging !== axis.column) held.call(brush.move, endsOf(axis, state));
    };
  }

  function axisBrush(axis: Axis): BrushBehavior<unknown> {
    return brushY<unknown>()
      .extent([
        [-half, top - 6],
        [half, bottom + 6],
      ])
      .on('start', ({ sourceEvent }) => {
        if (sourceEvent) dragging = axis.column;
      })
      .on('brush end', ({ type, sourceEvent, selection }) => {
        if (!sourceEvent) return;
        if (type === 'end') dragging = undefined;
        select({ axis, ends: selection as [number, number] | null });
      });
  }

  const showMarked = (): void => {
    const row = state.model.marked;
    const mark = parallel?.plot.svg.select('path.marked');
    if (row === undefined || parallel === undefined) {
      mark?.attr('display', 'none');
      return;
    }
    const points = parallel.axes.map(
      ({ x, pixels, column }) => `${x},${pixels[state.model.columns[column]!.codes[row]!]}`,
    );
    mark?.attr('display', null).attr('d', `M${points.join('L')}`);
  };

  state.onMark(showMarked);
  state.onSelect(() => {
    drawChosen();
    for (const move of follow) move();
  });
  return redraw;
}

/** A range from where the brush is, open where it reaches beyond the axis. */
function rangeOf({ scale }: Axis, [upper, lower]: readonly [number, number]): Brush {
  const pixel = 1 / (bottom - top);
  const [low, high] = [(bottom - lower) * pixel, (bottom - upper) * pixel];
  return {
    kind: 'range',
    from: low <= 0 ? undefined : scale.valueAt(low, pixel),
    to: high >= 1 ? undefined : scale.valueAt(high, pixel),
  };
}

function endsOf({ column, scale }: Axis, { model }: SweepState): [number, number] | null {
  const brush = model.selection.get(column);
  if (brush?.kind !== 'range') return null;
  const at = (value: number | undefined, open: number): number => {
    const share = value === undefined ? Number.NaN : scale.shareOf(value);
    // A logarithm of what is not above 0 lies below all others.
    if (Number.isNaN(share)) return open;
    return Math.min(bottom + 6, Math.max(top - 6, bottom - share * (bottom - top)));
  };
  const [upper, lower] = [at(brush.to, top - 6), at(brush.from, bottom + 6)];
  return [Math.min(upper, lower - 1), lower];
}

/** Lines that are drawn at once: of many it would take longer. */
const mostTogether = 50;

/** Lines of rows from axis to axis. Many rows have the same one: it is drawn once, in the colour of one of them. */
function drawLines(
  layer: Layer,
  axes: readonly Axis[],
  { model }: SweepState,
  colours: Coloured,
  selected: Uint8Array | undefined,
  colour: string | undefined,
): void {
  const { rows } = model.data;
  layer.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
  const count = selected === undefined ? rows : model.selectedCount;
  layer.globalAlpha = selected === undefined ? 1 : count > 5000 ? 0.4 : count > 500 ? 0.6 : 0.9;
  layer.lineWidth = count > 2000 ? 0.75 : 1;
  for (let a = 0; a + 1 < axes.length; a++) {
    const [left, right] = [axes[a]!, axes[a + 1]!];
    const [from, to] = [left, right].map(({ column }) => model.columns[column]!.codes) as [Uint16Array, Uint16Array];
    const seen = new Uint8Array((height + 1) * (height + 1));
    const byColour = new Map<string, number[]>();
    for (const row of model.shuffled) {
      if (selected !== undefined && selected[row] === 0) continue;
      const key = left.pixels[from[row]!]! * (height + 1) + right.pixels[to[row]!]!;
      if (seen[key] === 1) continue;
      seen[key] = 1;
      const drawn =
        colour ?? (colours.codes === undefined ? themed(colourOf(0)) : colours.byCode[colours.codes[row]!]!);
      const keys = byColour.get(drawn);
      if (keys === undefined) byColour.set(drawn, [key]);
      else keys.push(key);
    }
    strokeAll(layer, left.x, right.x, byColour);
  }
  layer.globalAlpha = 1;
}

/** Colours take turns, so that none lies over all others. */
function strokeAll(layer: Layer, left: number, right: number, byColour: ReadonlyMap<string, readonly number[]>): void {
  const longest = Math.max(0, ...[...byColour.values()].map((keys) => keys.length));
  for (let i = 0; i < longest; i += mostTogether)
    for (const [colour, keys] of byColour) {
      layer.strokeStyle = colour;
      layer.beginPath();
      for (const key of keys.slice(i, i + mostTogether)) {
        layer.moveTo(left, Math.floor(key / (height + 1)));
        layer.lineTo(right, key % (height + 1));
      }
      layer.stroke();
    }
}

/** Parts of a name on lines of their own, where it has dots or underscores. */
function wrapped(name: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of name.match(/[^._ ]+[._ ]?|[._ ]/g) ?? [])
    if (lines.length > 0 && (lines.at(-1)! + part).length <= width) lines[lines.length - 1] += part;
    else lines.push(part);
  return lines.slice(0, 2).map((line) => (line.length > width + 2 ? `${line.slice(0, width)}…` : line));
}
