import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { validationChart } from '../../figures/validation-chart.ts';
import { packageFile, readTextFile, writeTextFile } from '../../files.ts';
import { invariant } from '../../invariant.ts';
import type { Validation } from '../../report/validation.ts';
import { checkValidation } from '../../report/validation-schema.ts';
import { validationText } from '../../report/validation-text.ts';
import type { Source } from '../../source.ts';
import { type Library, openLibrary } from '../../validate/library.ts';
import type { Suite } from '../../validate/suite.ts';
import { suites } from '../../validate/suites.ts';
import { validatePoints } from '../../validate/validate.ts';
import { choose } from '../choices.ts';
import { startPool } from '../evaluation-pool.ts';
import { insertName } from '../report-outputs.ts';
import { exitCodes, printDiagnostics, printResult, refuse, type Terminal } from '../terminal.ts';

export type ValidateOptions = {
  readonly suite?: string | undefined;
  readonly points?: string;
  readonly model: string;
  readonly accounting?: string;
  readonly json?: boolean;
  readonly svg?: string;
};

type Model = Validation['model'];

const manyPoints = 200;

/** The suite of that name, or all. */
function chooseSuites({ suite, points }: ValidateOptions): Result<readonly Suite[]> {
  const named = suites.filter((s) => suite === undefined || s.name === suite);
  const names = suites.map((s) => s.name);
  if (named.length === 0) {
    const message = `there is no suite "${suite}"`;
    return failure([diagnostic('not-found', message, undefined, { help: didYouMean(suite!, names) })]);
  }
  if (suite !== undefined || points === undefined) return success(named);
  const help = `attnsim validate ${names[0]} --points ${points}`;
  return failure([diagnostic('missing-argument', '--points needs SUITE, whose points they are', undefined, { help })]);
}

async function readPoints(suite: Suite, file: string | undefined): Promise<Result<Source>> {
  if (file !== undefined) return readTextFile(file);
  const shipped = await packageFile(suite.points);
  invariant(shipped !== undefined, `${suite.points} ships`);
  return success(shipped);
}

/** What is under way and what is wrong go to stderr as they come; undefined if the points cannot be read. */
async function validateSuite(
  suite: Suite,
  models: readonly Model[],
  options: ValidateOptions,
  libraryFor: (model: Model, points: number) => Library,
  terminal: Terminal,
): Promise<{ readonly validations: readonly Validation[]; readonly failed: boolean }> {
  const source = await readPoints(suite, options.points);
  const points = source.ok ? await suite.readPoints(source.value, packageFile) : source;
  printDiagnostics(terminal, points.ok ? points.warnings : points.diagnostics);
  if (!source.ok || !points.ok) return { validations: [], failed: true };
  const claims = await suite.claims(packageFile);
  const validations: Validation[] = [];
  let failed = false;
  for (const model of models) {
    const onProgress = (done: number, total: number): void =>
      terminal.progress?.(`${suite.name}, ${model} model: ${done} of ${total}`);
    const { accounting } = options;
    const library = libraryFor(model, points.value.length);
    const run = { model, accounting, pointsName: source.value.name, claims, library, onProgress };
    const { validation, diagnostics } = await validatePoints(suite, points.value, run);
    terminal.progress?.('');
    printDiagnostics(terminal, diagnostics);
    validations.push(validation);
    failed ||= diagnostics.length > 0;
  }
  return { validations, failed };
}

/** Draws the validations, each into a file of its own; gives what could not be written. Loads d3. */
async function writePlots(path: string, all: readonly Validation[]): Promise<readonly Diagnostic[]> {
  const { renderSvg } = await import('../../figures/svg.ts');
  const { chartFigure } = await import('../../figures/chart-figure.ts');
  const wrong: (Diagnostic | undefined)[] = [];
  for (const validation of all) {
    const chart = validationChart(validation);
    if (chart === undefined) continue;
    const { suite, model } = validation;
    const file = all.length === 1 ? path : insertName(path, `${suite}.${model}`);
    wrong.push(await writeTextFile(file, await renderSvg(chartFigure(chart))));
  }
  return wrong.filter((d) => d !== undefined);
}

/** `attnsim validate [SUITE]`: predictions beside published points. Errors beyond tolerance are told, and are no failure. */
export async function validate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  const model = choose('--model', options.model, ['analytic', 'cycle', 'both'] as const);
  if (!model.ok) return refuse(terminal, model.diagnostics, exitCodes.usageWrong);
  const chosen = chooseSuites(options);
  if (!chosen.ok) return refuse(terminal, chosen.diagnostics, exitCodes.usageWrong);
  const models: readonly Model[] = model.value === 'both' ? ['analytic', 'cycle'] : [model.value];
  const pool = startPool();
  const own = openLibrary(packageFile);
  // A few closed forms take less time than a worker takes to start.
  const libraryFor = (model: Model, points: number): Library =>
    model === 'analytic' && points < manyPoints ? own : pool.library;
  const all: Validation[] = [];
  let wrong = false;
  try {
    for (const suite of chosen.value) {
      const { validations, failed } = await validateSuite(suite, models, options, libraryFor, terminal);
      all.push(...validations);
      wrong ||= failed;
    }
  } finally {
    await pool.stop();
  }
  if (options.json === true) {
    for (const validation of all) await checkValidation(validation);
    const single = options.suite !== undefined && models.length === 1 && all.length === 1;
    if (all.length > 0) terminal.out(`${JSON.stringify(single ? all[0] : all, undefined, 2)}\n`);
  } else printResult(terminal, all.map((v) => validationText(v, terminal)).join('\n'), [options.svg]);
  const unwritten = options.svg === undefined ? [] : await writePlots(options.svg, all);
  printDiagnostics(terminal, unwritten);
  return wrong || unwritten.length > 0 ? exitCodes.inputWrong : exitCodes.done;
}
