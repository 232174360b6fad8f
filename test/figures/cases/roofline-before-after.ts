import { labelReports } from '../../../src/figures/labelled-report.ts';
import { rooflineData } from '../../../src/figures/roofline-data.ts';
import { rooflineFigure } from '../../../src/figures/roofline-figure.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Roofline, before and after',
  text: 'What fusion and a machine for it bring to attention: arrows lead from the unfused run, dashed lines are what a unit allows that is busy all the time.',
  made: ['attnsim plot roofline unfused.json flat.json fusemax.json --baseline unfused --out roofline.svg'],
  draw: async (options) => {
    const runs = labelReports(await attentionRuns());
    return rooflineFigure(rooflineData(runs, undefined, runs[0])!, options);
  },
};
