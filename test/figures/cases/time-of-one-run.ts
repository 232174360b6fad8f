import { timeBreakdown } from '../../../src/figures/breakdown.ts';
import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { flashRun } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Time of one run',
  text: 'The same for every unit and port of one run: FlashAttention-3 keeps the tensor cores busy while softmax goes on beside them.',
  made: ['attnsim plot breakdown flash-attention-3.json --out time.svg'],
  draw: async (options) => chartFigure(timeBreakdown(labelReports([await flashRun('flash-attention-3')]))!, options),
};
