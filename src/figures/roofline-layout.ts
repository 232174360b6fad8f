import { rateText } from '../report/quantity-text.ts';
import { type Domain, niceLog } from './axes.ts';
import type { Segment } from './label-placement.ts';

/** What a roofline plot shows. Performance is in FLOP/s, intensity in FLOP/B, bandwidth in B/s. */
export type RooflinePlot = {
  readonly title?: string;
  readonly machines: readonly PlotMachine[];
  readonly points: readonly PlotPoint[];
};

/** The roofs of a machine. */
export type PlotMachine = {
  readonly name: string;
  readonly peak_ops_per_s: number;
  /** Memory levels with finite bandwidth, outermost first. */
  readonly levels: readonly { readonly name: string; readonly bandwidth_bytes_per_s: number }[];
  /** Other ceilings, such as what the exponentials of an algorithm allow. */
  readonly ceilings: readonly { readonly label: string; readonly ops_per_s: number }[];
};

/** A run under the roofs of its machine. */
export type PlotPoint = {
  readonly label: string;
  /** Position in `machines`. */
  readonly machine: number;
  readonly achieved_ops_per_s: number;
  /** By position in the machine's levels; the first is where the point is drawn, undefined is not drawn. */
  readonly intensities_ops_per_byte: readonly (number | undefined)[];
  /** Position of the point that it was before; an arrow leads from there. */
  readonly from?: number;
};

/** Data coordinates: x in FLOP/B, y in FLOP/s. */
type RoofLine = { readonly machine: number; readonly level: number; readonly line: Segment };

type Ridge = { readonly machine: number; readonly level: number; readonly x: number; readonly y: number };

export type RooflineLayout = {
  readonly x: Domain;
  readonly y: Domain;
  readonly slopes: readonly RoofLine[];
  /** Horizontal part: from the ridge of the fastest level to the right edge. */
  readonly roofs: readonly { readonly machine: number; readonly line: Segment }[];
  readonly ceilings: readonly { readonly machine: number; readonly label: string; readonly line: Segment }[];
  readonly ridges: readonly Ridge[];
};

const isDrawable = (v: number | undefined): v is number => v !== undefined && Number.isFinite(v) && v > 0;

/** Points without a positive finite intensity and performance have no place on a log-log plot. */
export const drawablePoints = (plot: RooflinePlot): readonly PlotPoint[] =>
  plot.points.filter((p) => isDrawable(p.achieved_ops_per_s) && isDrawable(p.intensities_ops_per_byte[0]));

export const attainable = (machine: PlotMachine, level: number, intensity: number): number =>
  Math.min(machine.peak_ops_per_s, intensity * machine.levels[level]!.bandwidth_bytes_per_s);

/** Names of runs in one text; those that have commas themselves are kept apart. */
export const namesTogether = (names: readonly string[]): string =>
  names.join(names.some((name) => name.includes(',')) ? '; ' : ', ');

/** Name of a run, and how fast it is: "640 TFLOP/s, 65% of the roof". */
export function pointText(plot: RooflinePlot, point: PlotPoint): readonly [string, string] {
  const roof = attainable(plot.machines[point.machine]!, 0, point.intensities_ops_per_byte[0]!);
  const share = ((point.achieved_ops_per_s / roof) * 100).toFixed(0);
  return [point.label, `${rateText(point.achieved_ops_per_s, 'FLOP/s')}, ${share}% of the roof`];
}

function ridgesOf(plot: RooflinePlot): Ridge[] {
  return plot.machines.flatMap((machine, m) =>
    machine.levels.map((level, l) => ({
      machine: m,
      level: l,
      x: machine.peak_ops_per_s / level.bandwidth_bytes_per_s,
      y: machine.peak_ops_per_s,
    })),
  );
}

function domains(plot: RooflinePlot, ridges: readonly Ridge[]): { x: Domain; y: Domain } {
  const points = drawablePoints(plot);
  const xs = [...ridges.map((r) => r.x), ...points.flatMap((p) => p.intensities_ops_per_byte.filter(isDrawable))];
  const peaks = plot.machines.map((m) => m.peak_ops_per_s);
  const ys = [...peaks, ...points.map((p) => p.achieved_ops_per_s)];
  const ceilings = plot.machines.flatMap((m) => m.ceilings.map((c) => c.ops_per_s));
  const x: Domain = [niceLog(Math.min(...xs) / 8, 'down'), niceLog(Math.max(...xs) * 4, 'up')];
  const lowestPeak = Math.min(...peaks);
  const y: Domain = [
    niceLog(Math.min(Math.min(...ys) / 4, lowestPeak / 25), 'down'),
    niceLog(Math.max(Math.max(...ys) * 2, Math.max(0, ...ceilings) * 1.4), 'up'),
  ];
  return { x, y };
}

/** The plot in data coordinates, clipped to its domains. Needs at least one machine with one level. */
export function layoutRoofline(plot: RooflinePlot): RooflineLayout {
  const ridges = ridgesOf(plot);
  const { x, y } = domains(plot, ridges);
  const slopes = ridges.flatMap((ridge): RoofLine[] => {
    const bandwidth = plot.machines[ridge.machine]!.levels[ridge.level]!.bandwidth_bytes_per_s;
    const start = Math.max(x[0], y[0] / bandwidth);
    if (start >= ridge.x) return [];
    const line = { x1: start, y1: start * bandwidth, x2: ridge.x, y2: ridge.y };
    return [{ machine: ridge.machine, level: ridge.level, line }];
  });
  const fastest = plot.machines.map((m) => Math.max(...m.levels.map((l) => l.bandwidth_bytes_per_s)));
  const flat = (machine: number, ops: number): Segment => ({
    x1: Math.max(x[0], ops / fastest[machine]!),
    y1: ops,
    x2: x[1],
    y2: ops,
  });
  const ceilings = plot.machines.flatMap((m, i) =>
    m.ceilings
      .filter((c) => c.ops_per_s > y[0])
      .map((c) => ({ machine: i, label: c.label, line: flat(i, c.ops_per_s) })),
  );
  const roofs = plot.machines.map((m, i) => ({ machine: i, line: flat(i, m.peak_ops_per_s) }));
  return { x, y, slopes, roofs, ceilings, ridges };
}
