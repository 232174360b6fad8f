import type { RankPasses } from '../einsum/passes.ts';
import type { Workload } from '../einsum/workload.ts';
import { boxLineHeight, boxPadding, type CascadeBox, loopWidth } from './cascade-boxes.ts';
import { type CascadeEdge, type CascadeGraph, cascadeGraph } from './cascade-graph.ts';
import { type CascadeLayout, layoutCascade } from './cascade-layout.ts';
import type { CascadeRoute } from './cascade-routes.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { drawLegend, type LegendItem, legendRowHeight, legendRows } from './legend.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';
import { drawLines, drawText, drawTitle, margin, noteLines, titleHeight, titleLines } from './text.ts';

/** Left of the boxes, for the names of the bands, and right of them. */
const gutter = 26;
const inset = 8;
const lineHeight = 16;
const arrow = { length: 8, width: 7 } as const;
const carriedDash = '5 3';
const decidesDash = '1.5 3';

const passColour = (pass: number | undefined, passes: RankPasses | undefined): string =>
  pass === undefined || pass === 0 || pass > (passes?.passes ?? 0) ? ink.axis : colourOf(pass - 1);

const passesText = ({ passes, rank }: RankPasses): string =>
  `${passes} ${passes === 1 ? 'pass' : 'passes'} over ${rank}`;

function describe({ name, passes, nodes }: CascadeGraph): string {
  const count = (role: string): number => nodes.filter((n) => n.role === role).length;
  const einsums = nodes.length - count('input');
  const made = `${einsums} ${einsums === 1 ? 'Einsum makes' : 'Einsums make'} ${nodes
    .filter((n) => n.role === 'output')
    .map((n) => n.name)
    .join(', ')}`;
  const of = nodes.filter((n) => n.role === 'input').map((n) => n.name);
  const forced = passes === undefined || passes.chain.length === 0 ? '' : `, forced by ${passes.chain.join(' → ')}`;
  const over = passes === undefined ? '' : `, in ${passesText(passes)}`;
  return `${name}: ${made}${of.length === 0 ? '' : ` of ${of.join(', ')}`}${over}${forced}.`;
}

function legendOf({ nodes, edges }: CascadeGraph): readonly LegendItem[] {
  const has = (kind: CascadeEdge['kind']): boolean => edges.some((e) => e.kind === kind);
  const line = (label: string, colour: string, dash?: string): LegendItem => ({
    label,
    mark: { kind: 'line', colour, ...(dash === undefined ? {} : { dash }) },
  });
  const box = (label: string, shape: 'symbolCircle' | 'symbolSquare', filled: boolean): LegendItem => ({
    label,
    mark: { kind: 'symbol', shape: (d3) => d3[shape], colour: ink.axis, filled },
  });
  return [
    ...(nodes.some((n) => n.role === 'input') ? [box('input', 'symbolCircle', false)] : []),
    ...(nodes.some((n) => n.role === 'intermediate') ? [box('Einsum', 'symbolSquare', false)] : []),
    box('output', 'symbolSquare', true),
    ...(edges.some((e) => e.forces) ? [line('forces the passes', ink.text)] : []),
    ...(has('carries') ? [line('for the next iteration', ink.axis, carriedDash)] : []),
    ...(has('decides') ? [line('says what exists', ink.axis, decidesDash)] : []),
  ];
}

function drawBands(svg: Svg, { bands }: CascadeLayout, { passes }: CascadeGraph, width: number): void {
  for (const { pass, top, bottom } of bands) {
    const colour = passColour(pass, passes);
    const bar = (across: number, opacity: number): Svg =>
      svg
        .append('rect')
        .attr('y', top)
        .attr('width', across)
        .attr('height', bottom - top)
        .attr('fill', colour)
        .attr('fill-opacity', opacity);
    tell(bar(width, 0.08), `pass ${pass} over ${passes?.rank}`);
    bar(4, 1);
    drawText(svg, `pass ${pass}`, 0, 0, { anchor: 'middle', size: fontSize.note }).attr(
      'transform',
      `translate(16,${(top + bottom) / 2}) rotate(-90)`,
    );
  }
}

