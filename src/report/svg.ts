/** What drawing code gets from d3: pieces that are the same in a browser. */
export type D3 = typeof import('d3');
export type Svg = import('d3').Selection<import('d3').BaseType, unknown, null, undefined>;
export type Layer = import('d3').Selection<import('d3').BaseType, unknown, null, undefined>;

export type SvgSize = { readonly width: number; readonly height: number };

/**
 * Runs d3 drawing code without a browser and gives the SVG text. The only importer of d3-node, which
 * takes about half a second to load; nothing else may import it.
 */
export async function renderSvg(size: SvgSize, draw: (svg: Svg, d3: D3) => void): Promise<string> {
  const { D3Node } = await import('d3-node');
  const page = new D3Node();
  const svg = page.createSVG(size.width, size.height, { viewBox: `0 0 ${size.width} ${size.height}` });
  draw(svg, page.d3);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${page.svgString()}\n`;
}
