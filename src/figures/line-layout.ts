import type { Domain } from './axes.ts';
import { axisDomain, type ChartAxis, type ChartFacts, isDrawable } from './chart.ts';

/** Series of points, joined in their order or alone. */
export type LineChart = ChartFacts & {
  readonly kind: 'lines';
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly LineSeries[];
  readonly guides?: readonly Guide[];
};

/** A line from place to place to compare with, such as the diagonal; it does not widen the axes. Without a name it is not in the legend. */
type Guide = { readonly name?: string; readonly dashed?: boolean; readonly points: readonly LinePoint[] };

/** Points of one name in the legend, in one colour. */
export type LineSeries = {
  readonly name: string;
  /** Points that are not joined are a scatter plot; steps keep a y up to the next x. */
  readonly joined?: boolean | 'steps';
  readonly dashed?: boolean;
  /** Small and pale: what others stand out from. */
  readonly faint?: boolean;
  readonly points: readonly LinePoint[];
};

/** In the units of the axes; the label stands beside the point. */
export type LinePoint = { readonly x: number; readonly y: number; readonly label?: string };

export type LineLayout = {
  readonly x: Domain;
  readonly y: Domain;
  /** Those that the axes have a place for, by position of the series. */
  readonly points: readonly (readonly LinePoint[])[];
};

export function layoutLines(chart: LineChart): LineLayout {
  const points = chart.series.map((s) => s.points.filter((p) => isDrawable(chart.x, p.x) && isDrawable(chart.y, p.y)));
  const all = points.flat();
  const x = axisDomain(
    chart.x,
    all.map((p) => p.x),
  );
  const y = axisDomain(chart.y, [...all.map((p) => p.y), ...(chart.references ?? []).map((r) => r.value)]);
  return { x, y, points };
}
