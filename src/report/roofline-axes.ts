import type { ScaleLogarithmic } from 'd3';
import { fontSize, ink } from './plot-style.ts';
import type { Domain, RooflineLayout, RooflinePlot } from './roofline-layout.ts';
import type { Svg, SvgSize } from './svg.ts';

/** Edges of the plotting area, pixels. */
export type Frame = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

export type Scales = {
  readonly x: ScaleLogarithmic<number, number>;
  readonly y: ScaleLogarithmic<number, number>;
};

type Tick = { readonly value: number; readonly major: boolean };

/** Powers of ten are major; 2 to 9 times them are minor; 2 and 5 are labelled if the axis is short. */
function logTicks([from, to]: Domain): Tick[] {
  const ticks: Tick[] = [];
  for (let e = Math.floor(Math.log10(from)); e <= Math.ceil(Math.log10(to)); e++)
    for (let k = 1; k <= 9; k++) {
      const value = k * 10 ** e;
      if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) ticks.push({ value, major: k === 1 });
    }
  const decades = Math.log10(to / from);
  if (decades > 2.5) return ticks;
  return ticks.map((t) => {
    const lead = Number(t.value.toExponential().charAt(0));
    return lead === 2 || lead === 5 ? { ...t, major: true } : t;
  });
}

/** Plain digits, in groups of three from 10,000 on; four zeros after the point become a power of ten. */
function tickText(value: number): string {
  if (value < 1e-3 || value >= 1e7) return value.toExponential(0).replace('e+', 'e');
  const text = String(Number(value.toPrecision(6)));
  return value < 1e4 ? text : text.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The unit of the y axis: the largest that leaves the highest peak at one or more. */
function performanceUnit(top: number): { factor: number; name: string } {
  const units = [
    { factor: 1e15, name: 'PFLOP/s' },
    { factor: 1e12, name: 'TFLOP/s' },
    { factor: 1e9, name: 'GFLOP/s' },
    { factor: 1e6, name: 'MFLOP/s' },
  ];
  return units.find((u) => top >= u.factor * 5) ?? { factor: 1, name: 'FLOP/s' };
}

function intensityTitle(plot: RooflinePlot): string {
  const hasInner = plot.machines.some((m) => m.levels.length > 1);
  if (hasInner) return 'Arithmetic intensity (FLOP per byte of traffic at the level of the slope)';
  const levels = [...new Set(plot.machines.map((m) => m.levels[0]!.name))];
  return `Arithmetic intensity (FLOP per byte of ${levels.join(' or ')} traffic)`;
}

export function drawAxes(
  svg: Svg,
  plot: RooflinePlot,
  layout: RooflineLayout,
  scales: Scales,
  frame: Frame,
  size: SvgSize,
): void {
  const group = svg.append('g').attr('font-size', fontSize.tick).attr('fill', ink.text);
  const rule = (x1: number, y1: number, x2: number, y2: number, colour: string, width: number): void => {
    group
      .append('line')
      .attr('x1', x1)
      .attr('y1', y1)
      .attr('x2', x2)
      .attr('y2', y2)
      .attr('stroke', colour)
      .attr('stroke-width', width);
  };
  for (const tick of logTicks(layout.x)) {
    const x = scales.x(tick.value);
    if (tick.major) rule(x, frame.top, x, frame.bottom, ink.grid, 1);
    rule(x, frame.bottom, x, frame.bottom + (tick.major ? 6 : 3), ink.axis, 1);
    if (tick.major)
      group
        .append('text')
        .attr('x', x)
        .attr('y', frame.bottom + 20)
        .attr('text-anchor', 'middle')
        .text(tickText(tick.value));
  }
  const unit = performanceUnit(layout.y[1]);
  for (const tick of logTicks(layout.y)) {
    const y = scales.y(tick.value);
    if (tick.major) rule(frame.left, y, frame.right, y, ink.grid, 1);
    rule(frame.left - (tick.major ? 6 : 3), y, frame.left, y, ink.axis, 1);
    if (tick.major)
      group
        .append('text')
        .attr('x', frame.left - 10)
        .attr('y', y)
        .attr('dy', '0.35em')
        .attr('text-anchor', 'end')
        .text(tickText(tick.value / unit.factor));
  }
  svg
    .append('rect')
    .attr('x', frame.left)
    .attr('y', frame.top)
    .attr('width', frame.right - frame.left)
    .attr('height', frame.bottom - frame.top)
    .attr('fill', 'none')
    .attr('stroke', ink.axis);
  const title = (text: string, x: number, y: number, degrees: number, fontPixels: number): void => {
    svg
      .append('text')
      .attr('transform', `translate(${x},${y}) rotate(${degrees})`)
      .attr('text-anchor', 'middle')
      .attr('font-size', fontPixels)
      .attr('font-weight', fontPixels === fontSize.title ? 'bold' : null)
      .attr('fill', ink.text)
      .text(text);
  };
  const middle = (frame.left + frame.right) / 2;
  title(intensityTitle(plot), middle, frame.bottom + 44, 0, fontSize.axis);
  title(`Performance (${unit.name})`, 22, (frame.top + frame.bottom) / 2, -90, fontSize.axis);
  if (plot.title !== undefined) title(plot.title, size.width / 2, 28, 0, fontSize.title);
}
