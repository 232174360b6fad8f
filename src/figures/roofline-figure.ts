import { rateText, significant } from '../report/quantity-text.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import type { Rect, Segment } from './label-placement.ts';
import { drawLegend, legendRowHeight, pointShape } from './legend.ts';
import { areaHeight, drawAxisTitles, layoutPlotFrame } from './plot-frame.ts';
import { axisTexts, drawAxes, type Scales } from './roofline-axes.ts';
import { labelFlat, labelPoints, labelRidges, labelSlopes, type Scene, toPixels } from './roofline-labels.ts';
import { attainable, drawablePoints, layoutRoofline, pointText, type RooflinePlot } from './roofline-layout.ts';
import { rooflineLegend } from './roofline-legend.ts';
import { colourOf, dashOf, ink } from './style.ts';
import { drawTitle, margin } from './text.ts';

const mostHeight = 468;
/** Numbers of the x axis, above its title. */
const tickFoot = 28;

function drawLine(scene: Scene, line: Segment, colour: string, thickness: number, dash: string | undefined): void {
  const at = toPixels(line, scene.scales);
  scene.svg
    .append('line')
    .attr('x1', at.x1)
    .attr('y1', at.y1)
    .attr('x2', at.x2)
    .attr('y2', at.y2)
    .attr('stroke', colour)
    .attr('stroke-width', thickness)
    .attr('stroke-linecap', dash === undefined ? 'round' : 'butt')
    .attr('stroke-dasharray', dash ?? null);
  scene.obstacles.lines.push(at);
}

/** Equal to within what the eye can tell on a plot of several decades. */
const coincide = (a: Segment, b: Segment): boolean =>
  Math.abs(Math.log(a.y2 / b.y2)) < 0.02 && Math.abs(Math.log(a.x2 / b.x2)) < 0.02;

type Owned = { readonly machine: number; readonly line: Segment };

/** Where machines share a line, the first is drawn once more over the later ones with gaps, so that both show. */
function drawShared(scene: Scene, lines: readonly Owned[]): void {
  lines.forEach((owned, i) => {
    const first = lines.slice(0, i).find((o) => o.machine < owned.machine && coincide(o.line, owned.line));
    if (first !== undefined) drawLine(scene, owned.line, colourOf(first.machine), 2.4, '11 11');
  });
}

function drawRoofs(scene: Scene): void {
  const { ceilings, slopes, roofs } = scene.layout;
  for (const c of ceilings) drawLine(scene, c.line, colourOf(c.machine), 1.4, '5 3');
  for (const s of slopes) drawLine(scene, s.line, colourOf(s.machine), s.level === 0 ? 2.4 : 1.6, dashOf(s.level));
  for (const r of roofs) drawLine(scene, r.line, colourOf(r.machine), 2.4, undefined);
  drawShared(
    scene,
    slopes.filter((s) => s.level === 0),
  );
  drawShared(scene, roofs);
}

const around = (x: number, y: number, radius: number): Rect => ({
  x: x - radius,
  y: y - radius,
  width: 2 * radius,
  height: 2 * radius,
});

function drawRidges(scene: Scene): void {
  for (const ridge of scene.layout.ridges) {
    const x = scene.scales.x(ridge.x);
    const y = scene.scales.y(ridge.y);
    scene.svg
      .append('path')
      .attr('d', scene.d3.symbol(scene.d3.symbolDiamond, 58)())
      .attr('transform', `translate(${x},${y})`)
      .attr('fill', ink.paper)
      .attr('stroke', colourOf(ridge.machine))
      .attr('stroke-width', 1.8);
    scene.obstacles.marks.push(around(x, y, 6));
  }
}

/** Marks of the runs: filled at the outermost level's intensity, hollow at the others', joined by a thin line. */
function drawPoints(scene: Scene): void {
  const { scales, plot, d3, svg } = scene;
  drawablePoints(plot).forEach((point, i) => {
    const colour = colourOf(point.machine);
    const y = point.achieved_ops_per_s;
    const outer = point.intensities_ops_per_byte[0]!;
    const roof = attainable(plot.machines[point.machine]!, 0, outer);
    if (roof > y * 1.02) drawLine(scene, { x1: outer, y1: y, x2: outer, y2: roof }, colour, 1.3, '1.5 3');
    const inner = point.intensities_ops_per_byte.slice(1).filter((v): v is number => v !== undefined && v > 0);
    const ends = [outer, ...inner];
    const join = { x1: Math.min(...ends), y1: y, x2: Math.max(...ends), y2: y };
    if (inner.length > 0) drawLine(scene, join, colour, 0.9, undefined);
    const mark = (x: number, filled: boolean): void => {
      const drawn = svg
        .append('path')
        .attr('d', d3.symbol(pointShape(d3, i), filled ? 110 : 56)())
        .attr('transform', `translate(${scales.x(x)},${scales.y(y)})`)
        .attr('fill', filled ? colour : ink.paper)
        .attr('stroke', filled ? ink.paper : colour)
        .attr('stroke-width', filled ? 1 : 1.6);
      tell(drawn, `${pointText(plot, point).join(': ')}, at ${significant(x, 3)} FLOP/B`);
      scene.obstacles.marks.push(around(scales.x(x), scales.y(y), filled ? 8 : 5));
    };
    for (const x of inner) mark(x, false);
    mark(outer, true);
  });
}

function drawLabels(scene: Scene): void {
  const { layout, plot } = scene;
  for (const roof of layout.roofs) {
    labelFlat(scene, roof.line, `${plot.machines[roof.machine]!.name} peak`, roof.machine);
  }
  labelRidges(scene);
  labelPoints(scene);
  labelSlopes(scene);
  for (const c of layout.ceilings) labelFlat(scene, c.line, `${c.label}:`, c.machine);
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
  return `${[...roofs, ...runs].join('; ')}.`;
}

/**
 * A log-log roofline: a slope a memory level, a roof a machine, lower ceilings, ridge points, and labelled runs with
 * their gap to the roof. Machines share the axes. Needs at least one machine, each with one level or more; runs that
 * a log-log plot cannot show are left out. It grows with its legend.
 */
export function rooflineFigure(plot: RooflinePlot, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const title = titleOf(plot);
  const layout = layoutRoofline(plot);
  const frame = layoutPlotFrame(width, areaHeight(width, mostHeight), { title, ...axisTexts(plot, layout) }, tickFoot);
  const { area } = frame;
  const legend = rooflineLegend(plot, width - 2 * margin);
  return {
    title,
    description: describe(plot),
    size: { width, height: Math.ceil(frame.bottom + legend.length * legendRowHeight + 12) },
    draw: (svg, d3) => {
      const scales: Scales = {
        x: d3.scaleLog().domain(layout.x).range([area.left, area.right]),
        y: d3.scaleLog().domain(layout.y).range([area.bottom, area.top]),
      };
      drawTitle(svg, frame.title);
      drawAxes(svg, layout, scales, area);
      drawAxisTitles(svg, frame);
      drawLegend(svg, d3, legend, margin, frame.bottom);
      const inside = {
        x: area.left + 2,
        y: area.top + 2,
        width: area.right - area.left - 4,
        height: area.bottom - area.top - 4,
      };
      const roofs = svg.append('g');
      const labels = svg.append('g');
      const obstacles = { boxes: [], marks: [], lines: [], frame: inside };
      const scene: Scene = { svg, labels, d3, plot, layout, scales, obstacles };
      drawRoofs({ ...scene, svg: roofs });
      drawRidges(scene);
      drawPoints(scene);
      drawLabels(scene);
    },
  };
}
