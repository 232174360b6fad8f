import type { Domain } from './axes.ts';
import { axisDomain, type ChartAxis, type ChartFacts, isDrawable } from './chart.ts';

/** Bars in groups, a bar a series: side by side, or on top of each other. */
export type BarChart = ChartFacts & {
  readonly kind: 'bars';
  readonly stacked?: boolean;
  readonly y: ChartAxis;
  readonly series: readonly string[];
  /** Series that are something else than the others, such as time in which nothing is done. */
  readonly hatched?: readonly string[];
  readonly groups: readonly BarGroup[];
};

/** Bars that stand together over one label. */
export type BarGroup = {
  readonly label: string;
  /** Neighbours of one section stand together under its name. */
  readonly section?: string;
  /** By position in `series`, in the unit of the y axis; undefined is no bar. */
  readonly values: readonly (number | undefined)[];
  /** What stands above its bars, by position in `series`; stacked bars have one text for all. */
  readonly texts?: readonly string[];
};

/** Lengths across are shares of the plotting area's width; those along y are values. */
export type BarLayout = {
  readonly y: Domain;
  readonly bars: readonly {
    /** Positions in the chart's groups and series. */
    readonly group: number;
    readonly series: number;
    readonly x: number;
    readonly width: number;
    readonly from: number;
    readonly to: number;
  }[];
  readonly groups: readonly { readonly label: string; readonly middle: number; readonly width: number }[];
  readonly sections: readonly { readonly label: string; readonly from: number; readonly to: number }[];
};

/** Widths in units of a group's: space between sections, and share of a group that its bars fill. */
const sectionGap = 0.6;
const filled = 0.8;
/** Of the plotting area, at most: a lone bar is no wall. */
const widestBar = 0.16;

const isNewSection = (groups: readonly BarGroup[], i: number): boolean =>
  i > 0 && groups[i]!.section !== groups[i - 1]!.section;

/** Ends of the bars of a group, from the axis's foot or, stacked, from the end of the bar below. */
function barEnds(chart: BarChart, group: BarGroup, foot: number): { series: number; from: number; to: number }[] {
  let below = chart.y.scale === 'linear' ? 0 : foot;
  return group.values.flatMap((value, series) => {
    if (!isDrawable(chart.y, value)) return [];
    if (chart.stacked !== true) return [{ series, from: below, to: value }];
    const from = below;
    below += value;
    return [{ series, from, to: below }];
  });
}

/** Bars that a logarithmic axis cannot show are left out; stacked bars stand on a linear axis. */
export function layoutBars(chart: BarChart): BarLayout {
  const sums = chart.groups.map((g) => g.values.reduce<number>((sum, v) => sum + (v ?? 0), 0));
  const each = chart.groups.flatMap((g) => g.values.filter((v) => v !== undefined));
  const references = (chart.references ?? []).map((r) => r.value);
  const y = axisDomain(chart.y, [...(chart.stacked === true ? sums : each), ...references]);
  const gaps = chart.groups.filter((_, i) => isNewSection(chart.groups, i)).length;
  const unit = 1 / Math.max(1, chart.groups.length + gaps * sectionGap);
  const perGroup = chart.stacked === true ? 1 : chart.series.length;
  const bars: BarLayout['bars'][number][] = [];
  const groups: BarLayout['groups'][number][] = [];
  const sections: { label: string; from: number; to: number }[] = [];
  let left = 0;
  chart.groups.forEach((group, i) => {
    if (isNewSection(chart.groups, i)) left += sectionGap * unit;
    if (i === 0 || isNewSection(chart.groups, i)) sections.push({ label: group.section ?? '', from: left, to: left });
    sections.at(-1)!.to = left + unit;
    groups.push({ label: group.label, middle: left + unit / 2, width: unit });
    const width = Math.min(widestBar, (unit * filled) / perGroup);
    const start = left + (unit - width * perGroup) / 2;
    for (const end of barEnds(chart, group, y[0]))
      bars.push({ ...end, group: i, x: start + (chart.stacked === true ? 0 : end.series * width), width });
    left += unit;
  });
  return { y, bars, groups, sections };
}
