import { drawFrame, drawXTicks, drawYTicks, tickGroup } from './axes.ts';
import { axisTicks } from './chart.ts';
import { pointText } from './describe-chart.ts';
import { tell } from './figure.ts';
import { type Obstacles, placeLabel, placesAround, textWidth } from './label-placement.ts';
import { pointShape } from './legend.ts';
import { type LineChart, type LineLayout, type LineSeries, layoutLines } from './line-layout.ts';
import type { PlotFrame } from './plot-frame.ts';
import { type Scale, scaleOf } from './scale.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import { drawText } from './text.ts';

/** Room on the left and right, so that no mark lies on the frame. */
const inset = 14;
export const guideDash = '3 3';

export const seriesColour = ({ faint }: LineSeries, position: number): string =>
  faint === true ? ink.faint : colourOf(position);

type Plane = { readonly x: Scale; readonly y: Scale };

function drawSeries(svg: Svg, chart: LineChart, layout: LineLayout, d3: D3, plane: Plane, obstacles: Obstacles): void {
  // Hundreds of points of full size would be one blot.
  const isMany = layout.points.reduce((sum, points) => sum + points.length, 0) > 150;
  layout.points.forEach((points, i) => {
    const spots = points.map((p): [number, number] => [plane.x(p.x), plane.y(p.y)]);
    const series = chart.series[i]!;
    const colour = seriesColour(series, i);
    if (series.joined !== false) {
      const corners = series.joined === 'steps' ? stepsThrough(spots) : spots;
      svg
        .append('path')
        .attr('d', d3.line()(corners))
        .attr('fill', 'none')
        .attr('stroke', colour)
        .attr('stroke-width', 2)
        .attr('stroke-dasharray', series.dashed === true ? '6 4' : null);
      for (const [k, [x2, y2]] of corners.entries())
        if (k > 0) obstacles.lines.push({ x1: corners[k - 1]![0], y1: corners[k - 1]![1], x2, y2 });
    }
    const size = series.faint === true ? 16 : isMany ? 34 : 60;
    for (const [k, [cx, cy]] of spots.entries()) {
      const mark = svg
        .append('path')
        .attr('d', d3.symbol(pointShape(d3, i), size)())
        .attr('transform', `translate(${cx},${cy})`)
        .attr('fill', colour)
        .attr('stroke', ink.paper)
        .attr('stroke-width', series.faint === true ? 0 : 0.8);
      tell(mark, pointText(chart, series, points[k]!));
      obstacles.marks.push({ x: cx - 5, y: cy - 5, width: 10, height: 10 });
    }
  });
}

/** Each y is kept up to the next x. */
const stepsThrough = (spots: readonly [number, number][]): [number, number][] =>
  spots.flatMap(([x, y], k): [number, number][] =>
    k === 0
      ? [[x, y]]
      : [
          [x, spots[k - 1]![1]],
          [x, y],
        ],
  );

/** Labels beside their points, where they cover neither each other nor marks. */
function labelSeries(svg: Svg, layout: LineLayout, obstacles: Obstacles, { x, y }: Plane): void {
  layout.points.forEach((points, i) => {
    for (const point of points.filter((p) => p.label !== undefined)) {
      const spot = { x: x(point.x), y: y(point.y) };
      const size = { width: textWidth(point.label!, fontSize.note), height: fontSize.note };
      const at = placeLabel(placesAround(spot, size.width, size.height, [8, 14, 22, 34]), obstacles)!;
      drawText(svg, point.label!, at.x, at.y + fontSize.note - 1, { size: fontSize.note, colour: colourOf(i) });
    }
  });
}

/** Draws lines, points, their labels and the numbers of the axes; gives the scale of the y axis. */
export function drawSeriesChart(svg: Svg, chart: LineChart, d3: D3, { area }: PlotFrame): Scale {
  const layout = layoutLines(chart);
  const x = scaleOf(d3, chart.x, layout.x, [area.left + inset, area.right - inset]);
  const y = scaleOf(d3, chart.y, layout.y, [area.bottom, area.top]);
  const ticks = tickGroup(svg);
  drawXTicks(ticks, axisTicks(chart.x, layout.x), x, area);
  drawYTicks(ticks, axisTicks(chart.y, layout.y), y, area);
  drawFrame(svg, area);
  for (const { points, dashed } of chart.guides ?? [])
    svg
      .append('path')
      .attr('d', d3.line()(points.map((p) => [x(p.x), y(p.y)])))
      .attr('fill', 'none')
      .attr('stroke', ink.axis)
      .attr('stroke-width', 1.2)
      .attr('stroke-dasharray', dashed === true ? guideDash : null);
  const inside = {
    x: area.left + 2,
    y: area.top + 2,
    width: area.right - area.left - 4,
    height: area.bottom - area.top - 4,
  };
  const obstacles: Obstacles = { boxes: [], marks: [], lines: [], frame: inside };
  drawSeries(svg, chart, layout, d3, { x, y }, obstacles);
  labelSeries(svg, layout, obstacles, { x, y });
  return y;
}
