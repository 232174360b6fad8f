import { bindCascade } from '../../../src/cli/workload-inputs.ts';
import { cascadeFigure } from '../../../src/figures/cascade-figure.ts';
import { must } from '../../mapper/inputs.ts';
import type { GalleryCase } from '../gallery-case.ts';

export const galleryCase: GalleryCase = {
  section: 'Cascades and mappings',
  title: 'Cascade',
  text: 'The Einsums of a cascade as a graph, in bands of their passes over a rank: the softmax of attention goes through the keys three times.',
  made: ['attnsim plot cascade attention-3-pass --out cascade.svg'],
  draw: async (options) =>
    cascadeFigure(
      must(await bindCascade('attention-3-pass', { workload: undefined, sizes: new Map(), usualSize: 64 })),
      options,
    ),
};
