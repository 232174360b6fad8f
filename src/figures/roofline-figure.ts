import { rateText, significant } from '../report/quantity-text.ts';
import { drawArrow } from './arrow.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { drawLegend, legendRowHeight, pointShape } from './legend.ts';
import { areaHeight, drawAxisTitles, layoutPlotFrame } from './plot-frame.ts';
import { axisTexts, drawAxes } from './roofline-axes.ts';
import { type PlacedLabel, placeRooflineLabels } from './roofline-labels.ts';
import { drawablePoints, layoutRoofline, pointText, type RooflinePlot } from './roofline-layout.ts';
import { rooflineLegend } from './roofline-legend.ts';
import { arrowColour, type RooflineScene, rooflineScene, type Spot } from './roofline-scene.ts';
import { colourOf, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import { drawTitle, lineHeight, margin } from './text.ts';

const mostHeight = 468;
/** Numbers of the x axis, above its title. */
const tickFoot = 28;

function drawLines(svg: Svg, { lines }: RooflineScene): void {
  for (const { at, colour, thickness, dash } of lines)
    svg
      .append('line')
      .attr('x1', at.x1)
      .attr('y1', at.y1)
      .attr('x2', at.x2)
      .attr('y2', at.y2)
      .attr('stroke', colour)
      .attr('stroke-width', thickness)
      .attr('stroke-linecap', dash === undefined ? 'round' : 'butt')
      .attr('stroke-dasharray', dash ?? null);
}

/** Texts with an edge of paper, so that a line under them does not cut their letters. Later lines are plain. */
function drawLabel(svg: Svg, { lines, x, y, size, colour, bold, degrees, leader }: PlacedLabel): void {
  if (leader !== undefined)
    svg
      .append('line')
      .attr('x1', leader.x1)
      .attr('y1', leader.y1)
      .attr('x2', leader.x2)
      .attr('y2', leader.y2)
      .attr('stroke', ink.leader)
      .attr('stroke-width', 0.8);
  const text = svg
    .append('text')
    .attr('font-size', size)
    .attr('font-weight', bold ? 'bold' : null)
    .attr('fill', colour)
    .attr('stroke', ink.paper)
    .attr('stroke-width', 3)
    .attr('stroke-linejoin', 'round')
    .attr('paint-order', 'stroke')
    .attr('transform', degrees === 0 ? null : `translate(${x},${y}) rotate(${degrees})`);
  lines.forEach((line, i) => {
    const span = text.append('tspan').text(line);
    if (degrees === 0) span.attr('x', x).attr('y', y + i * size * lineHeight);
    if (i > 0) span.attr('font-weight', 'normal').attr('fill', ink.text);
  });
}

function drawRidges(svg: Svg, d3: D3, { ridges }: RooflineScene): void {
  for (const { x, y, machine } of ridges)
    svg
      .append('path')
      .attr('d', d3.symbol(d3.symbolDiamond, 58)())
      .attr('transform', `translate(${x},${y})`)
      .attr('fill', ink.paper)
      .attr('stroke', colourOf(machine))
      .attr('stroke-width', 1.8);
}

function drawArrows(svg: Svg, { plot, arrows }: RooflineScene): void {
  const points = drawablePoints(plot);
  for (const { at, from, to } of arrows) {
    const [before, after] = [points[from]!, points[to]!];
    const gain = after.achieved_ops_per_s / before.achieved_ops_per_s;
    const text = `from ${before.label} to ${after.label}: ${significant(gain, 3)} times the performance`;
    tell(drawArrow(svg, at, arrowColour), text);
  }
}

/** Marks of the runs: filled at the outermost level's intensity, hollow at the others'. */
function drawPoints(svg: Svg, d3: D3, { plot, points }: RooflineScene): void {
  drawablePoints(plot).forEach((point, i) => {
    const colour = colourOf(point.machine);
    const intensities = point.intensities_ops_per_byte.filter((v): v is number => v !== undefined && v > 0);
    const mark = ({ x, y }: Spot, filled: boolean, intensity: number): void => {
      const drawn = svg
        .append('path')
        .attr('d', d3.symbol(pointShape(d3, i), filled ? 110 : 56)())
        .attr('transform', `translate(${x},${y})`)
        .attr('fill', filled ? colour : ink.paper)
        .attr('stroke', filled ? ink.paper : colour)
        .attr('stroke-width', filled ? 1 : 1.6);
      tell(drawn, `${pointText(plot, point).join(': ')}, at ${significant(intensity, 3)} FLOP/B`);
    };
    points[i]!.inner.forEach((spot, k) => {
      mark(spot, false, intensities[k + 1]!);
    });
    mark(points[i]!.outer, true, intensities[0]!);
  });
}

const titleOf = (plot: RooflinePlot): string =>
  plot.title ?? `Roofline of ${plot.machines.map((m) => m.name).join(', ')}`;

/** Each run with its performance, and what it is of what its intensity allows. */
function describe(plot: RooflinePlot): string {
  const roofs = plot.machines.map((m) => `${m.name} has a peak of ${rateText(m.peak_ops_per_s, 'FLOP/s')}`);
  const runs = drawablePoints(plot).map((point) => {
    const [label, speed] = pointText(plot, point);
    const { name } = plot.machines[point.machine]!;
    return `${label} on ${name} does ${speed} at ${significant(point.intensities_ops_per_byte[0]!, 3)} FLOP/B`;
  });
  const ceilings = plot.machines.flatMap((m) =>
    m.ceilings.map((c) => `with ${c.label} on ${m.name} it would be ${rateText(c.ops_per_s, 'FLOP/s')}`),
  );
  return `${[...roofs, ...runs, ...ceilings].join('; ')}.`;
}

/**
 * A log-log roofline: a slope a memory level, a roof a machine, ceilings of units, ridge points, and labelled runs with
 * their gap to the roof. Machines share the axes. Needs at least one machine, each with one level or more; runs that
 * a log-log plot cannot show are left out. It grows with its legend.
 */
export function rooflineFigure(plot: RooflinePlot, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const title = titleOf(plot);
  const height = areaHeight(width, mostHeight);
  const frame = layoutPlotFrame(width, height, { title, ...axisTexts(plot, layoutRoofline(plot)) }, tickFoot);
  const scene = rooflineScene(plot, frame.area);
  const labels = placeRooflineLabels(scene);
  const legend = rooflineLegend(scene, labels, width - 2 * margin);
  return {
    title,
    description: describe(plot),
    size: { width, height: Math.ceil(frame.bottom + legend.length * legendRowHeight + 12) },
    draw: (svg, d3) => {
      drawTitle(svg, frame.title);
      drawAxes(svg, scene.layout, scene.scales, frame.area);
      drawAxisTitles(svg, frame);
      drawLegend(svg, d3, legend, margin, frame.bottom);
      drawLines(svg, scene);
      // Over the lines and under the marks, so that no text hides a result.
      for (const label of labels.labels) drawLabel(svg, label);
      drawArrows(svg, scene);
      drawRidges(svg, d3, scene);
      drawPoints(svg, d3, scene);
    },
  };
}
