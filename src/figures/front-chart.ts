import type { ChartAxis } from './chart.ts';
import type { LineChart, LinePoint } from './line-layout.ts';
import { axisOf, extremes } from './value-axis.ts';

/** What is traded for something else: less is better, or more. */
export type FrontObjective = {
  readonly title: string;
  readonly goal: 'minimize' | 'maximize';
  /** Of all candidates. */
  readonly values: Float64Array;
};

/** Candidates by two objectives, and those that no other beats. */
export type FrontData = {
  readonly title: string;
  readonly source: string;
  readonly x: FrontObjective;
  readonly y: FrontObjective;
  /** Which of the candidates are in the front. */
  readonly positions: ArrayLike<number>;
  /** There are no more objectives than these two; more have a front that is no line. */
  readonly isWhole: boolean;
  /** What points of the front are called, by position among the candidates. */
  readonly labels?: ReadonlyMap<number, string>;
};

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

/** Candidates faint, the front on top of them, joined by steps: whatever lies beyond a corner is beaten. */
export function frontChart({ title, source, x, y, positions, isWhole, labels }: FrontData): LineChart {
  const titleOf = (o: FrontObjective): string => `${o.title} (${o.goal})`;
  const axes = [axisOf(titleOf(x), x.values), axisOf(titleOf(y), y.values)] as const;
  const chosen = Array.from(positions);
  const pick = (all: Float64Array): Float64Array => Float64Array.from(chosen, (i) => all[i]!);
  const sign = x.goal === 'minimize' ? 1 : -1;
  const front = thinned(pick(x.values), pick(y.values), axes).toSorted((a, b) => sign * (a.x - b.x));
  const named = chosen.flatMap((i): LinePoint[] => {
    const label = labels?.get(i);
    return label === undefined ? [] : [{ x: x.values[i]!, y: y.values[i]!, label }];
  });
  const labelOf = (p: LinePoint): LinePoint => named.find((n) => n.x === p.x && n.y === p.y) ?? p;
  return {
    kind: 'lines',
    title,
    source,
    x: axes[0],
    y: axes[1],
    series: [
      { name: 'points', joined: false, faint: true, points: thinned(x.values, y.values, axes) },
      { name: 'front', joined: isWhole ? 'steps' : false, points: front.map(labelOf) },
    ],
  };
}
