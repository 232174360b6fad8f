import { timeBreakdown } from '../../../src/figures/breakdown.ts';
import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Time of several runs',
  text: 'What the resource that limits each run is busy with, by Einsum, and what it waits for (hatched). The parts add up to the latency.',
  made: ['attnsim plot breakdown unfused.json flat.json fusemax.json --out time.svg'],
  draw: async (options) => chartFigure(timeBreakdown(labelReports(await attentionRuns()))!, options),
};
