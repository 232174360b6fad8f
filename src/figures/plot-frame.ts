import type { Frame } from './axes.ts';
import { textWidth } from './label-placement.ts';
import { fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';
import { lineHeight, margin, titleHeight, titleLines, wrapText } from './text.ts';

/** Where the title of a plot, its area and the titles of its axes are. Lengths are pixels. */
export type PlotFrame = {
  readonly title: readonly string[];
  readonly area: Frame;
  readonly xTitle: readonly string[];
  readonly yTitle: readonly string[];
  /** Of the feet of the titles' last lines: of x below the area, of y left of it. */
  readonly xTitleTop: number;
  /** The end of it all, where a legend begins. */
  readonly bottom: number;
};

export type PlotTexts = {
  readonly title: string;
  /** Empty: there is none. */
  readonly x: string;
  readonly y: string;
  /** Numbers of the y axis. */
  readonly yTicks: readonly string[];
};

const right = 20;
const axisLine = fontSize.axis * lineHeight;

/** Wide plots are higher, up to a point. */
export const areaHeight = (width: number, most: number): number =>
  Math.round(Math.min(most, Math.max(250, width * 0.62)));

/**
 * Lays out the texts around an area of some height. `foot` is what stands between the area and the title of x: the
 * numbers of the axis, or names of groups, which may need more room on the left than the numbers of y do.
 */
export function layoutPlotFrame(width: number, height: number, texts: PlotTexts, foot: number, least = 0): PlotFrame {
  const title = titleLines(texts.title, width);
  const yTitle = texts.y === '' ? [] : wrapText(texts.y, height, fontSize.axis);
  const ticks = Math.max(0, ...texts.yTicks.map((t) => textWidth(t, fontSize.tick)));
  const left = Math.max(least, margin - 6 + yTitle.length * axisLine + ticks + 16);
  const top = titleHeight(title) + 6;
  const area = { left, right: width - right, top, bottom: top + height };
  const xTitle = texts.x === '' ? [] : wrapText(texts.x, area.right - margin, fontSize.axis);
  const xTitleTop = area.bottom + foot;
  return { title, area, xTitle, yTitle, xTitleTop, bottom: xTitleTop + xTitle.length * axisLine + 12 };
}

/** Titles of both axes. */
export function drawAxisTitles(svg: Svg, { area, xTitle, yTitle, xTitleTop }: PlotFrame): void {
  const title = (text: string, x: number, y: number, degrees: number): void => {
    svg
      .append('text')
      .attr('transform', `translate(${x},${y})${degrees === 0 ? '' : ` rotate(${degrees})`}`)
      .attr('text-anchor', 'middle')
      .attr('font-size', fontSize.axis)
      .attr('fill', ink.text)
      .text(text);
  };
  xTitle.forEach((line, i) => {
    // Over the middle of the area, but no further left than the figure's edge allows.
    const half = textWidth(line, fontSize.axis) / 2;
    const middle = Math.max(margin + half, Math.min((area.left + area.right) / 2, area.right + right - 4 - half));
    title(line, middle, xTitleTop + fontSize.axis + i * axisLine, 0);
  });
  yTitle.forEach((line, i) => {
    title(line, margin + 6 + i * axisLine, (area.top + area.bottom) / 2, -90);
  });
}
