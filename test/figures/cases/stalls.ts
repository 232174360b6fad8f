import { stallBreakdown } from '../../../src/figures/breakdown.ts';
import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { flashRun } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Stalls',
  text: 'What each unit and port waits for, in shares of the time.',
  made: ['attnsim plot breakdown flash-attention-2.json flash-attention-3.json --of stalls --out stalls.svg'],
  draw: async (options) =>
    chartFigure(
      stallBreakdown(labelReports([await flashRun('flash-attention-2'), await flashRun('flash-attention-3')]))!,
      options,
    ),
};
