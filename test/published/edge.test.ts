import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { openLibrary } from '../../src/validate/library.ts';
import type { Point } from '../../src/validate/suite.ts';
import { edge } from '../../src/validate/suites/edge/edge.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { expectDocumented } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

const library = openLibrary(packageFile);
const points = must(await edge.readPoints((await packageFile(edge.points))!, packageFile)).filter(
  (point) => point.runs.length > 0,
);

const signed = (error: number): string => `${error < 0 ? '-' : '+'}${(Math.abs(error) * 100).toFixed(0)}%`;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const phaseOf = ({ groups }: Point): string => groups!['phase']!;
const deviceOf = ({ groups }: Point): string => groups!['device']!;

/** Predicted over published. */
async function ratios(of: readonly Point[]): Promise<readonly number[]> {
  const options = { model: 'analytic', pointsName: edge.points, claims: [], library } as const;
  const { validation, diagnostics } = await validatePoints(edge, of, options);
  expect(diagnostics).toEqual([]);
  return validation.rows.map((row) => 1 + row.figures['tokens_per_s']!.error);
}

test('docs/validation.md has the rates of the suite edge', async () => {
  const found = await ratios(points);
  expectDocumented('docs/validation.md', 'edge-rates', [
    ['CPU', 'model', 'tokens', 'published, tokens/s', 'error'],
    ...points.map((point, i) => [
      deviceOf(point),
      point.label,
      phaseOf(point) === 'decode' ? 'generated' : 'of a prompt',
      String(point.published.get('tokens_per_s')),
      signed(found[i]! - 1),
    ]),
  ]);
  const means = (phase: string, isLeftOut: (point: Point) => boolean): number =>
    mean(found.flatMap((r, i) => (phaseOf(points[i]!) === phase && !isLeftOut(points[i]!) ? [Math.abs(r - 1)] : [])));
  // The one rate of a Snapdragon X Elite is from a review, rounded, and half of what others report.
  const isReview = (point: Point): boolean => deviceOf(point) === 'Snapdragon X Elite';
  expect(means('decode', isReview)).toBeLessThan(0.1);
  expect(means('prefill', isReview)).toBeLessThan(0.2);
});

test('prompts of a CPU, with the factor fitted to those of the others', async () => {
  const prompts = points.filter((point) => phaseOf(point) === 'prefill');
  const withFactor = (of: readonly Point[], factor: number): readonly Point[] =>
    of.map((point) => ({
      ...point,
      runs: point.runs.map((run) => ({ ...run, parameters: { ...run.parameters, ISSUE_FRACTION: String(factor) } })),
    }));
  const fitted = async (of: readonly Point[]): Promise<number> => {
    // Prompts are bound by the instructions of their products: what is predicted is in proportion to the factor.
    const logs = (await ratios(withFactor(of, 1))).map(Math.log);
    return Math.exp(-mean(logs));
  };
  const rows: string[][] = [];
  for (const device of new Set(prompts.map(deviceOf))) {
    const [own, others] = [true, false].map((is) => prompts.filter((point) => (deviceOf(point) === device) === is));
    const factor = await fitted(others!);
    const found = await ratios(withFactor(own!, factor));
    rows.push([device, factor.toFixed(2), found.map((r) => signed(r - 1)).join(', ')]);
  }
  expect(await fitted(prompts)).toBeCloseTo(0.54, 1);
  expectDocumented('docs/validation.md', 'edge-fit', [
    ['CPU', 'factor of the others', 'errors of its prompts'],
    ...rows,
  ]);
});
