import { type Domain, drawFrame, drawTitles, drawXTicks, drawYTicks, type Frame, tickGroup } from './axes.ts';
import { type BarChart, type BarLayout, layoutBars } from './bar-layout.ts';
import { axisTicks, type ChartAxis, isDrawable } from './chart.ts';
import { barText, describeChart, pointText } from './describe-chart.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { type Obstacles, placeLabel, placesAround, textWidth } from './label-placement.ts';
import { drawLegend, type LegendItem, type LegendRows, legendRowHeight, legendRows, pointShape } from './legend.ts';
import { type LineChart, type LineLayout, type LineSeries, layoutLines } from './line-layout.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';

export type Chart = BarChart | LineChart;

type Scale = (value: number) => number;

type Plane = { readonly x: Scale; readonly y: Scale; readonly frame: Frame };

const left = 82;
const right = 24;
const top = 48;
const areaHeight = 380;
/** Below the plotting area: numbers and a title, or names of groups and sections. */
const axisHeight = 58;
const sourceHeight = 24;
const guideDash = '3 3';

const frameOf = (width: number): Frame => ({ left, right: width - right, top, bottom: top + areaHeight });

const seriesColour = ({ faint }: LineSeries, position: number): string =>
  faint === true ? ink.faint : colourOf(position);

/** Bars of one series need no legend. */
function chartLegend(chart: Chart, frame: Frame): LegendRows {
  const symbol = (label: string, i: number): LegendItem => ({
    label,
    mark: {
      kind: 'symbol',
      shape: (d3) => (chart.kind === 'bars' ? d3.symbolSquare : pointShape(d3, i)),
      colour: chart.kind === 'lines' ? seriesColour(chart.series[i]!, i) : colourOf(i),
      filled: true,
    },
  });
  const names = chart.kind === 'bars' ? chart.series : chart.series.map((s) => s.name);
  const references = (chart.references ?? []).map(
    ({ label }): LegendItem => ({ label, mark: { kind: 'line', colour: ink.axis, dash: '5 3' } }),
  );
  const guides = (chart.kind === 'lines' ? (chart.guides ?? []) : []).flatMap(({ name, dashed }): LegendItem[] => {
    const dash = dashed === true ? { dash: guideDash } : {};
    return name === undefined ? [] : [{ label: name, mark: { kind: 'line', colour: ink.axis, ...dash } }];
  });
  const items = [...(names.length < 2 ? [] : names.map(symbol)), ...references, ...guides];
  return legendRows(items, frame.right - frame.left);
}

function scaleOf(d3: D3, axis: ChartAxis, domain: Domain, range: readonly [number, number]): Scale {
  const scale = axis.scale === 'log' ? d3.scaleLog() : d3.scaleLinear();
  return scale.domain(domain).range(range).clamp(true);
}

function drawText(svg: Svg, text: string, x: number, y: number, anchor: string, colour: string = ink.text): Svg {
  return svg
    .append('text')
    .attr('x', x)
    .attr('y', y)
    .attr('text-anchor', anchor)
    .attr('fill', colour)
    .attr('font-size', fontSize.label)
    .text(text);
}

function drawLine(svg: Svg, from: readonly [number, number], to: readonly [number, number], dash?: string): Svg {
  return svg
    .append('line')
    .attr('x1', from[0])
    .attr('y1', from[1])
    .attr('x2', to[0])
    .attr('y2', to[1])
    .attr('stroke', ink.axis)
    .attr('stroke-width', 1.2)
    .attr('stroke-dasharray', dash ?? null);
}

/** Names of groups under their bars, slanted where they are wider than those, and of sections under them. */
function drawGroups(svg: Svg, layout: BarLayout, across: Scale, frame: Frame): void {
  const room = across(1) - across(0);
  const isTight = layout.groups.some((g) => textWidth(g.label, fontSize.tick) > g.width * room * 0.96);
  for (const group of layout.groups) {
    const x = across(group.middle);
    const text = drawText(svg, group.label, x, frame.bottom + 17, isTight ? 'end' : 'middle');
    if (isTight) text.attr('transform', `rotate(-40 ${x} ${frame.bottom + 13})`);
  }
  for (const section of layout.sections.filter((s) => s.label !== '')) {
    const y = frame.bottom + (isTight ? 50 : 38);
    drawLine(svg, [across(section.from) + 2, y - 13], [across(section.to) - 2, y - 13]);
    drawText(svg, section.label, (across(section.from) + across(section.to)) / 2, y + 4, 'middle').attr(
      'font-weight',
      'bold',
    );
  }
}

/** Domain of the y axis and its scale. */
function drawBars(svg: Svg, chart: BarChart, d3: D3, frame: Frame): Scale {
  const layout = layoutBars(chart);
  const y = scaleOf(d3, chart.y, layout.y, [frame.bottom, frame.top]);
  const across = d3.scaleLinear().range([frame.left + 6, frame.right - 6]);
  drawYTicks(tickGroup(svg), axisTicks(chart.y, layout.y), y, frame);
  for (const bar of layout.bars) {
    const [from, to] = [y(bar.from), y(bar.to)];
    const mark = svg
      .append('rect')
      .attr('x', across(bar.x))
      .attr('y', Math.min(from, to))
      .attr('width', across(bar.width) - across(0))
      .attr('height', Math.abs(from - to))
      .attr('fill', colourOf(bar.series));
    tell(mark, barText(chart, bar));
  }
  drawFrame(svg, frame);
  drawGroups(svg, layout, across, frame);
  drawTitles(svg, { x: '', y: chart.y.title, plot: chart.title }, frame);
  return y;
}

