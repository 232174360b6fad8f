import type { ChartAxis } from '../figures/chart.ts';
import type { LineChart, LinePoint } from '../figures/line-layout.ts';
import type { Front } from '../sweep/best-points.ts';
import { axisOf, extremes } from './chart-axis.ts';

/** Cells of the plot, each of which has one point of a cloud. */
const cells = { x: 150, y: 80 };

/** Where on an axis a value is, from 0 to 1. */
function shareOf({ scale }: ChartAxis, values: Float64Array): (value: number) => number {
  const at = scale === 'log' ? Math.log : (value: number) => value;
  const [least, most] = extremes(values).map(at) as [number, number];
  return (value) => (most > least ? (at(value) - least) / (most - least) : 0);
}

/**
 * Of many points those that can be told apart in a plot: of each of its cells the least in x and then in y, which does
 * not depend on their order.
 */
function thinned(x: Float64Array, y: Float64Array, axes: readonly [ChartAxis, ChartAxis]): readonly LinePoint[] {
  const [shareX, shareY] = [shareOf(axes[0], x), shareOf(axes[1], y)];
  const chosen = new Map<number, number>();
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!)) continue;
    const cell = Math.floor(shareX(x[i]!) * cells.x) * (cells.y + 1) + Math.floor(shareY(y[i]!) * cells.y);
    const other = chosen.get(cell);
    if (other === undefined || x[i]! < x[other]! || (x[i] === x[other] && y[i]! < y[other]!)) chosen.set(cell, i);
  }
  return [...chosen.values()].map((i) => ({ x: x[i]!, y: y[i]! })).sort((a, b) => a.x - b.x || a.y - b.y);
}

/** The first two objectives of a front, over all that it is the front of. */
export function frontChart({ objectives, values, positions }: Front, title: string): LineChart {
  const [x, y] = [values[0]!, values[1]!];
  const titleOf = (i: number): string => `${objectives[i]!.metric} (${objectives[i]!.goal})`;
  const axes = [axisOf(titleOf(0), x), axisOf(titleOf(1), y)] as const;
  const pick = (all: Float64Array): Float64Array => Float64Array.from(positions, (i) => all[i]!);
  const front = thinned(pick(x), pick(y), axes);
  return {
    kind: 'lines',
    title,
    source: `attnsim; ${positions.length} of ${x.length} points are in the front`,
    x: axes[0],
    y: axes[1],
    series: [
      { name: 'points', joined: false, faint: true, points: thinned(x, y, axes) },
      // More than two objectives have a front that is no line.
      { name: 'front', joined: objectives.length === 2, points: front },
    ],
  };
}
