import type { ComparisonPageData } from '../comparison-page.ts';
import { type FigureSubject, runFigures } from '../run-figures.ts';
import type { RunPageData } from '../run-page.ts';
import { drawToFit } from './drawing.ts';
import { openPanel } from './panel.ts';
import { makeSortable } from './sorting.ts';
import { addThemeButton } from './theme.ts';
import { addTooltips, labelMarks } from './tooltips.ts';

type PageData = RunPageData | ComparisonPageData;

/** What a kind of page does besides. */
function openKind(data: PageData): void {
  switch (data.kind) {
    case 'run':
      drawFigures(data);
      openPanel(document.getElementById('what-if')!, data);
      return;
    case 'comparison':
      drawFigures(data);
      return;
  }
}

function drawFigures(subject: FigureSubject): void {
  for (const place of document.querySelectorAll<HTMLElement>('figure[data-figure]'))
    drawToFit(place, (width) => {
      const all = runFigures(subject, () => ({ width }));
      return all.find(({ id }) => id === place.dataset['figure'])?.figure;
    });
}

/** What is folded is printed, too. */
function unfoldInPrint(): void {
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

/** Makes the page answer to its reader. */
export function openPage(): void {
  const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData;
  addThemeButton();
  makeSortable(document);
  for (const svg of document.querySelectorAll<SVGSVGElement>('figure svg')) labelMarks(svg);
  addTooltips();
  unfoldInPrint();
  openKind(data);
}
