import { drawFigure, type Figure } from './figure.ts';
import { darkRules } from './style.ts';

/** What drawing takes of d3: the same on a server and in a page. */
export type D3 = Pick<
  typeof import('d3'),
  | 'line'
  | 'scaleLinear'
  | 'scaleLog'
  | 'symbol'
  | 'symbolCircle'
  | 'symbolCross'
  | 'symbolDiamond'
  | 'symbolSquare'
  | 'symbolStar'
  | 'symbolTriangle'
  | 'symbolWye'
>;
// biome-ignore lint/suspicious/noExplicitAny: d3's selections of one kind of element are no selections of another, and drawing never asks
export type Svg = import('d3').Selection<any, unknown, null, undefined>;

/** In pixels. */
export type SvgSize = { readonly width: number; readonly height: number };

/** Draws with what a server has in place of a page: the only importer of d3-node, which takes about half a second to load. */
async function drawnSvg(figure: Figure): Promise<{ readonly svg: Svg; readonly text: () => string }> {
  const { D3Node } = await import('d3-node');
  const { width, height } = figure.size;
  const page = new D3Node();
  const svg = page.createSVG(width, height, { viewBox: `0 0 ${width} ${height}` });
  drawFigure(svg, figure, page.d3);
  return { svg, text: () => page.svgString() };
}

/** The text of an SVG file of a figure, dark where its reader prefers that. */
export async function renderSvg(figure: Figure): Promise<string> {
  const { svg, text } = await drawnSvg(figure);
  svg.append('style').text(`@media screen and (prefers-color-scheme: dark) {${darkRules('')}}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text()}\n`;
}

/** A figure as an element of a page, which has a style of its own for dark paper. */
export async function inlineSvg(figure: Figure): Promise<string> {
  const { text } = await drawnSvg(figure);
  return text();
}
