import { rateText, significant } from '../report/quantity-text.ts';
import {
  type Candidate,
  type Obstacles,
  placeLabel,
  placesAround,
  type Rect,
  type Segment,
  slantedBoxes,
  textWidth,
} from './label-placement.ts';
import type { Scales } from './roofline-axes.ts';
import { drawablePoints, isNumbered, pointText, type RooflineLayout, type RooflinePlot } from './roofline-layout.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Layer, Svg } from './svg.ts';

/** What the drawing steps of a roofline share; labels keep clear of the obstacles. */
export type Scene = {
  readonly svg: Svg;
  /** Lies over the lines and under the marks, so that no text hides a result. */
  readonly labels: Layer;
  readonly d3: D3;
  readonly plot: RooflinePlot;
  readonly layout: RooflineLayout;
  readonly scales: Scales;
  readonly obstacles: Obstacles;
};

export const toPixels = (line: Segment, { x, y }: Scales): Segment => ({
  x1: x(line.x1),
  y1: y(line.y1),
  x2: x(line.x2),
  y2: y(line.y2),
});

const lineHeight = 1.25;

type TextStyle = {
  readonly size: number;
  readonly colour: string;
  readonly weight?: string;
  readonly degrees?: number;
};

/** Text with an edge of paper, so that a line under it does not cut its letters. Later lines are plain. */
function drawText(scene: Scene, lines: readonly string[], x: number, y: number, style: TextStyle): void {
  const text = scene.labels
    .append('text')
    .attr('font-size', style.size)
    .attr('font-weight', style.weight ?? null)
    .attr('fill', style.colour)
    .attr('stroke', ink.paper)
    .attr('stroke-width', 3)
    .attr('stroke-linejoin', 'round')
    .attr('paint-order', 'stroke')
    .attr('transform', style.degrees === undefined ? null : `translate(${x},${y}) rotate(${style.degrees})`);
  lines.forEach((line, i) => {
    const span = text.append('tspan').text(line);
    if (style.degrees === undefined) span.attr('x', x).attr('y', y + i * style.size * lineHeight);
    if (i > 0) span.attr('font-weight', 'normal').attr('fill', ink.text);
  });
}

/** Beyond this distance a thin line joins a label and its mark. */
const farLabel = 26;

function drawLeader(scene: Scene, spot: { x: number; y: number }, box: Rect): void {
  const x = Math.min(Math.max(spot.x, box.x), box.x + box.width);
  const y = Math.min(Math.max(spot.y, box.y), box.y + box.height);
  if (Math.hypot(x - spot.x, y - spot.y) <= farLabel) return;
  scene.labels
    .append('line')
    .attr('x1', spot.x)
    .attr('y1', spot.y)
    .attr('x2', x)
    .attr('y2', y)
    .attr('stroke', ink.leader)
    .attr('stroke-width', 0.8);
}

/** Name and performance beside each run's mark, or its number in the legend. */
export function labelPoints(scene: Scene): void {
  const { scales, plot } = scene;
  const numbered = isNumbered(plot);
  drawablePoints(plot).forEach((point, i) => {
    const lines = numbered ? [String(i + 1)] : pointText(plot, point);
    // The first line is bold, and a bold face is a little wider.
    const width = Math.max(...lines.map((line, k) => textWidth(line, fontSize.label) * (k === 0 ? 1.08 : 1)));
    const height = (1 + (lines.length - 1) * lineHeight) * fontSize.label;
    const spot = { x: scales.x(point.intensities_ops_per_byte[0]!), y: scales.y(point.achieved_ops_per_s) };
    const distances = numbered ? [9, 14, 22, 36] : [12, 24, 44, 70, 105, 150];
    const at = placeLabel(placesAround(spot, width, height, distances), scene.obstacles)!;
    drawLeader(scene, spot, at);
    const style = { size: fontSize.label, colour: colourOf(point.machine), weight: 'bold' };
    drawText(scene, lines, at.x, at.y + fontSize.label - 1, style);
  });
}

type FlatPlace = Rect & { readonly text: string };

