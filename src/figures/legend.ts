import type { SymbolType } from 'd3';
import { drawArrow } from './arrow.ts';
import { hatching } from './hatching.ts';
import { textWidth } from './label-placement.ts';
import { fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import { shortenText, wrapText } from './text.ts';

export type Mark =
  | { readonly kind: 'line'; readonly colour: string; readonly dash?: string; readonly upright?: boolean }
  | { readonly kind: 'arrow'; readonly colour: string }
  | { readonly kind: 'fill'; readonly colour: string; readonly hatched: boolean }
  | {
      readonly kind: 'symbol';
      readonly shape: (d3: D3) => SymbolType;
      readonly colour: string;
      readonly filled: boolean;
    };

export type LegendItem = { readonly label: string; readonly mark: Mark };

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

type LegendText = {
  readonly label: string;
  /** None where a label goes on. */
  readonly mark?: Mark;
  readonly x: number;
};

/** Texts from left to right, with their distance from the left edge. */
export type LegendRows = readonly (readonly LegendText[])[];

/** A longer label is cut. */
const mostLines = 3;

function labelLines(label: string, width: number): readonly string[] {
  const lines = wrapText(label, width, fontSize.label);
  const rest = lines.slice(mostLines - 1).join(' ');
  return lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines - 1), shortenText(rest, width, fontSize.label)];
}

/** Items in rows that fit the width; what is wider than a row has several. */
export function legendRows(items: readonly LegendItem[], width: number): LegendRows {
  const rows: LegendText[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const { mark, label } of items) {
    const [first = '', ...others] = labelLines(label, width - swatch);
    const needs = swatch + textWidth(first, fontSize.label);
    if (x + needs > width || others.length > 0) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ mark, label: first, x });
    for (const line of others) rows.push([{ label: line, x: 0 }]);
    x = others.length > 0 ? Number.POSITIVE_INFINITY : x + needs + gap;
  }
  return rows;
}

function drawMark(svg: Svg, d3: D3, mark: Mark, x: number, y: number): void {
  const middle = x + (swatch - 8) / 2;
  if (mark.kind === 'symbol') {
    svg
      .append('path')
      .attr('d', d3.symbol(mark.shape(d3), mark.filled ? 90 : 56)())
      .attr('transform', `translate(${middle},${y})`)
      .attr('fill', mark.filled ? mark.colour : ink.paper)
      .attr('stroke', mark.colour)
      .attr('stroke-width', mark.filled ? 0 : 1.6);
    return;
  }
  if (mark.kind === 'arrow') {
    drawArrow(svg, { x1: x, y1: y, x2: x + swatch - 8, y2: y }, mark.colour);
    return;
  }
  if (mark.kind === 'fill') {
    const box = { x: middle - 8, y: y - 6, width: 16, height: 12 };
    svg
      .append('rect')
      .attr('x', box.x)
      .attr('y', box.y)
      .attr('width', box.width)
      .attr('height', box.height)
      .attr('fill', mark.colour);
    if (mark.hatched) svg.append('path').attr('d', hatching(box)).attr('stroke', ink.paper).attr('stroke-width', 1.6);
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
export function drawLegend(svg: Svg, d3: D3, rows: LegendRows, left: number, top: number): void {
  rows.forEach((row, r) => {
    const y = top + (r + 0.5) * legendRowHeight;
    for (const item of row) {
      if (item.mark !== undefined) drawMark(svg, d3, item.mark, left + item.x, y);
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
