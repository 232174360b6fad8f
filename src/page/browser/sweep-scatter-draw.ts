import { colourOf, ink } from '../../figures/style.ts';
import type { SweepPageObjective } from '../sweep-data.ts';
import { type Coloured, themed } from './sweep-colour.ts';
import type { SweepState } from './sweep-model.ts';
import type { Drawing, Layer, Plot } from './sweep-plot.ts';
import type { ColumnScale } from './sweep-scale.ts';

export const margin = { left: 74, right: 16, top: 14, bottom: 52 } as const;
/** Pixels between the frame and the outermost marks. */
export const inset = 14;
/** Where marks are. Rows without a number are at no place. */
export type Places = { readonly x: Float32Array; readonly y: Float32Array };
export type Scatter = {
  readonly plot: Plot;
  readonly x: ColumnScale;
  readonly y: ColumnScale;
  readonly columns: readonly [number, number];
  readonly places: Places;
  readonly size: number;
};

/** Where the outermost marks are. */
export const inner = ({ width, height }: Plot) => ({
  left: margin.left + inset,
  right: width - margin.right - inset,
  top: margin.top + inset,
  bottom: height - margin.bottom - inset,
});

function drawDot(layer: Layer, x: number, y: number, size: number): void {
  if (size < 4) layer.fillRect(x - size / 2, y - size / 2, size, size);
  else {
    layer.beginPath();
    layer.arc(x, y, size / 2, 0, 2 * Math.PI);
    layer.fill();
  }
}

/** Some rows, of those that are at the same pixel the first. */
function apart({ plot: { width, height }, places }: Scatter, rows: Uint32Array): readonly number[] {
  const seen = new Uint8Array(width * height);
  const shown: number[] = [];
  for (const row of rows) {
    const pixel = Math.round(places.y[row]!) * width + Math.round(places.x[row]!);
    if (seen[pixel] !== 0) continue;
    seen[pixel] = 1;
    shown.push(row);
  }
  return shown;
}

export function drawFaint(scatter: Scatter, rows: Uint32Array): void {
  const { under, width, height } = scatter.plot;
  under.clearRect(0, 0, width, height);
  under.fillStyle = themed(ink.grid);
  for (const row of apart(scatter, rows)) drawDot(under, scatter.places.x[row]!, scatter.places.y[row]!, scatter.size);
}

/** Those that are selected, colour by colour; rows of the front are larger. */
export function drawSelected(scatter: Scatter, { model }: SweepState, colours: Coloured): void {
  const { plot, places, size } = scatter;
  const { over, width, height } = plot;
  over.clearRect(0, 0, width, height);
  const { selected } = model;
  const byColour = new Map<string, number[]>();
  const shown = apart(
    scatter,
    model.shuffled.filter((row) => selected[row] === 1),
  );
  for (const row of shown) {
    const colour = colours.codes === undefined ? themed(colourOf(0)) : colours.byCode[colours.codes[row]!]!;
    const rows = byColour.get(colour);
    if (rows === undefined) byColour.set(colour, [row]);
    else rows.push(row);
  }
  over.globalAlpha = size < 4 ? 0.75 : 0.9;
  for (const [colour, rows] of byColour) {
    over.fillStyle = colour;
    for (const row of rows) drawDot(over, places.x[row]!, places.y[row]!, size);
  }
  over.globalAlpha = 1;
  over.strokeStyle = themed(colourOf(1));
  over.lineWidth = 1;
  for (const row of model.data.front) {
    if (selected[row] === 0 || Number.isNaN(places.x[row]! + places.y[row]!)) continue;
    over.beginPath();
    over.arc(places.x[row]!, places.y[row]!, size / 2 + 1.5, 0, 2 * Math.PI);
    over.stroke();
  }
}

/** The steps below which no row is, if both columns are objectives. */
export function drawFront({ plot, x, y, columns, places }: Scatter, { model }: SweepState): void {
  const goals = columns.map((c) => model.data.objectives.find((o) => o.column === c)?.goal);
  if (goals[0] === undefined || goals[1] === undefined || columns[0] === columns[1]) return;
  const corners = frontSteps(places, goals as SweepPageObjective['goal'][], model.data.front);
  const { left, right, top, bottom } = inner(plot);
  const ends = {
    x: goals[0] === 'minimize' ? right + inset : left - inset,
    y: goals[1] === 'minimize' ? top - inset : bottom + inset,
  };
  if (corners.length === 0 || x.kind === 'listed' || y.kind === 'listed') return;
  const [first, last] = [corners[0]!, corners.at(-1)!];
  const steps = corners.slice(1).map(([px, py]) => `H${px}V${py}`);
  plot.svg
    .append('path')
    .attr('class', 'front')
    .attr('fill', 'none')
    .attr('stroke', themed(colourOf(1)))
    .attr('stroke-width', 1.5)
    .attr('pointer-events', 'none')
    .attr('d', `M${first[0]},${ends.y}V${first[1]}${steps.join('')}H${ends.x}L${ends.x},${last[1]}`);
}

/** From the best along x on, each better along y. */
function frontSteps(
  { x, y }: Places,
  [alongX, alongY]: readonly SweepPageObjective['goal'][],
  front: readonly number[],
): readonly (readonly [number, number])[] {
  const signX = alongX === 'minimize' ? 1 : -1;
  // Pixels grow downwards.
  const signY = alongY === 'minimize' ? -1 : 1;
  const there = front.filter((row) => !Number.isNaN(x[row]! + y[row]!));
  const sorted = there.toSorted((a, b) => signX * (x[a]! - x[b]!) || signY * (y[a]! - y[b]!));
  const corners: [number, number][] = [];
  for (const row of sorted) {
    const last = corners.at(-1);
    if (last === undefined || signY * (y[row]! - last[1]) < 0) corners.push([x[row]!, y[row]!]);
  }
  return corners;
}

export function drawAxes({ plot, x, y }: Scatter, titles: readonly [string, string]): void {
  const { left, right, top, bottom } = inner(plot);
  const [low, high] = [plot.height - margin.bottom, margin.top];
  const axes: Drawing = plot.svg;
  const group = axes.append('g').attr('class', 'axes').attr('aria-hidden', 'true');
  const line = (x1: number, y1: number, x2: number, y2: number, kind: string): void => {
    group.append('line').attr('class', kind).attr('x1', x1).attr('y1', y1).attr('x2', x2).attr('y2', y2);
  };
  const text = (at: readonly [number, number], anchor: string, words: string) =>
    group.append('text').attr('x', at[0]).attr('y', at[1]).attr('text-anchor', anchor).text(words);
  let free = Number.NEGATIVE_INFINITY;
  for (const { share, text: words } of x.ticks) {
    const at = left + share * (right - left);
    line(at, high, at, low, 'grid');
    const half = words.length * 3.4;
    if (at - half < free) continue;
    free = at + half + 6;
    text([at, low + 17], 'middle', words);
  }
  let above = Number.POSITIVE_INFINITY;
  for (const { share, text: words } of y.ticks) {
    const at = bottom - share * (bottom - top);
    line(margin.left, at, plot.width - margin.right, at, 'grid');
    if (at > above - 15) continue;
    above = at;
    text([margin.left - 7, at + 4], 'end', words);
  }
  line(margin.left, low, plot.width - margin.right, low, 'frame');
  line(margin.left, high, margin.left, low, 'frame');
  text([(left + right) / 2, plot.height - 10], 'middle', titles[0]).attr('class', 'title');
  text([0, 0], 'middle', titles[1])
    .attr('class', 'title')
    .attr('transform', `translate(14,${(top + bottom) / 2}) rotate(-90)`);
}
