import { type Diagnostic, diagnostic, type Result, success } from '../../diagnostic.ts';
import { compareModels } from '../../report/comparison.ts';
import { printReport, type Report } from '../../report/report.ts';
import { stallTable } from '../../report/stall-text.ts';
import { summarizeReport } from '../../report/summary.ts';
import { validateReport } from '../../report/validate.ts';
import { readAssignments, readSizes } from '../assignments.ts';
import { choose } from '../choices.ts';
import { reportPath, writeReports, writeRoofline } from '../report-outputs.ts';
import { explainMisfit, readRunTexts } from '../run-texts.ts';
import { type RunInputs, simulateReport } from '../simulate-report.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';

export type RunOptions = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly param: readonly string[];
  readonly mapping?: string;
  readonly model: string;
  readonly stalls?: boolean;
  readonly out?: string;
  readonly svg?: string;
  readonly json?: boolean;
};

type Model = 'analytic' | 'cycle';

const mistakes = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));

async function simulateAll(inputs: RunInputs, models: readonly Model[]): Promise<Result<readonly Report[]>> {
  const reports: Report[] = [];
  const warnings = new Map<string, Diagnostic>();
  for (const model of models) {
    const result = await simulateReport(inputs, model);
    if (!result.ok) return result;
    reports.push(result.value);
    // Both models warn of the same texts.
    for (const w of result.warnings) warnings.set(JSON.stringify([w.code, w.message, w.span?.start]), w);
  }
  return success(reports, [...warnings.values()]);
}

function printReports(reports: readonly Report[], options: RunOptions, terminal: Terminal): void {
  const last = reports.at(-1)!;
  if (options.json === true) {
    terminal.out(reports.length === 1 ? printReport(last) : `${JSON.stringify(reports, undefined, 2)}\n`);
    return;
  }
  const layout = { width: terminal.width };
  if (reports.length > 1) terminal.out(`${compareModels(reports[0]!, last, layout)}\n`);
  terminal.out(summarizeReport(last, layout));
  if (options.stalls === true) terminal.out(`\n${stallTable(last, layout)}`);
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

/** `attnsim run CASCADE HARDWARE`: the main job. */
export async function run(options: RunOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const model = choose('--model', options.model, ['analytic', 'cycle', 'both'] as const);
  if (!sizes.ok || !parameters.ok || !model.ok)
    return refuse(terminal, mistakes([sizes, parameters, model]), exitCodes.usageWrong);
  if (options.out !== undefined && options.out === options.svg) {
    const message = `--out and --svg both write "${options.out}"`;
    return refuse(terminal, [diagnostic('bad-choice', message, undefined)], exitCodes.usageWrong);
  }
  if (options.stalls === true && model.value === 'analytic') {
    const message = '--stalls needs the simulator: the analytic model has no schedule in which anything could wait';
    const help = 'leave out --model analytic, or take --model both';
    return refuse(terminal, [diagnostic('bad-choice', message, undefined, { help })], exitCodes.usageWrong);
  }
  const inputs = await readRunTexts(options);
  if (!inputs.ok) {
    const usage = inputs.diagnostics.every((d) => d.code === 'missing-mapping');
    return refuse(terminal, inputs.diagnostics, usage ? exitCodes.usageWrong : exitCodes.inputWrong);
  }
  const models: readonly Model[] = model.value === 'both' ? ['analytic', 'cycle'] : [model.value];
  const result = await simulateAll({ ...inputs.value, sizes: sizes.value, parameters: parameters.value }, models);
  if (!result.ok) return refuse(terminal, await explainMisfit(inputs.value, result.diagnostics));
  printDiagnostics(terminal, [...inputs.warnings, ...result.warnings]);
  if (options.json === true) for (const report of result.value) await validateReport(report);
  printReports(result.value, options, terminal);
  const failed = await writeOutputs(result.value, options);
  return failed.length > 0 ? refuse(terminal, failed) : exitCodes.done;
}
