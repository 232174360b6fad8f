import {
  line,
  scaleLinear,
  scaleLog,
  select,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3';
import { drawFigure, type Figure } from '../../figures/figure.ts';
import type { D3, Svg } from '../../figures/svg.ts';
import { labelMarks } from './tooltips.ts';

/** The parts of d3 that figures are drawn with, and no more of it. */
const d3: D3 = {
  line,
  scaleLinear,
  scaleLog,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
};

/** A figure as an element of this page, its marks with their tooltips. */
function drawnFigure(figure: Figure): SVGSVGElement {
  const { width, height } = figure.size;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawFigure(select(svg) as unknown as Svg, figure, d3);
  labelMarks(svg);
  return svg;
}

/** Draws a figure for the width that there is for it, now and whenever that changes; what is returned draws it again. */
export function drawToFit(element: HTMLElement, figureFor: (width: number) => Figure | undefined): () => void {
  // What is there already fits if it is as wide.
  let drawn = Number(element.querySelector('svg')?.getAttribute('width') ?? 0);
  const draw = (): void => {
    const figure = drawn === 0 ? undefined : figureFor(drawn);
    if (figure !== undefined) element.replaceChildren(drawnFigure(figure));
  };
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width === drawn) return;
    drawn = width;
    draw();
  }).observe(element);
  return draw;
}
