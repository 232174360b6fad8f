import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { validationChart } from '../../../src/figures/validation-chart.ts';
import { packageFile } from '../../../src/files.ts';
import { openLibrary } from '../../../src/validate/library.ts';
import { accelerators } from '../../../src/validate/suites/accelerators.ts';
import { validatePoints } from '../../../src/validate/validate.ts';
import { must } from '../../mapper/inputs.ts';
import type { GalleryCase } from '../gallery-case.ts';

export const galleryCase: GalleryCase = {
  section: 'Predictions',
  title: 'Predicted against published',
  text: 'Points of a suite, of the device or paper that their colour and shape say: the nearer to the line, the better.',
  made: ['attnsim validate accelerators --svg accelerators.svg'],
  draw: async (options) => {
    const source = await packageFile(accelerators.points);
    const points = must(await accelerators.readPoints(source!, packageFile));
    const { validation } = await validatePoints(accelerators, points, {
      model: 'analytic',
      pointsName: accelerators.points,
      claims: [],
      library: openLibrary(packageFile),
    });
    return chartFigure(validationChart(validation)!, options);
  },
};
