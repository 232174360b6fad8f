import { significant } from '../report/quantity-text.ts';
import type { BarChart, BarLayout } from './bar-layout.ts';
import { isDrawable } from './chart.ts';
import type { LineChart, LinePoint, LineSeries } from './line-layout.ts';

/** Charts in words: what a mark is, and what a chart shows those who cannot see it. */

/** The title of an axis without its unit, and a value with it: "Latency" and "16 ms", "Busy" and "90.9% of the time". */
function inUnit(title: string, value: number): { readonly name: string; readonly text: string } {
  const [, name, unit] = /^(.*) \(([^()]+)\)$/.exec(title) ?? [];
  if (name === undefined || unit === undefined) return { name: title, text: significant(value) };
  return { name, text: `${significant(value)}${unit.startsWith('%') ? '' : ' '}${unit}` };
}

/** "BERT, 4K, fused: Energy 3.2 mJ". */
export function barText(chart: BarChart, bar: BarLayout['bars'][number]): string {
  const group = chart.groups[bar.group]!;
  const series = chart.series.length > 1 ? chart.series[bar.series] : undefined;
  const names = [group.section, group.label, series].filter((name) => name !== undefined && name !== '');
  const { name, text } = inUnit(chart.y.title, group.values[bar.series]!);
  return `${names.join(', ')}: ${name} ${text}`;
}

/** "fused: Length 4096, Latency 16 ms". */
export function pointText(chart: LineChart, series: LineSeries, point: LinePoint): string {
  const name = [series.name, point.label].filter((text) => text !== undefined && text !== '').join(', ');
  const [x, y] = [inUnit(chart.x.title, point.x), inUnit(chart.y.title, point.y)];
  return `${name}: ${x.name} ${x.text}, ${y.name} ${y.text}`;
}

function rangeText(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? significant(least) : `${significant(least)} to ${significant(most)}`;
}

function describeBars(chart: BarChart): string {
  const parts = chart.series.map((name, i) => {
    const values = chart.groups.map((g) => g.values[i]).filter((v) => isDrawable(chart.y, v));
    return values.length === 0 ? `${name} without a value` : `${name} ${rangeText(values)}`;
  });
  const groups = [...new Set(chart.groups.map((g) => g.label))].join(', ');
  return `${chart.stacked === true ? 'Stacked bars' : 'Bars'} of ${chart.y.title} for ${groups}: ${parts.join('; ')}.`;
}

function describeLines(chart: LineChart): string {
  const parts = chart.series.map(({ name, points }) => {
    const drawn = points.filter((p) => isDrawable(chart.x, p.x) && isDrawable(chart.y, p.y));
    if (drawn.length === 0) return `${name} without a point`;
    const count = drawn.length === 1 ? 'one point' : `${drawn.length} points`;
    return `${name}, ${count}, ${rangeText(drawn.map((p) => p.y))} at ${rangeText(drawn.map((p) => p.x))}`;
  });
  return `${chart.y.title} over ${chart.x.title}: ${parts.join('; ')}.`;
}

export const describeChart = (chart: BarChart | LineChart): string =>
  chart.kind === 'bars' ? describeBars(chart) : describeLines(chart);
