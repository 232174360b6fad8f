import { labelReports } from '../../../src/figures/labelled-report.ts';
import { rooflineData } from '../../../src/figures/roofline-data.ts';
import { rooflineFigure } from '../../../src/figures/roofline-figure.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { attentionRuns, flashRun } from '../shipped-report.ts';

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Roofline of several machines',
  text: 'Two machines with their roofs, a slope for each level of memory, and their runs: filled at the traffic of the outermost memory, hollow at that of the others.',
  made: ['attnsim plot roofline fusemax.json flash-attention-3.json --out roofline.svg'],
  draw: async (options) => {
    const [, , fused] = await attentionRuns();
    return rooflineFigure(rooflineData(labelReports([fused!, await flashRun('flash-attention-3')]))!, options);
  },
};
