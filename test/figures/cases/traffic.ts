import { trafficBreakdown } from '../../../src/figures/breakdown.ts';
import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Bytes by tensor',
  text: 'Bytes that each memory moves, by tensor, in parts of the most that a run moves there.',
  made: ['attnsim plot breakdown unfused.json flat.json fusemax.json --of traffic --out bytes.svg'],
  draw: async (options) => chartFigure(trafficBreakdown(labelReports(await attentionRuns()))!, options),
};
