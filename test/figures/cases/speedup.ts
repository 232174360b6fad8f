import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import { speedupChart } from '../../../src/figures/speedup.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Speed-up',
  text: 'How many times faster runs are than the baseline, which is the line at 1.',
  made: ['attnsim plot speedup unfused.json flat.json fusemax.json --out speedup.svg'],
  draw: async (options) => chartFigure(speedupChart(labelReports(await attentionRuns()))!, options),
};
