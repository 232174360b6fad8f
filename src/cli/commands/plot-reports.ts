import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { energyBreakdown, stallBreakdown, timeBreakdown, trafficBreakdown } from '../../figures/breakdown.ts';
import { type Chart, chartFigure } from '../../figures/chart-figure.ts';
import type { Figure, FigureOptions } from '../../figures/figure.ts';
import type { LabelledReport } from '../../figures/labelled-report.ts';
import { rooflineData } from '../../figures/roofline-data.ts';
import { rooflineFigure } from '../../figures/roofline-figure.ts';
import { scalingChart, scalingQuantities } from '../../figures/scaling.ts';
import { speedupChart } from '../../figures/speedup.ts';
import { utilizationChart } from '../../figures/utilization.ts';
import { choose } from '../choices.ts';
import { readFigureWidth } from '../figure-width.ts';
import { readLabelledReports, runOf } from '../labelled-reports.ts';
import { noRoofline } from '../report-outputs.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';
import { writeFigure } from '../write-figure.ts';

const breakdowns = {
  energy: energyBreakdown,
  time: timeBreakdown,
  traffic: trafficBreakdown,
  stalls: stallBreakdown,
};

/** What is drawn of some reports. */
export type ReportFigure =
  | { readonly kind: 'roofline'; readonly baseline?: string }
  | { readonly kind: 'breakdown'; readonly of: string }
  | { readonly kind: 'utilization' }
  | { readonly kind: 'speedup'; readonly baseline?: string }
  | { readonly kind: 'scaling'; readonly by: string; readonly of: string };

export type PlotReportsOptions = {
  readonly reports: readonly string[];
  readonly figure: ReportFigure;
  readonly out: string;
  readonly title?: string;
  readonly width?: string;
};

const nothing = (message: string): Result<never> => failure([diagnostic('nothing-found', message, undefined)]);

/** Why a figure of reports would be empty. */
const emptyText = {
  roofline: noRoofline,
  energy: 'none of the runs takes energy: their machines say nothing of it',
  time: 'none of the runs takes time',
  traffic: 'none of the runs moves bytes',
  stalls: 'none of the runs waits for anything that is known: the analytic model has no schedule',
  utilization: 'none of the runs keeps anything busy',
  speedup: 'a run takes no time',
} as const;

/** A rank that some run has. */
function knownRank(by: string, runs: readonly LabelledReport[]): Result<string> {
  const ranks = [...new Set(runs.flatMap(({ report }) => Object.keys(report.workload)))];
  if (ranks.includes(by)) return success(by);
  const help = didYouMean(by, ranks) ?? `the runs have ${ranks.join(', ')}`;
  return failure([diagnostic('bad-choice', `--by "${by}" is no rank or parameter of the runs`, undefined, { help })]);
}

type Look = FigureOptions & { readonly title?: string };

function chartResult(chart: Chart | undefined, empty: string, { title, ...options }: Look): Result<Figure> {
  if (chart === undefined) return nothing(empty);
  return success(chartFigure(title === undefined ? chart : { ...chart, title }, options));
}

function figureOf(wanted: ReportFigure, runs: readonly LabelledReport[], look: Look): Result<Figure> {
  switch (wanted.kind) {
    case 'roofline': {
      const before = runOf('--baseline', wanted.baseline, runs);
      if (!before.ok) return before;
      const { title, ...options } = look;
      const plot = rooflineData(runs, title, before.value);
      return plot === undefined ? nothing(emptyText.roofline) : success(rooflineFigure(plot, options));
    }
    case 'breakdown': {
      const of = choose('--of', wanted.of, Object.keys(breakdowns) as (keyof typeof breakdowns)[]);
      return of.ok ? chartResult(breakdowns[of.value](runs), emptyText[of.value], look) : of;
    }
    case 'utilization':
      return chartResult(utilizationChart(runs), emptyText.utilization, look);
    case 'speedup': {
      const baseline = runOf('--baseline', wanted.baseline, runs);
      if (!baseline.ok) return baseline;
      const position = baseline.value === undefined ? 0 : runs.indexOf(baseline.value);
      return chartResult(speedupChart(runs, position), emptyText.speedup, look);
    }
    case 'scaling': {
      const by = knownRank(wanted.by, runs);
      const of = choose('--of', wanted.of, scalingQuantities);
      if (!by.ok || !of.ok) return failure([by, of].flatMap((r) => (r.ok ? [] : r.diagnostics)));
      return chartResult(scalingChart(runs, by.value, of.value), `no run has a ${of.value} above 0`, look);
    }
  }
}

/** `attnsim plot KIND REPORT... --out FILE.svg`: a figure of reports of runs. */
export async function plotReports(options: PlotReportsOptions, terminal: Terminal): Promise<number> {
  const { figure: wanted, reports, title } = options;
  const width = readFigureWidth(options.width);
  if (!width.ok) return refuse(terminal, width.diagnostics, exitCodes.usageWrong);
  const runs = await readLabelledReports(reports, { apartFromSizes: wanted.kind === 'scaling' });
  if (!runs.ok) return refuse(terminal, runs.diagnostics);
  const figure = figureOf(wanted, runs.value, { ...width.value, ...(title === undefined ? {} : { title }) });
  if (!figure.ok) return refuse(terminal, figure.diagnostics);
  const written = await writeFigure(options.out, figure.value);
  return written.ok ? exitCodes.done : refuse(terminal, written.diagnostics);
}