function drawSeries(svg: Svg, chart: LineChart, layout: LineLayout, d3: D3, { x, y, frame }: Plane): Obstacles {
  const area = { x: left + 2, y: top + 2, width: frame.right - left - 4, height: areaHeight - 4 };
  const obstacles: Obstacles = { boxes: [], marks: [], lines: [], frame: area };
  layout.points.forEach((points, i) => {
    const spots = points.map((p): [number, number] => [x(p.x), y(p.y)]);
    const series = chart.series[i]!;
    const colour = seriesColour(series, i);
    if (series.joined !== false) {
      svg
        .append('path')
        .attr('d', d3.line()(spots))
        .attr('fill', 'none')
        .attr('stroke', colour)
        .attr('stroke-width', 2)
        .attr('stroke-dasharray', series.dashed === true ? '6 4' : null);
      for (const [k, [x2, y2]] of spots.entries())
        if (k > 0) obstacles.lines.push({ x1: spots[k - 1]![0], y1: spots[k - 1]![1], x2, y2 });
    }
    for (const [k, [cx, cy]] of spots.entries()) {
      const mark = svg
        .append('path')
        .attr('d', d3.symbol(pointShape(d3, i), series.faint === true ? 16 : 60)())
        .attr('transform', `translate(${cx},${cy})`)
        .attr('fill', colour)
        .attr('stroke', ink.paper)
        .attr('stroke-width', series.faint === true ? 0 : 0.8);
      tell(mark, pointText(chart, series, points[k]!));
      obstacles.marks.push({ x: cx - 5, y: cy - 5, width: 10, height: 10 });
    }
  });
  return obstacles;
}

/** Labels beside their points, where they cover neither each other nor marks. */
function labelSeries(svg: Svg, layout: LineLayout, obstacles: Obstacles, x: Scale, y: Scale): void {
  layout.points.forEach((points, i) => {
    for (const point of points.filter((p) => p.label !== undefined)) {
      const spot = { x: x(point.x), y: y(point.y) };
      const size = { width: textWidth(point.label!, fontSize.note), height: fontSize.note };
      const at = placeLabel(placesAround(spot, size.width, size.height, [8, 14, 22, 34]), obstacles)!;
      drawText(svg, point.label!, at.x, at.y + fontSize.note - 1, 'start', colourOf(i)).attr(
        'font-size',
        fontSize.note,
      );
    }
  });
}

function drawLines(svg: Svg, chart: LineChart, d3: D3, frame: Frame): Scale {
  const layout = layoutLines(chart);
  // Room on the left and right, so that no mark lies on the frame.
  const x = scaleOf(d3, chart.x, layout.x, [frame.left + 14, frame.right - 14]);
  const y = scaleOf(d3, chart.y, layout.y, [frame.bottom, frame.top]);
  const ticks = tickGroup(svg);
  drawXTicks(ticks, axisTicks(chart.x, layout.x), x, frame);
  drawYTicks(ticks, axisTicks(chart.y, layout.y), y, frame);
  drawFrame(svg, frame);
  for (const { points, dashed } of chart.guides ?? [])
    for (const [k, to] of points.entries()) {
      const from = points[k - 1];
      if (from !== undefined)
        drawLine(svg, [x(from.x), y(from.y)], [x(to.x), y(to.y)], dashed === true ? guideDash : undefined);
    }
  const obstacles = drawSeries(svg, chart, layout, d3, { x, y, frame });
  labelSeries(svg, layout, obstacles, x, y);
  drawTitles(svg, { x: chart.x.title, y: chart.y.title, plot: chart.title }, frame);
  return y;
}

function drawReferences(svg: Svg, chart: Chart, y: Scale, frame: Frame): void {
  for (const { value } of chart.references ?? [])
    if (isDrawable(chart.y, value)) drawLine(svg, [frame.left, y(value)], [frame.right, y(value)], '5 3');
}

/**
 * Bars, lines or scattered points, with axes, a legend and where the numbers come from. It grows with its legend.
 * Shapes: a group has a value a series.
 */
export function chartFigure(chart: Chart, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const frame = frameOf(width);
  const legend = chartLegend(chart, frame);
  const height = frame.bottom + axisHeight + legend.length * legendRowHeight + sourceHeight;
  return {
    title: chart.title,
    description: describeChart(chart),
    size: { width, height },
    draw: (svg, d3) => {
      const y = chart.kind === 'bars' ? drawBars(svg, chart, d3, frame) : drawLines(svg, chart, d3, frame);
      drawReferences(svg, chart, y, frame);
      drawLegend(svg, d3, legend, left, frame.bottom + axisHeight);
      drawText(svg, chart.source, left, height - 8, 'start', ink.axis).attr('font-size', fontSize.note);
    },
  };
}
