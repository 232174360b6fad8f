import { runFigures } from '../run-figures.ts';
import type { RunPageData } from '../run-page.ts';
import { drawToFit } from './drawing.ts';
import { openPanel } from './panel.ts';
import { makeSortable } from './sorting.ts';
import { addThemeButton } from './theme.ts';
import { addTooltips, labelMarks } from './tooltips.ts';

/** What each kind of page does besides. */
const kinds: { readonly [kind in PageData['kind']]: (data: PageData) => void } = { run: openRun };

type PageData = RunPageData;

function openRun(data: RunPageData): void {
  for (const place of document.querySelectorAll<HTMLElement>('figure[data-figure]'))
    drawToFit(place, (width) => {
      const all = runFigures(data, () => ({ width }));
      return all.find(({ id }) => id === place.dataset['figure'])?.figure;
    });
  openPanel(document.getElementById('what-if')!, data);
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
  kinds[data.kind](data);
}
