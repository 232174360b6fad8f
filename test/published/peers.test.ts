import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { checkValidation } from '../../src/report/validation-schema.ts';
import { validationText } from '../../src/report/validation-text.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { peers } from '../../src/validate/suites/peers.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { must } from '../mapper/inputs.ts';

const file = join(import.meta.dirname, '../../experiments/peers/points.json');
const source = { name: 'points.json', text: readFileSync(file, 'utf8') };

async function validationOf(text: string) {
  const points = must(await peers.readPoints({ ...source, text }, packageFile));
  const options = {
    model: 'analytic',
    pointsName: source.name,
    claims: [],
    library: openLibrary(packageFile),
  } as const;
  const { validation, diagnostics } = await validatePoints(peers, points, options);
  expect(diagnostics).toEqual([]);
  await checkValidation(validation);
  return validation;
}

test('counts of Timeloop and AccelForge are met, or a rule says why not', async () => {
  const validation = await validationOf(source.text);
  expect(new Set(validation.rows.map((r) => r.series)).size).toBe(18);
  expect(validation.failed).toBe(0);
  expect(validation.beyond_tolerance).toBe(0);
  const errors = validation.rows.flatMap((row) => Object.values(row.figures));
  expect(errors.length).toBe(454);
  // A rule that explains nothing would hide what comes later.
  expect(errors.filter((e) => e.rule !== null && e.within !== false)).toEqual([]);
  expect(errors.filter((e) => e.rule !== null).length).toBe(16);
});

test('a count that is off by a word is beyond tolerance, and a rule is named where it is used', async () => {
  const { cases } = JSON.parse(source.text) as {
    cases: { case: string; accesses: Record<string, Record<string, object>> }[];
  };
  const one = cases.find((c) => c.case === 'tl_run_gemm_os_small')!;
  const mistaken = { ...one, accesses: { RF: { A: { reads: 2049, fills: 0 } } } };
  const windowed = cases.find((c) => c.case === 'tl_design_eyeriss_like')!;
  const validation = await validationOf(JSON.stringify([mistaken, windowed]));
  expect(validation.beyond_tolerance).toBe(2);
  const text = validationText(validation);
  expect(text).toContain('2 of 38 errors are beyond tolerance (!)');
  expect(text).toContain('7 more are explained by a rule');
  expect(text).toMatch(/^windows: /m);
  expect(text).not.toMatch(/^blocks: /m);
});
