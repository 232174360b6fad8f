import type { Figure } from '../figures/figure.ts';
import { inlineSvg } from '../figures/svg.ts';
import { type Html, html, trusted } from './html.ts';
import type { PageFigure } from './run-figures.ts';

/** Pixels that figures are drawn for where there is no script to ask how wide the page is. */
export const usualWidths = { wide: 1148, narrow: 564 } as const;

const figureHtml = async ({ id, wide, figure }: PageFigure): Promise<Html> =>
  html`<figure id="figure-${id}" data-figure="${id}"${wide ? trusted(' class="wide"') : undefined}>${trusted(await inlineSvg(figure))}</figure>\n`;

/** Pixels that diagrams are drawn for: wide pages show one, narrow pages the other. */
const diagramWidths = { wide: 1040, narrow: 350 } as const;

/** A figure that the script does not draw again, since it takes more to draw than a page has. */
export async function diagramHtml(id: string, draw: (width: number) => Figure): Promise<Html> {
  const drawn = async (size: keyof typeof diagramWidths): Promise<Html> => {
    const figure = draw(diagramWidths[size]);
    return html`<figure id="figure-${id}-${size}" class="diagram ${size}-only" role="region" aria-label="${figure.title}" tabindex="0">${trusted(await inlineSvg(figure))}</figure>\n`;
  };
  return html`${await drawn('wide')}${await drawn('narrow')}`;
}

/** Figures as they are before a script draws them for the width that there is. */
export const figuresHtml = async (figures: readonly PageFigure[]): Promise<Html> =>
  html`<div class="figures">\n${await Promise.all(figures.map(figureHtml))}</div>\n`;
