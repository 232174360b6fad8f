import { type Diagnostic, diagnostic, type Result, success } from '../../diagnostic.ts';
import { bindSizes } from '../../einsum/shape.ts';
import type { Density } from '../../einsum/workload.ts';
import type { Simulation } from '../../models/cycle/simulate.ts';
import type { EvaluationOptions } from '../../models/evaluate.ts';
import { compareModels } from '../../report/comparison.ts';
import { printReport, type Report } from '../../report/report.ts';
import { stallTable } from '../../report/stall-text.ts';
import { summarizeReport } from '../../report/summary.ts';
import { validateReport } from '../../report/validate.ts';
import type { SimulationOutcome } from '../../simulate.ts';
import { readAssignments, readFormats, readSizes } from '../assignments.ts';
import { choose } from '../choices.ts';
import { type DensityOptions, isMeasured, measuredDensities, readDensities } from '../densities.ts';
import { reportPath, writeReports, writeRoofline } from '../report-outputs.ts';
import { writeRunPage } from '../run-page.ts';
import { explainMisfit, type RunTexts, readRunTexts } from '../run-texts.ts';
import { type RunInputs, simulateReport } from '../simulate-report.ts';
import { exitCodes, printDiagnostics, printResult, refuse, sayUnless, type Terminal } from '../terminal.ts';
import { readTraceOptions, type TraceOptions } from '../trace-options.ts';
import { writeTraceFile } from '../trace-output.ts';
import { readCascade } from '../workload-inputs.ts';

export type RunOptions = DensityOptions & {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly param: readonly string[];
  readonly format: readonly string[];
  readonly mapping?: string;
  readonly model: string;
  readonly accounting: string;
  readonly stalls?: boolean;
  readonly detail?: boolean;
  readonly out?: string;
  readonly svg?: string;
  readonly html?: string;
  readonly trace?: string;
  readonly traceWindow?: string;
  readonly traceEvents: string;
  readonly timeline?: string;
  readonly json?: boolean;
};

type Model = 'analytic' | 'cycle';

const mistakes = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));

/** Reports, and what there is to be traced. */
type Simulated = { readonly reports: readonly Report[]; readonly traced: Traced | undefined };
type Traced = { readonly outcome: SimulationOutcome; readonly simulation: Simulation };

async function simulateAll(
  inputs: RunInputs,
  models: readonly Model[],
  options: EvaluationOptions,
): Promise<Result<Simulated>> {
  const reports: Report[] = [];
  let traced: Traced | undefined;
  const warnings = new Map<string, Diagnostic>();
  for (const model of models) {
    const simulations: Simulation[] = [];
    const result = await simulateReport(inputs, model, { ...options, onSimulated: (s) => simulations.push(s) });
    if (!result.ok) return result;
    reports.push(result.value.report);
    for (const simulation of simulations) traced = { outcome: result.value.outcome, simulation };
    // Both models warn of the same texts.
    for (const w of result.warnings) warnings.set(JSON.stringify([w.code, w.message, w.span?.start]), w);
  }
  return success({ reports, traced }, [...warnings.values()]);
}

function printReports(reports: readonly Report[], options: RunOptions, terminal: Terminal): void {
  const last = reports.at(-1)!;
  if (options.json === true) {
    terminal.out(reports.length === 1 ? printReport(last) : `${JSON.stringify(reports, undefined, 2)}\n`);
    return;
  }
  const texts = [
    ...(reports.length > 1 ? [compareModels(reports[0]!, last, terminal)] : []),
    summarizeReport(last, terminal),
    ...(options.stalls === true ? [stallTable(last, terminal)] : []),
  ];
  printResult(terminal, texts.join('\n'), [options.out, options.svg, options.html, options.trace, options.timeline]);
}

async function writeOutputs(reports: readonly Report[], options: RunOptions): Promise<readonly Diagnostic[]> {
  const failed: Diagnostic[] = [];
  if (options.out !== undefined) {
    const files = reports.map((report) => ({ path: reportPath(options.out!, report, reports.length), report }));
    failed.push(...(await writeReports(files)));
  }
  if (options.svg !== undefined) {
    const runs = reports.map((report) => ({
      report,
      label: reports.length === 1 ? report.mapping : `${report.mapping}, ${report.model} model`,
    }));
    failed.push(...(await writeRoofline(options.svg, runs)));
  }
  return failed;
}

/** What shows a simulation as it went; gives what went wrong, and warnings. */
async function writeRecords(
  { outcome, simulation }: Traced,
  { trace, timeline }: RunOptions,
  shown: TraceOptions,
): Promise<readonly Diagnostic[]> {
  const told: Diagnostic[] = [];
  if (trace !== undefined) told.push(...(await writeTraceFile(trace, outcome, simulation, shown)));
  if (timeline !== undefined) {
    const { writeTimeline } = await import('../timeline-output.ts');
    told.push(...(await writeTimeline(timeline, outcome, simulation, shown)));
  }
  return told;
}

