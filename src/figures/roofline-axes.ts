import { type Domain, drawFrame, drawXTicks, drawYTicks, type Frame, logTicks, tickGroup } from './axes.ts';
import type { PlotTexts } from './plot-frame.ts';
import type { RooflineLayout, RooflinePlot } from './roofline-layout.ts';
import type { Scales } from './roofline-scene.ts';
import type { Svg } from './svg.ts';

/** The unit of the y axis: the largest in which the top is a few or more, and the foot no tiny fraction if there is one. */
function performanceUnit([foot, top]: Domain): { factor: number; name: string } {
  const units = [
    { factor: 1e15, name: 'PFLOP/s' },
    { factor: 1e12, name: 'TFLOP/s' },
    { factor: 1e9, name: 'GFLOP/s' },
    { factor: 1e6, name: 'MFLOP/s' },
  ];
  const fitting = units.filter((u) => top >= u.factor * 5);
  const plain = fitting.find((u) => foot >= u.factor * 1e-3 && top <= u.factor * 1e5);
  return plain ?? fitting[0] ?? { factor: 1, name: 'FLOP/s' };
}

/** Titles of both axes, and the numbers of y. */
export function axisTexts(plot: RooflinePlot, layout: RooflineLayout): Omit<PlotTexts, 'title'> {
  const unit = performanceUnit(layout.y);
  const yTicks = logTicks(layout.y, unit.factor).filter((t) => t.major);
  return { x: intensityTitle(plot), y: `Performance (${unit.name})`, yTicks: yTicks.map((t) => t.text) };
}

function intensityTitle(plot: RooflinePlot): string {
  const hasInner = plot.machines.some((m) => m.levels.length > 1);
  if (hasInner) return 'Arithmetic intensity (FLOP per byte of traffic at the level of the slope)';
  const levels = [...new Set(plot.machines.map((m) => m.levels[0]!.name))];
  return `Arithmetic intensity (FLOP per byte of ${levels.join(' or ')} traffic)`;
}

export function drawAxes(svg: Svg, layout: RooflineLayout, scales: Scales, frame: Frame): void {
  const group = tickGroup(svg);
  const unit = performanceUnit(layout.y);
  drawXTicks(group, logTicks(layout.x), scales.x, frame);
  drawYTicks(group, logTicks(layout.y, unit.factor), scales.y, frame);
  drawFrame(svg, frame);
}
