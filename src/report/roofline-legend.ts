import type { SymbolType } from 'd3';
import { textWidth } from './label-placement.ts';
import { colourOf, fontSize, ink } from './plot-style.ts';
import { drawablePoints, isNumbered, pointText, type RooflinePlot } from './roofline-layout.ts';
import type { D3, Svg } from './svg.ts';

type Mark =
  | { readonly kind: 'line'; readonly colour: string; readonly dash?: string; readonly upright?: boolean }
  | {
      readonly kind: 'symbol';
      readonly shape: (d3: D3) => SymbolType;
      readonly colour: string;
      readonly filled: boolean;
    };

type LegendItem = { readonly label: string; readonly mark: Mark };

const swatch = 32;
const gap = 18;
export const legendRowHeight = 20;

/** Shape of a run's mark, by its position among the runs. */
const pointShapes = (d3: D3): readonly SymbolType[] => [
  d3.symbolCircle,
  d3.symbolSquare,
  d3.symbolTriangle,
  d3.symbolStar,
  d3.symbolCross,
  d3.symbolWye,
];

export const pointShape = (d3: D3, position: number): SymbolType => {
  const shapes = pointShapes(d3);
  return shapes[position % shapes.length]!;
};

function meanings(plot: RooflinePlot): LegendItem[] {
  const points = drawablePoints(plot);
  const symbol = (shape: (d3: D3) => SymbolType, filled: boolean): Mark => ({
    kind: 'symbol',
    shape,
    colour: ink.axis,
    filled,
  });
  const items: LegendItem[] = [{ label: 'ridge point', mark: symbol((d3) => d3.symbolDiamond, false) }];
  if (points.length > 0) {
    const outer = [...new Set(points.map((p) => plot.machines[p.machine]!.levels[0]!.name))].join(' or ');
    const hasInner = points.some((p) => p.intensities_ops_per_byte.length > 1);
    const label = hasInner ? `run, at its ${outer} traffic` : 'run';
    if (!isNumbered(plot)) items.push({ label, mark: symbol((d3) => d3.symbolCircle, true) });
    if (hasInner) items.push({ label: 'at its inner traffic', mark: symbol((d3) => d3.symbolCircle, false) });
    items.push({ label: 'gap to the roof', mark: { kind: 'line', colour: ink.axis, dash: '1.5 3', upright: true } });
  }
  if (plot.machines.some((m) => m.ceilings.length > 0))
    items.push({ label: 'ceiling of a unit', mark: { kind: 'line', colour: ink.axis, dash: '5 3' } });
  return items;
}

function runItems(plot: RooflinePlot): LegendItem[] {
  if (!isNumbered(plot)) return [];
  return drawablePoints(plot).map((point, i) => ({
    label: `${i + 1}  ${pointText(plot, point).join(': ')}`,
    mark: { kind: 'symbol', shape: (d3) => pointShape(d3, i), colour: colourOf(point.machine), filled: true },
  }));
}

/** Items in rows that fit the width; numbered runs begin a row of their own. */
export function legendRows(plot: RooflinePlot, width: number): readonly (readonly (LegendItem & { x: number })[])[] {
  const rows: (LegendItem & { x: number })[][] = [];
  const flow = (items: readonly LegendItem[]): void => {
    let x = Number.POSITIVE_INFINITY;
    for (const item of items) {
      const needs = swatch + textWidth(item.label, fontSize.label);
      if (x + needs > width) {
        rows.push([]);
        x = 0;
      }
      rows.at(-1)!.push({ ...item, x });
      x += needs + gap;
    }
  };
  const machines = plot.machines.map(
    (m, i): LegendItem => ({
      label: m.name,
      mark: { kind: 'line', colour: colourOf(i) },
    }),
  );
  flow([...machines, ...meanings(plot)]);
  flow(runItems(plot));
  return rows;
}

function drawMark(svg: Svg, d3: D3, mark: Mark, x: number, y: number): void {
  const middle = x + (swatch - 8) / 2;
  if (mark.kind === 'symbol') {
    svg
      .append('path')
      .attr('d', d3.symbol(mark.shape(d3), mark.filled ? 90 : 56)())
      .attr('transform', `translate(${middle},${y})`)
      .attr('fill', mark.filled ? mark.colour : '#ffffff')
      .attr('stroke', mark.colour)
      .attr('stroke-width', mark.filled ? 0 : 1.6);
    return;
  }
  const upright = mark.upright === true;
  svg
    .append('line')
    .attr('x1', upright ? middle : x)
    .attr('y1', upright ? y - 7 : y)
    .attr('x2', upright ? middle : x + swatch - 8)
    .attr('y2', upright ? y + 7 : y)
    .attr('stroke', mark.colour)
    .attr('stroke-width', mark.dash === undefined ? 2.6 : 1.4)
    .attr('stroke-dasharray', mark.dash ?? null);
}

/** Draws the legend with its top left corner at (left, top). */
export function drawLegend(svg: Svg, d3: D3, plot: RooflinePlot, left: number, top: number, width: number): void {
  legendRows(plot, width).forEach((row, r) => {
    const y = top + (r + 0.5) * legendRowHeight;
    for (const item of row) {
      drawMark(svg, d3, item.mark, left + item.x, y);
      svg
        .append('text')
        .attr('x', left + item.x + swatch)
        .attr('y', y)
        .attr('dy', '0.35em')
        .attr('font-size', fontSize.label)
        .attr('fill', ink.text)
        .text(item.label);
    }
  });
}
