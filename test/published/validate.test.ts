import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { suites } from '../../src/validate/suites.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { expectDocumented } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

const library = openLibrary(packageFile);

const percent = (error: number): string => (Math.abs(error) < 5e-6 ? 'equal' : `${(error * 100).toFixed(3)}%`);

// Measurements are not counts of a model: they are held to other figures, in gpus.test.ts and edge.test.ts. Accelerators are
// few points, all of which count: accelerators.test.ts and spatten.test.ts.
const modelled = suites.filter((suite) => !['gpus', 'edge', 'accelerators', 'spatten'].includes(suite.name));

test.each(modelled.map((suite) => ({ name: suite.name, suite })))(
  '$name: the closed form is within tolerance of 99% of what is published; docs/validation.md has the rest and the means',
  async ({ suite }) => {
    const points = must(await suite.readPoints((await packageFile(suite.points))!, packageFile));
    const { validation, diagnostics } = await validatePoints(suite, points, {
      model: 'analytic',
      pointsName: suite.points,
      claims: await suite.claims(packageFile),
      library,
    });
    expect(diagnostics).toEqual([]);
    const judged = validation.rows.flatMap((row) => Object.values(row.figures)).filter((e) => e.within !== null);
    expect(judged.length).toBeGreaterThan(100);
    expect(validation.beyond_tolerance).toBeLessThan(judged.length / 100);
    const beyond = validation.rows.flatMap((row) =>
      validation.figures.flatMap(({ name, title }) => {
        const e = row.figures[name];
        return e?.within === false ? [[`${row.series}, ${row.label}`, title, percent(e.error)]] : [];
      }),
    );
    expectDocumented('docs/validation.md', `${suite.name}-beyond`, [['point', 'figure', 'error'], ...beyond]);

    const figures = validation.figures.filter(
      ({ name, detail }) => !detail && validation.rows.some((row) => name in row.figures),
    );
    const means = Object.entries(validation.series).map(([series, of]) => [
      series,
      ...figures.map(({ name, error }) => {
        const mean = of[name]?.mean_absolute_error;
        return mean === undefined ? '' : error === 'relative' ? percent(mean) : mean.toFixed(4);
      }),
    ]);
    expectDocumented('docs/validation.md', `${suite.name}-errors`, [['', ...figures.map((f) => f.title)], ...means]);
    const number = (value: number | null | undefined): string => value?.toFixed(value < 2 ? 3 : 2) ?? '';
    if (validation.claims.length === 0) return;
    expectDocumented('docs/validation.md', `${suite.name}-claims`, [
      ['mean', 'paper', 'of the artifact', 'predicted'],
      ...validation.claims.map((c) => [
        c.claim,
        c.printed === null ? '' : String(c.printed),
        number(c.recomputed),
        number(c.predicted),
      ]),
    ]);
  },
);
