import type { ChartAxis } from './chart.ts';

/** Values over more than this factor are on a logarithmic axis. */
const linearFactor = 20;

/** The least and the most of those that are finite. */
export function extremes(values: ArrayLike<number>): readonly [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** An axis for these values. */
export function axisOf(title: string, values: ArrayLike<number>): ChartAxis {
  const [least, most] = extremes(values);
  return { title, scale: least > 0 && most / least > linearFactor ? 'log' : 'linear' };
}
