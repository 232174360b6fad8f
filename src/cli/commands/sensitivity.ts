import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import type { Tornado } from '../../figures/tornado.ts';
import { writeTextFile } from '../../files.ts';
import type { Experiment } from '../../sweep/experiment.ts';
import { figurePath } from '../../sweep/figures.ts';
import { findExperiment, gatherTexts } from '../../sweep/gather-texts.ts';
import type { Objective } from '../../sweep/identity.ts';
import { type OpenSweep, openSweep } from '../../sweep/open-sweep.ts';
import { findSensitivity, type Sensitivity } from '../../sweep/sensitivity.ts';
import type { Step } from '../../sweep/step.ts';
import { wrapSentence } from '../../wrap-text.ts';
import { pointText, sensitivityChart } from '../sensitivity-chart.ts';
import { sensitivityData } from '../sensitivity-data.ts';
import { type Asked, type ChosenPoints, choosePoints } from '../sensitivity-points.ts';
import { firstChangesText, notesText, stepText, tablesText } from '../sensitivity-text.ts';
import { readStep } from '../step-option.ts';
import { exitCodes, printDiagnostics, printResult, refuse, type Terminal } from '../terminal.ts';

export type SensitivityOptions = {
  readonly experiment: string;
  readonly point?: string;
  readonly store?: string;
  readonly best?: boolean;
  readonly pareto?: boolean;
  readonly metric?: string;
  readonly step: string;
  readonly all?: boolean;
  readonly out?: string;
  readonly svg?: string;
  readonly json?: boolean;
};

/** `attnsim sensitivity EXPERIMENT`: what each parameter does to each objective, and so what to change first. */
export async function sensitivity(options: SensitivityOptions, terminal: Terminal): Promise<number> {
  const step = readStep(options.step);
  const asked = readAsked(options);
  if (!step.ok || !asked.ok)
    return refuse(
      terminal,
      [step, asked].flatMap((r) => (r.ok ? [] : r.diagnostics)),
      exitCodes.usageWrong,
    );
  const found = await findExperiment(options.experiment);
  if (!found.ok) return refuse(terminal, found.diagnostics);
  const texts = await gatherTexts(found.value.source, found.value.folder);
  if (!texts.ok) return refuse(terminal, texts.diagnostics);
  const sweep = await openSweep(texts.value);
  if (!sweep.ok) return refuse(terminal, sweep.diagnostics);
  printDiagnostics(terminal, [...texts.warnings, ...sweep.warnings]);
  const objectives = readObjectives(sweep.value.experiment, options.metric);
  if (!objectives.ok) return refuse(terminal, objectives.diagnostics);
  const chosen = await choosePoints(sweep.value, texts.value, asked.value, objectives.value[0]!);
  if (!chosen.ok) return refuse(terminal, chosen.diagnostics);
  const moved = await findSensitivity(sweep.value.experiment, texts.value, chosen.value.points, {
    metrics: objectives.value.map(({ metric }) => metric),
    step: step.value,
    all: options.all === true,
    watch: (parameter, i, of) => terminal.progress?.(`${parameter}: ${i + 1} of ${of} parameters`),
  });
  terminal.progress?.('');
  if (!moved.ok) return refuse(terminal, moved.diagnostics);
  return await tell(sweep.value, chosen.value, moved.value, objectives.value, step.value, options, terminal);
}

function readAsked({ point, store, best, pareto }: SensitivityOptions): Result<Asked> {
  const isStored = store !== undefined || best === true || pareto === true;
  if (point !== undefined && isStored) return wrongChoice('--point names a point by itself, without a table');
  if (best === true && pareto === true) return wrongChoice('--best and --pareto exclude each other');
  if (isStored) return success({ kind: 'stored', which: pareto === true ? 'front' : 'best', file: store });
  if (point === undefined) return success({ kind: 'usual' });
  if (/^\d{1,9}$/.test(point)) return success({ kind: 'number', number: Number(point) });
  return wrongChoice(`--point "${point}" is no number of a point, such as 27`);
}

const wrongChoice = (message: string): Result<never> => failure([diagnostic('bad-choice', message, undefined)]);

/** Metrics with commas between, each the less the better unless `:max` or the experiment says otherwise; else its objectives. */
function readObjectives({ name, objectives }: Experiment, text: string | undefined): Result<readonly Objective[]> {
  const known = objectives.map(({ metric, goal }): Objective => ({ metric: metric.text, goal }));
  if (text === undefined && known.length > 0) return success(known);
  if (text === undefined)
    return failure([
      diagnostic('missing-field', `"${name.text}" has no "objectives"`, name.span, {
        help: 'give it some, or name metrics, as in --metric latency_s',
      }),
    ]);
  const read = text.split(',').map((one): Result<Objective> => {
    const [, metric = one.trim(), way] = /^(.*):(min|max)$/.exec(one.trim()) ?? [];
    const path = figurePath({ text: metric, span: name.span });
    if ('code' in path) return failure([diagnostic(path.code, path.message, undefined, { help: path.help })]);
    if (path.type === 'text') return wrongChoice(`--metric "${metric}" is a text: only numbers have an elasticity`);
    const usual = known.find((o) => o.metric === metric)?.goal ?? 'minimize';
    return success({ metric, goal: way === undefined ? usual : way === 'max' ? 'maximize' : 'minimize' });
  });
  const wrong = read.flatMap((r) => (r.ok ? [] : r.diagnostics));
  const found = read.flatMap((r) => (r.ok ? [r.value] : []));
  if (wrong.length > 0) return failure(wrong);
  if (new Set(found.map((o) => o.metric)).size === found.length) return success(found);
  return wrongChoice(`--metric "${text}" names a metric twice`);
}

async function tell(
  sweep: OpenSweep,
  chosen: ChosenPoints,
  found: Sensitivity,
  objectives: readonly Objective[],
  step: Step,
  options: SensitivityOptions,
  terminal: Terminal,
): Promise<number> {
  const data = sensitivityData(sweep, chosen, found, objectives, options.step);
  const json = `${JSON.stringify(data, undefined, 2)}\n`;
  if (options.json === true) terminal.out(json);
  else {
    const first = firstChangesText(found, objectives, step, terminal);
    const how =
      wrapSentence(pointText(data), terminal) + wrapSentence(`Moved one at a time, ${stepText(step)}`, terminal);
    const text = `${first}\n${how}${tablesText(found, objectives, terminal)}${notesText(found, terminal)}`;
    printResult(terminal, text, [options.out, options.svg]);
  }
  const files: (readonly [string, string])[] = options.out === undefined ? [] : [[options.out, json]];
  if (options.svg !== undefined) {
    const chart = sensitivityChart(data);
    if (!chart.ok) return refuse(terminal, chart.diagnostics);
    files.push([options.svg, await draw(chart.value)]);
  }
  for (const [path, text] of files) {
    const wrong = await writeTextFile(path, text);
    if (wrong !== undefined) return refuse(terminal, [wrong]);
  }
  return exitCodes.done;
}

async function draw(tornado: Tornado): Promise<string> {
  const { renderSvg } = await import('../../figures/svg.ts');
  const { tornadoFigure } = await import('../../figures/tornado-figure.ts');
  return renderSvg(tornadoFigure(tornado));
}
