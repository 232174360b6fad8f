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
export type Svg = import('d3').Selection<import('d3').BaseType, unknown, null, undefined>;

/** In pixels. */
export type SvgSize = { readonly width: number; readonly height: number };

/**
 * The text of an SVG file of a figure, dark where its reader prefers that. The only importer of d3-node, which takes
 * about half a second to load.
 */
export async function renderSvg(figure: Figure): Promise<string> {
  const { D3Node } = await import('d3-node');
  const { width, height } = figure.size;
  const page = new D3Node();
  const svg = page.createSVG(width, height, { viewBox: `0 0 ${width} ${height}` });
  drawFigure(svg, figure, page.d3);
  svg.append('style').text(`@media screen and (prefers-color-scheme: dark) {${darkRules('')}}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${page.svgString()}\n`;
}
