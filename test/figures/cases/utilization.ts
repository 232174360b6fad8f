import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import { utilizationChart } from '../../../src/figures/utilization.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { flashRun } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Utilization of one run',
  text: 'How busy units and ports are, and with what.',
  made: ['attnsim plot utilization flash-attention-3.json --out utilization.svg'],
  draw: async (options) => chartFigure(utilizationChart(labelReports([await flashRun('flash-attention-3')]))!, options),
};
