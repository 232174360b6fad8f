import { energyBreakdown, stallBreakdown, timeBreakdown, trafficBreakdown } from '../figures/breakdown.ts';
import { type Chart, chartFigure } from '../figures/chart-figure.ts';
import type { Figure, FigureOptions } from '../figures/figure.ts';
import type { LabelledReport } from '../figures/labelled-report.ts';
import { rooflineData } from '../figures/roofline-data.ts';
import { rooflineFigure } from '../figures/roofline-figure.ts';
import { speedupChart } from '../figures/speedup.ts';
import type { TimelineData } from '../figures/timeline-data.ts';
import { timelineFigure } from '../figures/timeline-figure.ts';
import { utilizationChart } from '../figures/utilization.ts';

/** A figure with its place on the page; a wide one has a row to itself. */
export type PageFigure = { readonly id: string; readonly wide: boolean; readonly figure: Figure };

/** What figures of runs are made of: plain data, on a page as where it is written. */
export type FigureSubject = {
  readonly runs: readonly LabelledReport[];
  /** Position of the run that others are compared with, if they are. */
  readonly baseline?: number;
  /** Of the last run. */
  readonly timeline?: TimelineData | undefined;
};

type Draw = (subject: FigureSubject, options: FigureOptions) => Figure | undefined;

const roofline: Draw = ({ runs, baseline }, options) => {
  const data = rooflineData(runs, undefined, baseline === undefined ? undefined : runs[baseline]);
  return data === undefined ? undefined : rooflineFigure(data, options);
};

const chart =
  (chartOf: (runs: readonly LabelledReport[]) => Chart | undefined): Draw =>
  ({ runs }, options) => {
    const data = chartOf(runs);
    return data === undefined ? undefined : chartFigure(data, options);
  };

const speedups: Draw = ({ runs, baseline }, options) => {
  const data = baseline === undefined || runs.length < 2 ? undefined : speedupChart(runs, baseline);
  return data === undefined ? undefined : chartFigure(data, options);
};

const steadyState: Draw = ({ runs, timeline }, options) => {
  if (timeline === undefined) return undefined;
  const { mapping, cascade, hardware } = runs.at(-1)!.report;
  return timelineFigure(timeline, `${mapping} of ${cascade} on ${hardware}`, options);
};

/** All figures of a page of runs, in their order. A new one is a line here. */
const figures: readonly { readonly id: string; readonly wide?: boolean; readonly draw: Draw }[] = [
  { id: 'roofline', wide: true, draw: roofline },
  { id: 'speedup', draw: speedups },
  { id: 'time', draw: chart(timeBreakdown) },
  { id: 'utilization', draw: chart(utilizationChart) },
  { id: 'traffic', draw: chart(trafficBreakdown) },
  { id: 'energy', draw: chart(energyBreakdown) },
  { id: 'timeline', wide: true, draw: steadyState },
  { id: 'stalls', wide: true, draw: chart(stallBreakdown) },
];

/** Those that there is something to draw for. */
export const runFigures = (subject: FigureSubject, widthOf: (wide: boolean) => FigureOptions): readonly PageFigure[] =>
  figures.flatMap(({ id, wide = false, draw }) => {
    const figure = draw(subject, widthOf(wide));
    return figure === undefined ? [] : [{ id, wide, figure }];
  });
