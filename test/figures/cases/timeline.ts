import { recordedRun } from '../../../src/cli/recorded-run.ts';
import { timelineData } from '../../../src/figures/timeline-data.ts';
import { timelineFigure } from '../../../src/figures/timeline-figure.ts';
import { simulateCycles } from '../../../src/models/cycle/simulate.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../../mapper/inputs.ts';
import type { GalleryCase } from '../gallery-case.ts';

const { text } = shipped('mappings', 'fusemax-binding.map');

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Timeline',
  text: 'What units and ports do in some iterations of the steady state: in FuseMax the products of one tile take turns with those of the next, and both arrays are always busy.',
  made: [
    'attnsim run attention-1-pass fusemax --mapping fusemax-binding --set B=1 --set H=1 --set P=4096 --set M=4096 --set E=64 --set F=64 --timeline timeline.svg',
  ],
  draw: async (options) => {
    const workload = workloadOf('attention-1-pass', { B: 1, H: 1, P: 4096, M: 4096, E: 64, F: 64 });
    const placed = must(place(text, workload, await shippedMachine('fusemax')));
    const data = timelineData(recordedRun(placed, simulateCycles(placed), placed.machine.clock_hz))!;
    return timelineFigure(data, 'fusemax-binding of attention-1-pass on fusemax', options);
  },
};
