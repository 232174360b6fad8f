import { roundAttributes } from './rounded.ts';
import { fontFamily, ink } from './style.ts';
import type { D3, Svg, SvgSize } from './svg.ts';

/**
 * A figure that is ready to be drawn, by `renderSvg` or into a page. Each kind has a function from data to a figure, in
 * the file of its name.
 */
export type Figure = {
  /** What it is called by those who cannot see it. */
  readonly title: string;
  /** What there is to see, in a sentence or two. */
  readonly description: string;
  readonly size: SvgSize;
  readonly draw: (svg: Svg, d3: D3) => void;
};

/** What is free in a figure besides its data. */
export type FigureOptions = {
  /** Pixels; a narrow page has figures of its own, since their letters would be too small if they shrank. */
  readonly width?: number;
};

/** Pixels that a figure is wide if nobody asks for another width, and at least. */
const usualWidth = 860;
const leastWidth = 320;

export const widthOf = ({ width = usualWidth }: FigureOptions): number => Math.max(leastWidth, width);

/** Draws a figure into an SVG of its size: its name, its paper, and what is on it. */
export function drawFigure(svg: Svg, figure: Figure, d3: D3): void {
  svg.attr('font-family', fontFamily).attr('role', 'img');
  svg.append('title').text(figure.title);
  svg.append('desc').text(figure.description);
  svg.append('rect').attr('width', figure.size.width).attr('height', figure.size.height).attr('fill', ink.paper);
  figure.draw(svg, d3);
  roundAttributes(svg);
}

/** Says what a mark is where a pointer rests on it. */
export const tell = (mark: Svg, text: string): Svg => {
  mark.append('title').text(text);
  return mark;
};