/** Upright at every point, with its head at the last one. */
function drawRoute(svg: Svg, { edge, points }: CascadeRoute): void {
  const colour = edge.forces ? ink.text : ink.axis;
  const dash = { reads: null, decides: decidesDash, carries: carriedDash }[edge.kind];
  const [start, end] = [points[0]!, points.at(-1)!];
  const isLoop = edge.from === edge.to;
  const bends = points.slice(1).map((to, i) => {
    const from = points[i]!;
    const y = (from.y + to.y) / 2;
    return `C${from.x},${y} ${to.x},${y} ${to.x},${to.y}`;
  });
  const loop = `C${start.x + 1.4 * loopWidth},${start.y} ${end.x + 1.4 * loopWidth},${end.y} ${end.x},${end.y}`;
  svg
    .append('path')
    .attr('d', `M${start.x},${start.y}${isLoop ? loop : bends.join('')}`)
    .attr('fill', 'none')
    .attr('stroke', colour)
    .attr('stroke-width', edge.forces ? 2.4 : 1.1)
    .attr('stroke-dasharray', dash);
  const angle = isLoop ? 180 : end.y > start.y ? 90 : -90;
  svg
    .append('path')
    .attr('d', `M0,0l${-arrow.length},${arrow.width / 2}v${-arrow.width}Z`)
    .attr('transform', `translate(${end.x},${end.y}) rotate(${angle})`)
    .attr('fill', colour);
}

function drawBox(svg: Svg, box: CascadeBox, passes: RankPasses | undefined): void {
  const { node } = box;
  const colour = passColour(node.pass, passes);
  const isOutput = node.role === 'output';
  const outline = (fill: string, opacity: number): Svg =>
    svg
      .append('rect')
      .attr('x', box.x)
      .attr('y', box.y)
      .attr('width', box.width)
      .attr('height', box.height)
      .attr('rx', node.role === 'input' ? Math.min(14, box.height / 2) : 3)
      .attr('fill', fill)
      .attr('fill-opacity', opacity);
  outline(ink.paper, 1);
  const shape = outline(colour, isOutput ? 0.22 : 0)
    .attr('stroke', colour)
    .attr('stroke-width', isOutput ? 2.4 : 1.4);
  tell(shape, node.text);
  [...box.heading, ...box.operation].forEach((line, i) => {
    const y = box.y + boxPadding.y + (i + 0.5) * boxLineHeight;
    const weight = i < box.heading.length ? ({ weight: 'bold' } as const) : {};
    drawText(svg, line, box.x + box.width / 2, y, { anchor: 'middle', ...weight })
      .attr('dy', '0.35em')
      .attr('pointer-events', 'none');
  });
}

function drawLabels(svg: Svg, { routes }: CascadeLayout): void {
  for (const { label } of routes) {
    if (label === undefined) continue;
    drawText(svg, label.text, label.x, label.y, { anchor: 'middle', size: fontSize.note })
      .attr('dy', '0.35em')
      .attr('stroke', ink.paper)
      .attr('stroke-width', 3)
      .attr('paint-order', 'stroke');
  }
}

/**
 * A cascade as a graph from its inputs down, in bands of the passes over a rank (that which says most, if none is given).
 * It is as tall as it needs, and wider than asked where a line of boxes does not fit.
 */
export function cascadeFigure(
  workload: Workload,
  options: FigureOptions & { readonly rank?: RankPasses } = {},
): Figure {
  const graph = cascadeGraph(workload, options.rank);
  const asked = widthOf(options);
  const layout = layoutCascade(graph, asked - 2 * margin - gutter - inset);
  const width = Math.ceil(Math.max(asked, layout.width + 2 * margin + gutter + inset));
  const room = width - 2 * margin;
  const { passes } = graph;
  const title = passes === undefined ? graph.name : `${graph.name}: ${passesText(passes)}`;
  const heading = titleLines(title, width);
  const chain = passes?.chain ?? [];
  const notes = chain.length === 0 ? [] : noteLines(`Forced by ${chain.join(' → ')}`, width);
  const notesTop = titleHeight(heading);
  const head = notesTop + notes.length * lineHeight + 4;
  const legend = legendRows(legendOf(graph), room);
  const top = head + legend.length * legendRowHeight + 10;
  return {
    title,
    description: describe(graph),
    size: { width, height: Math.ceil(top + layout.height + margin) },
    draw: (svg, d3) => {
      drawTitle(svg, heading);
      drawLines(svg, notes, margin, notesTop + 0.7 * lineHeight, { size: fontSize.note });
      drawLegend(svg, d3, legend, margin, head);
      const bands = svg.append('g').attr('transform', `translate(${margin},${top})`);
      drawBands(bands, layout, graph, room);
      const left = margin + gutter + Math.max(0, (room - gutter - inset - layout.width) / 2);
      const plane = svg.append('g').attr('transform', `translate(${left},${top})`);
      for (const route of layout.routes) drawRoute(plane, route);
      drawLabels(plane, layout);
      for (const box of layout.boxes) drawBox(plane, box, passes);
    },
  };
}
