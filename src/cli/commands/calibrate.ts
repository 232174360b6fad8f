import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { packageFile, readTextFile, writeTextFile } from '../../files.ts';
import { invariant } from '../../invariant.ts';
import type { Source } from '../../source.ts';
import { type Factor, type FactorRange, Factors, factorText, type Observation } from '../../validate/calibrate.ts';
import { type CrossValidated, crossValidate } from '../../validate/cross-validate.ts';
import { fitFactors, meanDeviation } from '../../validate/fit-factors.ts';
import { openTexts } from '../../validate/shipped-texts.ts';
import type { Point, Suite } from '../../validate/suite.ts';
import { suites } from '../../validate/suites.ts';
import { startPool } from '../evaluation-pool.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';

export type CalibrateOptions = {
  readonly suite: string;
  readonly points?: string;
  readonly only?: string;
  readonly rounds: string;
  readonly crossValidate?: boolean;
  readonly out?: string;
};

function suiteOf(name: string): Result<Suite & { readonly factors: string }> {
  const suite = suites.find((s) => s.name === name && s.factors !== undefined);
  if (suite?.factors !== undefined) return success({ ...suite, factors: suite.factors });
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

/** Specs by their path, with the fitted values in place of those that stand there. */
function changedSpecs(factors: readonly Factor[], values: readonly number[]): ReadonlyMap<string, Source> {
  const texts = new Map<string, Source>();
  // From the end of each text, so that places before stay where they are. A spec that others extend was read several times.
  const order = factors
    .map((factor, f) => ({ factor, f }))
    .sort((a, b) => b.factor.value.span.start - a.factor.value.span.start);
  for (const { factor, f } of order) {
    const { source, start, end } = factor.value.span;
    const { name, text } = texts.get(source.name) ?? source;
    texts.set(name, { name, text: text.slice(0, start) + factorText(factor, values[f]!) + text.slice(end) });
  }
  return texts;
}

/** `attnsim calibrate SUITE`: fits the factors of specs to measured points, and says how well each way of fitting predicts. */
export async function calibrate(options: CalibrateOptions, terminal: Terminal): Promise<number> {
  const suite = suiteOf(options.suite);
  if (!suite.ok) return refuse(terminal, suite.diagnostics, exitCodes.usageWrong);
  const source = options.points === undefined ? await shipped(suite.value.points) : await readTextFile(options.points);
  if (!source.ok) return refuse(terminal, source.diagnostics, exitCodes.inputWrong);
  const read = await suite.value.readPoints(source.value, packageFile);
  if (!read.ok) return refuse(terminal, read.diagnostics, exitCodes.inputWrong);
  const ranges = JSON.parse((await shipped(suite.value.factors)).value!.text) as Record<string, FactorRange>;
  const only = options.only === undefined ? undefined : new RegExp(options.only);
  const points = read.value.filter((p) => only === undefined || only.test(p.series));
  const { factors, observations } = await observe(points, new Map(Object.entries(ranges)));
  const pool = startPool();
  const timeOf = async (run: Point['runs'][number], parameters: Readonly<Record<string, string>>): Promise<number> => {
    const seconds = await pool.stopwatch.seconds(run, parameters);
    if (!seconds.ok) throw new Error(seconds.diagnostics[0]!.message);
    return seconds.value * 1e3;
  };
  const tried = await Promise.all(
    observations.map(async (o) => {
      const times = await Promise.all(o.point.runs.map((run) => pool.stopwatch.seconds(run, {})));
      const wrong = times.find((t) => !t.ok);
      if (wrong !== undefined) terminal.error(`${o.point.name}: ${wrong.ok ? '' : wrong.diagnostics[0]!.message}\n`);
      return wrong === undefined ? [o] : [];
    }),
  );
  const runnable = tried.flat();
  const fitted = await fitFactors(factors.all, runnable, timeOf, Number(options.rounds), (round, mean) =>
    terminal.progress?.(`round ${round}: mean deviation ${(100 * mean).toFixed(2)}%`),
  );
  for (const [f, factor] of factors.all.entries())
    terminal.out(
      `${factor.value.span.source.name} ${factor.kernel ?? ''} ${factor.name} ${factorText(factor, fitted.values[f]!)}\n`,
    );
  const bySeries = new Map<string, { n: number; sum: number; worst: number }>();
  runnable.forEach(({ point }, i) => {
    const e = Math.exp(fitted.linearized.residuals[i]!) - 1;
    const s = bySeries.get(point.series) ?? { n: 0, sum: 0, worst: 0 };
    bySeries.set(point.series, {
      n: s.n + 1,
      sum: s.sum + Math.abs(e),
      worst: Math.abs(e) > Math.abs(s.worst) ? e : s.worst,
    });
  });
  for (const [name, { n, sum, worst }] of bySeries)
    terminal.out(`${name.padEnd(60)} ${n} ${((100 * sum) / n).toFixed(1)}% ${(100 * worst).toFixed(0)}%\n`);
  terminal.out(`all ${runnable.length} points: ${(100 * meanDeviation(fitted.linearized.residuals)).toFixed(2)}%\n`);
  if (options.crossValidate === true)
    for (const result of await crossValidate(factors.all, runnable, fitted, timeOf))
      terminal.out(`${textOf(result)}\n`);
  await pool.stop();
  if (options.out !== undefined) {
    for (const [name, { text }] of changedSpecs(factors.all, fitted.values)) {
      const wrong = await writeTextFile(`${options.out}/${name.split('/').at(-1)!}`, text);
      if (wrong !== undefined) {
        printDiagnostics(terminal, [wrong]);
        return exitCodes.inputWrong;
      }
    }
  }
  return exitCodes.done;
}

const textOf = ({ way, judged, mean }: CrossValidated): string =>
  `${way}: ${judged} points judged, mean deviation ${(100 * mean).toFixed(2)}%`;

async function shipped(path: string): Promise<Result<Source> & { readonly value?: Source }> {
  const source = await packageFile(path);
  invariant(source !== undefined, `${path} ships`);
  return success(source);
}
