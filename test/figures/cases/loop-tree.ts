import { loopTreeFigure } from '../../../src/figures/loop-tree-figure.ts';
import { parseMapping } from '../../../src/mapper/parse.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../../mapper/inputs.ts';
import type { GalleryCase } from '../gallery-case.ts';

const source = shipped('mappings', 'fusemax-binding.map');
const sizes = { B: 1, H: 12, P: 65536, M: 65536, E: 64, F: 64 };

export const galleryCase: GalleryCase = {
  section: 'Cascades and mappings',
  title: 'Loop tree',
  text: 'A mapping as boxes of loops: tiles with what they take of a level, in its colour, and Einsums with the unit that computes them.',
  made: [
    'attnsim plot mapping fusemax-binding attention-1-pass fusemax --set B=1 --set H=12 --set P=65536 --set M=65536 --set E=64 --set F=64 --out loop-tree.svg',
  ],
  draw: async (options) => {
    const machine = await shippedMachine('fusemax');
    const placed = must(place(source.text, workloadOf('attention-1-pass', sizes), machine));
    return loopTreeFigure(must(parseMapping(source)), { ...options, placed });
  },
};