function flatCandidates(at: Segment, text: string, extra: number): Candidate<FlatPlace>[] {
  const width = textWidth(text, fontSize.label);
  const height = fontSize.label;
  const steps = 24;
  const candidates: Candidate<FlatPlace>[] = [];
  for (let step = 0; step <= steps; step++) {
    const left = at.x2 - 6 - width - ((at.x2 - at.x1 - width) * step) / steps;
    for (const above of [true, false]) {
      const place = { x: left, y: above ? at.y1 - 5 - height : at.y1 + 4, width, height, text };
      candidates.push({ boxes: [place], place, penalty: step * 3 + (above ? 0 : 12) + extra });
    }
  }
  return candidates;
}

/**
 * "h100-sxm peak 989 TFLOP/s" over (or under) a horizontal line, as far right as it is free. Where there is
 * no room the name goes, since the colour tells the machine.
 */
export function labelFlat(scene: Scene, line: Segment, name: string, machine: number): void {
  const at = toPixels(line, scene.scales);
  const rate = rateText(line.y1, 'FLOP/s');
  const candidates = [...flatCandidates(at, `${name} ${rate}`, 0), ...flatCandidates(at, rate, 80)];
  const place = placeLabel(candidates, scene.obstacles)!;
  const style = { size: fontSize.label, colour: colourOf(machine) };
  drawText(scene, [place.text], place.x, place.y + place.height - 2, style);
}

/** Pixels between a slope and the middle line of its text. */
const slopeDistance = 10;

function slopeCandidates(at: Segment, angle: number, width: number): Candidate<{ x: number; y: number }>[] {
  const length = Math.hypot(at.x2 - at.x1, at.y2 - at.y1);
  const steps = 24;
  const candidates: Candidate<{ x: number; y: number }>[] = [];
  for (let step = 0; step <= steps; step++) {
    const along = 12 + ((length - width - 24) * step) / steps;
    for (const side of [-1, 1]) {
      const x = at.x1 + along * Math.cos(angle) - side * slopeDistance * Math.sin(angle);
      const y = at.y1 + along * Math.sin(angle) + side * slopeDistance * Math.cos(angle);
      const boxes = slantedBoxes(x, y, angle, width, fontSize.label);
      candidates.push({ boxes, place: { x, y }, penalty: Math.abs(step - steps / 3) + (side < 0 ? 0 : 6) });
    }
  }
  return candidates;
}

/** The level's name and bandwidth along its slope, above it if there is room. */
export function labelSlopes(scene: Scene): void {
  for (const slope of scene.layout.slopes) {
    const level = scene.plot.machines[slope.machine]!.levels[slope.level]!;
    const label = `${level.name} ${rateText(level.bandwidth_bytes_per_s, 'B/s')}`;
    const at = toPixels(slope.line, scene.scales);
    const angle = Math.atan2(at.y2 - at.y1, at.x2 - at.x1);
    const place = placeLabel(slopeCandidates(at, angle, textWidth(label, fontSize.label)), scene.obstacles)!;
    const drop = fontSize.label * 0.35;
    drawText(scene, [label], place.x - drop * Math.sin(angle), place.y + drop * Math.cos(angle), {
      size: fontSize.label,
      colour: colourOf(slope.machine),
      degrees: (angle * 180) / Math.PI,
    });
  }
}

/** The intensity of each ridge point, above its roof if there is room. */
export function labelRidges(scene: Scene): void {
  for (const ridge of scene.layout.ridges) {
    const label = `${significant(Number(ridge.x.toPrecision(3)), 3)} FLOP/B`;
    const spot = { x: scene.scales.x(ridge.x), y: scene.scales.y(ridge.y) };
    const width = textWidth(label, fontSize.note);
    const candidates = placesAround(spot, width, fontSize.note, [9, 16, 28]).map((c) =>
      c.place.y + c.place.height <= spot.y ? { ...c, penalty: c.penalty - 20 } : c,
    );
    const at = placeLabel(candidates, scene.obstacles)!;
    drawText(scene, [label], at.x, at.y + fontSize.note - 1, { size: fontSize.note, colour: colourOf(ridge.machine) });
  }
}
