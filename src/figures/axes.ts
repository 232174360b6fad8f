import { textWidth } from './label-placement.ts';
import { fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';
import { drawText } from './text.ts';

/** Edges of the plotting area, pixels. */
export type Frame = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

export type Domain = readonly [number, number];

/** A place on an axis in the axis's own unit; minor ones are not labelled. */
export type Tick = { readonly value: number; readonly major: boolean; readonly text: string };

/** Plain digits, in groups of three from 10,000 on; a million and four zeros after the point become a power of ten. */
function tickText(value: number): string {
  const rounded = Number(value.toPrecision(6));
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return rounded.toExponential().replace('e+', 'e');
  const text = String(rounded);
  return Math.abs(value) < 1e4 ? text : text.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A longer axis has a number at every second power of ten, every third, ... */
const mostDecades = 12;

/** Powers of ten are major; 2 to 9 times them are minor; 2 and 5 are labelled if the axis is short. */
export function logTicks([from, to]: Domain, factor = 1): readonly Tick[] {
  const ticks: Tick[] = [];
  const decades = Math.log10(to / from);
  const isShort = decades <= 2.5;
  const every = Math.ceil(decades / mostDecades);
  for (let e = Math.floor(Math.log10(from)); e <= Math.ceil(Math.log10(to)); e++)
    for (let k = 1; k <= 9; k++) {
      const value = k * 10 ** e;
      if (value < from * (1 - 1e-9) || value > to * (1 + 1e-9)) continue;
      const major = (k === 1 && e % every === 0) || (isShort && (k === 2 || k === 5));
      ticks.push({ value, major, text: tickText(value / factor) });
    }
  return ticks;
}

/** Four to eight steps of 1, 2 or 5 times a power of ten. */
export function linearTicks([from, to]: Domain): readonly Tick[] {
  const step = niceLog((to - from) / 8, 'up');
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => {
    const value = Number(((first + i) * step).toPrecision(12));
    return { value, major: true, text: tickText(value) };
  });
}

/** Rounds outwards to 1, 2 or 5 times a power of ten, so that axes begin and end at a tick. */
export function niceLog(value: number, direction: 'down' | 'up'): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const steps = [1, 2, 5, 10].map((s) => s * decade);
  const tolerance = 1e-9;
  if (direction === 'down') return steps.filter((s) => s <= value * (1 + tolerance)).at(-1) ?? decade / 2;
  return steps.find((s) => s >= value * (1 - tolerance)) ?? decade * 10;
}

function rule(group: Svg, from: readonly [number, number], to: readonly [number, number], colour: string): void {
  group
    .append('line')
    .attr('x1', from[0])
    .attr('y1', from[1])
    .attr('x2', to[0])
    .attr('y2', to[1])
    .attr('stroke', colour)
    .attr('stroke-width', 1);
}

/** How far a number may reach beyond the ends of the x axis. */
const overhang = 16;

type Numbered = { readonly text: string; readonly x: number };

/** Of the major ticks as many as have room for their numbers: all, or every second, third, ... */
function fittingNumbers(ticks: readonly Tick[], scale: (value: number) => number, frame: Frame): readonly Numbered[] {
  const all = ticks
    .filter((tick) => tick.major)
    .map(({ value, text }) => {
      const half = textWidth(text, fontSize.tick) / 2;
      const x = Math.max(frame.left - overhang + half, Math.min(scale(value), frame.right + overhang - half));
      return { text, x, half };
    });
  const gap = 8;
  for (let step = 1; step < all.length; step++) {
    const chosen = all.filter((_, i) => i % step === 0);
    if (chosen.every((t, i) => i === 0 || t.x - t.half >= chosen[i - 1]!.x + chosen[i - 1]!.half + gap)) return chosen;
  }
  return all.slice(0, 1);
}

/** Marks, numbers and the grid's lines of the x axis. */
export function drawXTicks(group: Svg, ticks: readonly Tick[], scale: (value: number) => number, frame: Frame): void {
  for (const { text, x } of fittingNumbers(ticks, scale, frame))
    drawText(group, text, x, frame.bottom + 20, { anchor: 'middle', size: fontSize.tick });
  for (const tick of ticks) {
    const x = scale(tick.value);
    if (tick.major) rule(group, [x, frame.top], [x, frame.bottom], ink.grid);
    rule(group, [x, frame.bottom], [x, frame.bottom + (tick.major ? 6 : 3)], ink.axis);
  }
}

/** Those of the y axis. */
export function drawYTicks(group: Svg, ticks: readonly Tick[], scale: (value: number) => number, frame: Frame): void {
  for (const tick of ticks) {
    const y = scale(tick.value);
    if (tick.major) rule(group, [frame.left, y], [frame.right, y], ink.grid);
    rule(group, [frame.left - (tick.major ? 6 : 3), y], [frame.left, y], ink.axis);
    if (tick.major)
      group
        .append('text')
        .attr('x', frame.left - 10)
        .attr('y', y)
        .attr('dy', '0.35em')
        .attr('text-anchor', 'end')
        .text(tick.text);
  }
}

export const tickGroup = (svg: Svg): Svg => svg.append('g').attr('font-size', fontSize.tick).attr('fill', ink.text);

export function drawFrame(svg: Svg, frame: Frame): void {
  svg
    .append('rect')
    .attr('x', frame.left)
    .attr('y', frame.top)
    .attr('width', frame.right - frame.left)
    .attr('height', frame.bottom - frame.top)
    .attr('fill', 'none')
    .attr('stroke', ink.axis);
}
