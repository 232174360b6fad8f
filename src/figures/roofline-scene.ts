import type { Frame } from './axes.ts';
import type { Rect, Segment } from './label-placement.ts';
import {
  attainable,
  drawablePoints,
  layoutRoofline,
  type RooflineLayout,
  type RooflinePlot,
} from './roofline-layout.ts';
import { colourOf, dashOf, ink } from './style.ts';

/** A roofline in pixels: all lines and marks, from which labels keep clear. */
export type RooflineScene = {
  readonly plot: RooflinePlot;
  readonly layout: RooflineLayout;
  readonly area: Frame;
  readonly scales: Scales;
  readonly lines: readonly SceneLine[];
  readonly ridges: readonly (Spot & { readonly machine: number })[];
  readonly points: readonly ScenePoint[];
  readonly arrows: readonly SceneArrow[];
};

export type Spot = { readonly x: number; readonly y: number };

/** From data coordinates to pixels. */
export type Scales = { readonly x: (value: number) => number; readonly y: (value: number) => number };

type SceneLine = {
  readonly at: Segment;
  readonly colour: string;
  readonly thickness: number;
  readonly dash: string | undefined;
};

/** Marks of a run: one at its outermost traffic, and hollow ones at its inner levels. */
type ScenePoint = { readonly outer: Spot; readonly inner: readonly Spot[]; readonly machine: number };

/** Between the marks of two runs, by their positions among the drawable ones. */
type SceneArrow = { readonly at: Segment; readonly from: number; readonly to: number };

const logScale =
  ([from, to]: readonly [number, number], start: number, end: number) =>
  (value: number): number =>
    start + (Math.log(value / from) / Math.log(to / from)) * (end - start);

/** Equal to within what the eye can tell on a plot of several decades. */
const coincide = (a: Segment, b: Segment): boolean =>
  Math.abs(Math.log(a.y2 / b.y2)) < 0.02 && Math.abs(Math.log(a.x2 / b.x2)) < 0.02;

type Owned = { readonly machine: number; readonly line: Segment };

/** Where machines share a line, the first is drawn once more over the later ones with gaps, so that both show. */
const shared = (lines: readonly Owned[]): readonly Owned[] =>
  lines.flatMap(({ machine, line }, i) => {
    const first = lines.slice(0, i).find((o) => o.machine < machine && coincide(o.line, line));
    return first === undefined ? [] : [{ machine: first.machine, line }];
  });

export const toPixels = (line: Segment, { x, y }: Scales): Segment => ({
  x1: x(line.x1),
  y1: y(line.y1),
  x2: x(line.x2),
  y2: y(line.y2),
});

function linesOf(plot: RooflinePlot, layout: RooflineLayout, scales: Scales): readonly SceneLine[] {
  const { ceilings, slopes, roofs } = layout;
  const line = (data: Segment, colour: string, thickness: number, dash?: string): SceneLine => ({
    at: toPixels(data, scales),
    colour,
    thickness,
    dash,
  });
  const runs = drawablePoints(plot).flatMap((point): SceneLine[] => {
    const colour = colourOf(point.machine);
    const y = point.achieved_ops_per_s;
    const outer = point.intensities_ops_per_byte[0]!;
    const roof = attainable(plot.machines[point.machine]!, 0, outer);
    const all = point.intensities_ops_per_byte.filter((v): v is number => v !== undefined && v > 0);
    const gap = roof > y * 1.02 ? [line({ x1: outer, y1: y, x2: outer, y2: roof }, colour, 1.3, '1.5 3')] : [];
    const ends = { x1: Math.min(...all), y1: y, x2: Math.max(...all), y2: y };
    return all.length > 1 ? [...gap, line(ends, colour, 0.9)] : gap;
  });
  return [
    ...ceilings.map((c) => line(c.line, colourOf(c.machine), 1.4, '5 3')),
    ...slopes.map((s) => line(s.line, colourOf(s.machine), s.level === 0 ? 2.4 : 1.6, dashOf(s.level))),
    ...roofs.map((r) => line(r.line, colourOf(r.machine), 2.4)),
    ...shared(slopes.filter((s) => s.level === 0)).map((s) => line(s.line, colourOf(s.machine), 2.4, '11 11')),
    ...shared(roofs).map((r) => line(r.line, colourOf(r.machine), 2.4, '11 11')),
    ...runs,
  ];
}

/** Between an arrow's ends and the middles of the marks. */
const arrowGap = 11;

/** From mark to mark, where they are not in the same place. */
function arrowsOf(plot: RooflinePlot, points: readonly ScenePoint[]): readonly SceneArrow[] {
  const drawn = drawablePoints(plot);
  return drawn.flatMap(({ from }, to): SceneArrow[] => {
    const start = from === undefined ? -1 : drawn.indexOf(plot.points[from]!);
    if (start < 0) return [];
    const [a, b] = [points[start]!.outer, points[to]!.outer];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length < 3 * arrowGap) return [];
    const [x, y] = [((b.x - a.x) / length) * arrowGap, ((b.y - a.y) / length) * arrowGap];
    return [{ at: { x1: a.x + x, y1: a.y + y, x2: b.x - x, y2: b.y - y }, from: start, to }];
  });
}

/** Needs at least one machine with one level. */
export function rooflineScene(plot: RooflinePlot, area: Frame): RooflineScene {
  const layout = layoutRoofline(plot);
  const scales = {
    x: logScale(layout.x, area.left, area.right),
    y: logScale(layout.y, area.bottom, area.top),
  };
  const points = drawablePoints(plot).map((point): ScenePoint => {
    const [outer, ...inner] = point.intensities_ops_per_byte;
    const spot = (x: number): Spot => ({ x: scales.x(x), y: scales.y(point.achieved_ops_per_s) });
    const drawn = inner.filter((v): v is number => v !== undefined && v > 0);
    return { outer: spot(outer!), inner: drawn.map(spot), machine: point.machine };
  });
  const arrows = arrowsOf(plot, points);
  return {
    plot,
    layout,
    area,
    scales,
    lines: linesOf(plot, layout, scales),
    ridges: layout.ridges.map((r) => ({ x: scales.x(r.x), y: scales.y(r.y), machine: r.machine })),
    points,
    arrows,
  };
}

export const arrowColour = ink.axis;

const around = ({ x, y }: Spot, radius: number): Rect => ({
  x: x - radius,
  y: y - radius,
  width: 2 * radius,
  height: 2 * radius,
});

/** What labels must not cover. */
export const marksOf = ({ ridges, points }: RooflineScene): readonly Rect[] => [
  ...ridges.map((spot) => around(spot, 6)),
  ...points.flatMap(({ outer, inner }) => [around(outer, 8), ...inner.map((spot) => around(spot, 5))]),
];
