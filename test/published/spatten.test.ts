import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { openLibrary } from '../../src/validate/library.ts';
import type { Point } from '../../src/validate/suite.ts';
import { spatten } from '../../src/validate/suites/spatten/spatten.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { must } from '../mapper/inputs.ts';

/** SpAtten (HPCA 2021, arXiv 2012.09852) and its released hardware and cycle model, mit-han-lab/spatten. */

const library = openLibrary(packageFile);
const points = must(await spatten.readPoints((await packageFile(spatten.points))!, packageFile));
const seriesOf = (series: string): readonly Point[] => points.filter((point) => point.series === series);

async function validated(of: readonly Point[], model: Validation['model']): Promise<Validation> {
  const options = { model, pointsName: spatten.points, claims: [], library };
  const { validation, diagnostics } = await validatePoints(spatten, of, options);
  expect(diagnostics).toEqual([]);
  return validation;
}

test('layers of BERT take, simulated, exactly the cycles of the released cycle model', async () => {
  const { rows } = await validated(seriesOf('BERT layer'), 'cycle');
  expect(rows).toHaveLength(11);
  for (const { label, figures } of rows)
    for (const [figure, { published, predicted }] of Object.entries(figures))
      expect(predicted, `${label}: ${figure}`).toBe(published);
});

test('the top-k engine takes the mean cycles of random rows, within 1.5%', async () => {
  const { rows, beyond_tolerance } = await validated(seriesOf('top-k'), 'cycle');
  expect(rows).toHaveLength(22);
  expect(beyond_tolerance).toBe(0);
});

test.each([
  ['analytic', seriesOf('trace')],
  // The others take the simulator long.
  ['cycle', seriesOf('trace').filter(({ label }) => label.endsWith('pruned, spatten'))],
] as const)(
  'released workloads, %s model: bytes and busy cycles are within 2% of what their rows come to',
  async (model, of) => {
    const { rows, beyond_tolerance } = await validated(of, model);
    expect(rows).toHaveLength(of.length);
    expect(beyond_tolerance).toBe(0);
  },
);