/** What only the simulator can tell, and the analytic model is asked for. */
function needsSimulator(options: RunOptions): Diagnostic | undefined {
  const asked = (['stalls', 'detail', 'trace', 'timeline'] as const).find((o) => options[o] !== undefined);
  if (asked === undefined || options.model !== 'analytic') return undefined;
  const message = `--${asked} needs the simulator: the analytic model has no schedule in which anything could wait`;
  return diagnostic('bad-choice', message, undefined, { help: 'leave out --model analytic, or take --model both' });
}

/** A run of which only the totals can be told. */
const missedDetail = (options: RunOptions, reports: readonly Report[]): readonly Diagnostic[] =>
  options.detail === true && reports.at(-1)!.critical_path === null
    ? [
        diagnostic('too-much-work', '--detail: too many operations would have to be kept in memory', undefined, {
          severity: 'warning',
          help: 'the totals are complete; larger tiles or smaller sizes have fewer operations',
        }),
      ]
    : [];

/** What says more about a trace that is not written. */
const uselessWindow = ({ trace, timeline, traceWindow }: RunOptions): Diagnostic | undefined =>
  trace === undefined && timeline === undefined && traceWindow !== undefined
    ? diagnostic('bad-choice', '--trace-window is of use only with --trace FILE or --timeline FILE', undefined)
    : undefined;

/** What a search does not take. */
const unsearched = ({ mapping, format }: RunOptions): Diagnostic | undefined =>
  mapping === 'auto' && format.length > 0
    ? diagnostic(
        'bad-choice',
        '--format with --mapping auto: mappings are searched in the declared formats',
        undefined,
        {
          help: 'name a mapping, or declare the formats in a cascade of your own',
        },
      )
    : undefined;

/** Two outputs in one file. */
function outputClash(options: RunOptions): Diagnostic | undefined {
  const outputs = (['out', 'svg', 'html', 'trace', 'timeline'] as const).filter((o) => options[o] !== undefined);
  for (const [i, a] of outputs.entries())
    for (const b of outputs.slice(i + 1))
      if (options[a] === options[b])
        return diagnostic('bad-choice', `--${a} and --${b} both write "${options[a]}"`, undefined);
  return undefined;
}

/** How much gates let through: as given, and as measured where inputs to measure it on are named. */
async function densitiesFor(
  options: RunOptions,
  { cascade, presets }: RunTexts,
  sizes: ReadonlyMap<string, number>,
  given: ReadonlyMap<string, Density>,
): Promise<Result<ReadonlyMap<string, Density>>> {
  if (!isMeasured(options)) return success(given);
  const checked = await readCascade(cascade);
  const bound = checked.ok ? bindSizes(checked.value, sizes, presets) : checked;
  return bound.ok ? measuredDensities(bound.value, options, given) : bound;
}

/** `attnsim run CASCADE HARDWARE`: the main job. */
export async function run(options: RunOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const formats = readFormats(options.format);
  const model = choose('--model', options.model, ['analytic', 'cycle', 'both'] as const);
  const trace = readTraceOptions(options.traceWindow, options.traceEvents);
  const densities = readDensities(options.density);
  if (!sizes.ok || !parameters.ok || !formats.ok || !model.ok || !trace.ok || !densities.ok)
    return refuse(terminal, mistakes([sizes, parameters, formats, model, trace, densities]), exitCodes.usageWrong);
  const clash = outputClash(options) ?? needsSimulator(options) ?? uselessWindow(options) ?? unsearched(options);
  if (clash !== undefined) return refuse(terminal, [clash], exitCodes.usageWrong);
  const sized = {
    sizes: sizes.value,
    densities: densities.value,
    parameters: parameters.value,
    accounting: options.accounting,
    say: sayUnless(options.json, terminal),
  };
  const inputs = await readRunTexts(options, sized);
  if (!inputs.ok) {
    const usage = inputs.diagnostics.every((d) => d.code === 'missing-mapping');
    return refuse(terminal, inputs.diagnostics, usage ? exitCodes.usageWrong : exitCodes.inputWrong);
  }
  const models: readonly Model[] = model.value === 'both' ? ['analytic', 'cycle'] : [model.value];
  const shares = await densitiesFor(options, inputs.value, sizes.value, densities.value);
  if (!shares.ok) return refuse(terminal, shares.diagnostics);
  const run = {
    ...inputs.value,
    sizes: sizes.value,
    parameters: parameters.value,
    formats: formats.value,
    densities: shares.value,
  };
  const { accounting, detail = false } = options;
  const result = await simulateAll(run, models, { accounting, detail });
  if (!result.ok) return refuse(terminal, await explainMisfit(inputs.value, result.diagnostics));
  const { reports, traced } = result.value;
  printDiagnostics(terminal, [...inputs.warnings, ...result.warnings, ...missedDetail(options, reports)]);
  if (options.json === true) for (const report of reports) await validateReport(report);
  printReports(reports, options, terminal);
  const failed = [...(await writeOutputs(reports, options))];
  if (options.html !== undefined) failed.push(...(await writeRunPage(options.html, reports, run, options, traced)));
  const told = traced === undefined ? [] : await writeRecords(traced, options, trace.value);
  printDiagnostics(
    terminal,
    told.filter((d) => d.severity === 'warning'),
  );
  failed.push(...told.filter((d) => d.severity === 'error'));
  return failed.length > 0 ? refuse(terminal, failed) : exitCodes.done;
}
