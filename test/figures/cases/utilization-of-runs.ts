import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import { utilizationChart } from '../../../src/figures/utilization.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Utilization of several runs',
  text: 'How busy the same units are in several runs.',
  made: ['attnsim plot utilization unfused.json flat.json fusemax.json --out utilization.svg'],
  draw: async (options) => chartFigure(utilizationChart(labelReports(await attentionRuns()))!, options),
};
