import type { Frame } from './axes.ts';
import { type BarChart, layoutBars } from './bar-layout.ts';
import { axisTicks, isDrawable } from './chart.ts';
import { describeChart } from './describe-chart.ts';
import { drawBars, layoutFoot } from './draw-bars.ts';
import { drawSeriesChart, guideDash, seriesColour } from './draw-lines.ts';
import { type Figure, type FigureOptions, widthOf } from './figure.ts';
import { drawLegend, type LegendItem, type LegendRows, legendRowHeight, legendRows, pointShape } from './legend.ts';
import { type LineChart, layoutLines } from './line-layout.ts';
import { areaHeight, drawAxisTitles, layoutPlotFrame, type PlotFrame } from './plot-frame.ts';
import type { Scale } from './scale.ts';
import { colourOf, ink } from './style.ts';
import type { Svg } from './svg.ts';
import { drawNote, drawTitle, margin, noteHeight, noteLines } from './text.ts';

/** What `chartFigure` draws. */
export type Chart = BarChart | LineChart;

const mostHeight = 380;
/** Numbers of the x axis, above its title. */
const tickFoot = 28;
const referenceDash = '5 3';

/** Bars of one series need no legend. */
function chartLegend(chart: Chart, width: number): LegendRows {
  const symbol = (label: string, i: number): LegendItem => ({
    label,
    mark:
      chart.kind === 'bars'
        ? { kind: 'fill', colour: colourOf(i), hatched: chart.hatched?.includes(label) === true }
        : { kind: 'symbol', shape: (d3) => pointShape(d3, i), colour: seriesColour(chart.series[i]!, i), filled: true },
  });
  const names = chart.kind === 'bars' ? chart.series : chart.series.map((s) => s.name);
  const references = (chart.references ?? []).map(
    ({ label }): LegendItem => ({ label, mark: { kind: 'line', colour: ink.axis, dash: referenceDash } }),
  );
  const guides = (chart.kind === 'lines' ? (chart.guides ?? []) : []).flatMap(({ name, dashed }): LegendItem[] => {
    const dash = dashed === true ? { dash: guideDash } : {};
    return name === undefined ? [] : [{ label: name, mark: { kind: 'line', colour: ink.axis, ...dash } }];
  });
  return legendRows([...(names.length < 2 ? [] : names.map(symbol)), ...references, ...guides], width);
}

type Drawn = { readonly plot: PlotFrame; readonly draw: (svg: Svg, d3: Parameters<Figure['draw']>[1]) => Scale };

function barPlot(chart: BarChart, width: number): Drawn {
  const ticks = axisTicks(chart.y, layoutBars(chart).y).filter((t) => t.major);
  const texts = { title: chart.title, x: '', y: chart.y.title, yTicks: ticks.map((t) => t.text) };
  const height = areaHeight(width, mostHeight);
  const { area } = layoutPlotFrame(width, height, texts, 0);
  const { overhang } = layoutFoot(chart, area.right - area.left);
  // Slanted names of the first groups reach left of the area.
  const plot = layoutPlotFrame(width, height, texts, 0, Math.min(overhang + margin, width * 0.4));
  const foot = layoutFoot(chart, plot.area.right - plot.area.left);
  return {
    plot: { ...plot, bottom: plot.area.bottom + foot.height + 8 },
    draw: (svg, d3) => drawBars(svg, chart, d3, plot, foot),
  };
}

function linePlot(chart: LineChart, width: number): Drawn {
  const ticks = axisTicks(chart.y, layoutLines(chart).y).filter((t) => t.major);
  const texts = { title: chart.title, x: chart.x.title, y: chart.y.title, yTicks: ticks.map((t) => t.text) };
  const plot = layoutPlotFrame(width, areaHeight(width, mostHeight), texts, tickFoot);
  return { plot, draw: (svg, d3) => drawSeriesChart(svg, chart, d3, plot) };
}

function drawReferences(svg: Svg, chart: Chart, y: Scale, area: Frame): void {
  for (const { value } of chart.references ?? [])
    if (isDrawable(chart.y, value))
      svg
        .append('line')
        .attr('x1', area.left)
        .attr('y1', y(value))
        .attr('x2', area.right)
        .attr('y2', y(value))
        .attr('stroke', ink.axis)
        .attr('stroke-width', 1.2)
        .attr('stroke-dasharray', referenceDash);
}

/**
 * Bars, lines or scattered points, with axes, a legend and where the numbers come from. It grows with its legend.
 * Shapes: a group has a value a series.
 */
export function chartFigure(chart: Chart, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const { plot, draw } = chart.kind === 'bars' ? barPlot(chart, width) : linePlot(chart, width);
  const legend = chartLegend(chart, width - 2 * margin);
  const source = noteLines(chart.source, width);
  const height = Math.ceil(plot.bottom + legend.length * legendRowHeight + noteHeight(source));
  return {
    title: chart.title,
    description: describeChart(chart),
    size: { width, height },
    draw: (svg, d3) => {
      drawTitle(svg, plot.title);
      const y = draw(svg, d3);
      drawReferences(svg, chart, y, plot.area);
      drawAxisTitles(svg, plot);
      drawLegend(svg, d3, legend, margin, plot.bottom);
      drawNote(svg, source, height);
    },
  };
}
