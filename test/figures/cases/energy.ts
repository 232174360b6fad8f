import { energyBreakdown } from '../../../src/figures/breakdown.ts';
import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Energy by component',
  text: 'Joules of runs by component and action; what is small is joined.',
  made: ['attnsim plot breakdown unfused.json flat.json fusemax.json --of energy --out energy.svg'],
  draw: async (options) => chartFigure(energyBreakdown(labelReports(await attentionRuns()))!, options),
};
