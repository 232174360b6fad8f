import { tornadoFigure } from '../../figures/tornado-figure.ts';
import type { SweepPageData } from '../sweep-data.ts';
import { drawToFit } from './drawing.ts';
import { makeSortable } from './sorting.ts';
import { SweepState } from './sweep-model.ts';
import { openParallel } from './sweep-parallel.ts';
import { openRanges } from './sweep-ranges.ts';
import { openScatter } from './sweep-scatter.ts';
import { openSum } from './sweep-sum.ts';
import { openTable } from './sweep-table.ts';
import { openViewControls } from './sweep-view-controls.ts';
import { addThemeButton, onTheme } from './theme.ts';
import { addTooltips } from './tooltips.ts';

const place = (id: string): HTMLElement => document.getElementById(id)!;

/** Makes the page of a sweep answer to its reader. */
function openSweep(): void {
  const data = JSON.parse(place('data').textContent!) as SweepPageData;
  addThemeButton();
  makeSortable(document);
  addTooltips();
  const state = new SweepState(data);
  let redraw = (): void => {};
  const chosen = openViewControls(place('view'), state, () => redraw());
  if (chosen !== undefined) {
    const plots = [openScatter(place('scatter'), state, chosen), openParallel(place('parallel'), state, chosen)];
    redraw = () => {
      for (const draw of plots) draw();
    };
    onTheme(() => redraw());
  }
  if (data.sensitivity !== undefined) {
    const tornado = data.sensitivity;
    drawToFit(place('figure-sensitivity'), (width) => tornadoFigure(tornado, { width }));
  }
  openRanges(place('range-list'), state);
  openTable(place('row-table'), state);
  openSum(place('selection-sum'), state);
}

openSweep();
