import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { packageFile, readTextFile, writeTextFile } from '../../files.ts';
import { invariant } from '../../invariant.ts';
import { calibrationText } from '../../report/calibration-text.ts';
import type { Source } from '../../source.ts';
import { type FactorRange, Factors, type Observation, type TimeOf } from '../../validate/calibrate.ts';
import { calibratedSpecs, calibrationOf } from '../../validate/calibration.ts';
import { crossValidate } from '../../validate/cross-validate.ts';
import { fitFactors } from '../../validate/fit-factors.ts';
import { openTexts } from '../../validate/shipped-texts.ts';
import type { Point, Suite } from '../../validate/suite.ts';
import { suites } from '../../validate/suites.ts';
import { readCount } from '../choices.ts';
import { type Pool, startPool } from '../evaluation-pool.ts';
import { exitCodes, printResult, refuse, type Terminal } from '../terminal.ts';

export type CalibrateOptions = {
  readonly suite: string;
  readonly points?: string;
  readonly only?: string;
  readonly rounds: string;
  readonly crossValidate?: boolean;
  readonly out?: string;
};

function suiteOf(name: string): Result<Suite & { readonly factors: string; readonly calibration: string }> {
  const suite = suites.find((s) => s.name === name && s.factors !== undefined);
  if (suite?.factors !== undefined && suite.calibration !== undefined)
    return success({ ...suite, factors: suite.factors, calibration: suite.calibration });
  const known = suites.filter((s) => s.factors !== undefined).map((s) => s.name);
  const help = `known: ${known.join(', ')}`;
  return failure([diagnostic('not-found', `there is no suite "${name}" with factors`, undefined, { help })]);
}

/** Measured points whose runs can be evaluated, and the factors that they depend on. */
async function observe(
  points: readonly Point[],
  ranges: ReadonlyMap<string, FactorRange>,
): Promise<{ readonly factors: Factors; readonly observations: readonly Observation[] }> {
  const texts = openTexts(packageFile);
  const factors = new Factors(ranges);
  const observations: Observation[] = [];
  for (const point of points) {
    const measured = point.published.get('time_ms');
    if (measured === undefined || point.aside !== undefined || point.refused !== undefined) continue;
    const used: (readonly number[])[] = [];
    for (const run of point.runs) {
      const spec = await texts.spec(run.hardware);
      invariant(spec.ok, `${run.hardware} ships`);
      used.push(factors.of(spec.value, run.kernel ?? run.mapping));
    }
    observations.push({ point, measured, factors: used });
  }
  return { factors, observations };
}

/** `attnsim calibrate SUITE`: fits the factors of specs to measured points, and says how well each way of fitting predicts. */
export async function calibrate(options: CalibrateOptions, terminal: Terminal): Promise<number> {
  const suite = suiteOf(options.suite);
  if (!suite.ok) return refuse(terminal, suite.diagnostics, exitCodes.usageWrong);
  const rounds = readCount('--rounds', options.rounds);
  if (!rounds.ok) return refuse(terminal, rounds.diagnostics, exitCodes.usageWrong);
  const source =
    options.points === undefined ? success(await shipped(suite.value.points)) : await readTextFile(options.points);
  if (!source.ok) return refuse(terminal, source.diagnostics, exitCodes.inputWrong);
  const read = await suite.value.readPoints(source.value, packageFile);
  if (!read.ok) return refuse(terminal, read.diagnostics, exitCodes.inputWrong);
  const ranges = JSON.parse((await shipped(suite.value.factors)).text) as Record<string, FactorRange>;
  const points = read.value.filter(({ series }) => series.includes(options.only ?? ''));
  const { factors, observations } = await observe(points, new Map(Object.entries(ranges)));
  const pool = startPool();
  const runnable = await runnableOf(observations, pool, terminal);
  if (runnable.length === 0) {
    await pool.stop();
    return refuse(terminal, [nothingMeasured(options)], exitCodes.inputWrong);
  }
  const timeOf: TimeOf = async (run, parameters) => {
    const seconds = await pool.stopwatch.seconds(run, parameters);
    if (!seconds.ok) throw new Error(seconds.diagnostics[0]!.message);
    return seconds.value * 1e3;
  };
  const fitted = await fitFactors(factors.all, runnable, timeOf, rounds.value, (round, mean) =>
    terminal.progress?.(`round ${round}: mean absolute error ${(100 * mean).toFixed(2)}%`),
  );
  const crossValidated = options.crossValidate ? await crossValidate(factors.all, runnable, fitted, timeOf) : [];
  await pool.stop();
  const calibration = calibrationOf(factors.all, runnable, fitted, crossValidated);
  printResult(terminal, `${calibrationText(calibration, terminal)}\n`, [options.out]);
  if (options.out === undefined) return exitCodes.done;
  // Of what some points say nothing the others do.
  const isWhole = options.only === undefined && options.points === undefined;
  const touched = new Set(runnable.flatMap((o) => o.factors.flat()));
  const files = [
    ...calibratedSpecs(factors.all, runnable, fitted, (f) => isWhole || touched.has(f)),
    { name: suite.value.calibration, text: `${JSON.stringify(calibration, undefined, 2)}\n` },
  ];
  for (const { name, text } of files) {
    const wrong = await writeTextFile(`${options.out}/${name}`, text);
    if (wrong !== undefined) return refuse(terminal, [wrong], exitCodes.inputWrong);
  }
  return exitCodes.done;
}

/** What can be evaluated; why the others cannot is told. */
async function runnableOf(
  observations: readonly Observation[],
  { stopwatch }: Pool,
  terminal: Terminal,
): Promise<readonly Observation[]> {
  const tried = await Promise.all(
    observations.map(async (o) => {
      const times = await Promise.all(o.point.runs.map((run) => stopwatch.seconds(run, {})));
      const wrong = times.flatMap((t) => (t.ok ? [] : t.diagnostics));
      if (wrong.length > 0 && terminal.quiet !== true) terminal.error(`${o.point.name}: ${wrong[0]!.message}\n`);
      return wrong.length === 0 ? [o] : [];
    }),
  );
  return tried.flat();
}

const nothingMeasured = ({ only }: CalibrateOptions): Diagnostic =>
  diagnostic('not-found', `no measured point${only === undefined ? '' : ` of "${only}"`} can be predicted`, undefined, {
    help: '--only takes a part of a series, as `attnsim validate` names them, such as "H100, FlashAttention"',
  });

async function shipped(path: string): Promise<Source> {
  const source = await packageFile(path);
  invariant(source !== undefined, `${path} ships`);
  return source;
}
