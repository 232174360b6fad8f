import { inlineSvg } from '../figures/svg.ts';
import { type Html, html, trusted } from './html.ts';
import type { PageFigure } from './run-figures.ts';

/** Pixels that figures are drawn for where there is no script to ask how wide the page is. */
export const usualWidths = { wide: 1148, narrow: 564 } as const;

const figureHtml = async ({ id, wide, figure }: PageFigure): Promise<Html> =>
  html`<figure id="figure-${id}" data-figure="${id}"${wide ? trusted(' class="wide"') : undefined}>${trusted(await inlineSvg(figure))}</figure>\n`;

/** Figures as they are before a script draws them for the width that there is. */
export const figuresHtml = async (figures: readonly PageFigure[]): Promise<Html> =>
  html`<div class="figures">\n${await Promise.all(figures.map(figureHtml))}</div>\n`;
