import { type Domain, linearTicks, logTicks, niceLog, type Tick } from './axes.ts';

/** What the axes of charts have in common. Titles say the unit; values are in it. */
export type ChartAxis = {
  readonly title: string;
  readonly scale: 'linear' | 'log';
  /** As wide as the values need if it is not given. */
  readonly domain?: Domain;
  /** Where the axis has numbers, and which, instead of the usual. */
  readonly ticks?: readonly { readonly value: number; readonly text: string }[];
};

/** A line over the whole width of a chart at one value of y. */
type ChartReference = { readonly label: string; readonly value: number };

/** What every chart has besides its axes and data. */
export type ChartFacts = {
  readonly title: string;
  /** Where the numbers come from; a line below the legend. */
  readonly source: string;
  readonly references?: readonly ChartReference[];
};

/** Whether an axis has a place for a value: logarithms have none for zero and below. */
export const isDrawable = (axis: ChartAxis, value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && (axis.scale === 'linear' || value > 0);

/** Begins and ends at ticks; linear axes begin at zero. Without a value that can be drawn, one decade. */
export function axisDomain(axis: ChartAxis, values: readonly number[]): Domain {
  if (axis.domain !== undefined) return axis.domain;
  const drawn = values.filter((v) => isDrawable(axis, v));
  if (axis.scale === 'log') {
    if (drawn.length === 0) return [1, 10];
    const domain: Domain = [niceLog(Math.min(...drawn), 'down'), niceLog(Math.max(...drawn), 'up')];
    return domain[0] < domain[1] ? domain : [domain[0], domain[1] * 10];
  }
  const [least, most] = [Math.min(0, ...drawn), Math.max(0, ...drawn)];
  if (least === most) return [0, 1];
  const step = niceLog((most - least) / 8, 'up');
  return [Math.floor(least / step) * step, Math.ceil(most / step) * step];
}

/** The ticks that are asked for, and those that are usual if none are; only those inside. */
export function axisTicks(axis: ChartAxis, domain: Domain): readonly Tick[] {
  if (axis.ticks === undefined) return axis.scale === 'log' ? logTicks(domain) : linearTicks(domain);
  return axis.ticks
    .filter(({ value }) => value >= domain[0] && value <= domain[1])
    .map((tick) => ({ ...tick, major: true }));
}
