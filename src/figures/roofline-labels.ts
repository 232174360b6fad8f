import { rateText, significant } from '../report/quantity-text.ts';
import {
  type Candidate,
  crosses,
  type Obstacles,
  placeClear,
  placesAround,
  type Rect,
  type Segment,
  slantedBoxes,
  textWidth,
} from './label-placement.ts';
import { drawablePoints, namesTogether, pointText } from './roofline-layout.ts';
import { marksOf, type RooflineScene, type Spot, toPixels } from './roofline-scene.ts';
import { colourOf, fontSize } from './style.ts';
import { lineHeight } from './text.ts';

/** A text at its place: the left foot of its first line, or of its slanted line. */
export type PlacedLabel = {
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly colour: string;
  readonly bold: boolean;
  readonly degrees: number;
  /** What it covers. */
  readonly boxes: readonly Rect[];
  /** From a mark that it is far from. */
  readonly leader: Segment | undefined;
};

/** Labels never cover each other, a mark or the frame; what has no room is told in the legend. By positions in the layout. */
export type RooflineLabels = {
  readonly labels: readonly PlacedLabel[];
  /** Runs have numbers, and their names are in the legend. */
  readonly isNumbered: boolean;
  readonly unplaced: {
    readonly roofs: readonly number[];
    readonly slopes: readonly number[];
    readonly ceilings: readonly number[];
  };
};

/** With more runs than this their texts move to the legend and the marks get numbers. */
const mostNamedPoints = 4;

/** Beyond this distance a thin line joins a label and its mark, and beyond the other it is a riddle. */
const farLabel = 26;
const lostLabel = 90;

function leaderOf(spot: Spot, box: Rect): Segment | undefined {
  const x = Math.min(Math.max(spot.x, box.x), box.x + box.width);
  const y = Math.min(Math.max(spot.y, box.y), box.y + box.height);
  return Math.hypot(x - spot.x, y - spot.y) > farLabel ? { x1: spot.x, y1: spot.y, x2: x, y2: y } : undefined;
}

const isLost = ({ leader }: PlacedLabel): boolean =>
  leader !== undefined && Math.hypot(leader.x2 - leader.x1, leader.y2 - leader.y1) > lostLabel;

const isLevel = (line: Segment): boolean => line.y1 === line.y2;

/** Places of a text that none of these lines strikes out. */
const unstruck = <T extends Rect>(
  candidates: readonly Candidate<T>[],
  lines: readonly Segment[],
  reach: (place: T) => Rect = (place) => place,
): readonly Candidate<T>[] => candidates.filter(({ place }) => !lines.some((l) => crosses(l, reach(place))));

const upright = { bold: false, degrees: 0, leader: undefined } as const;

/** Marks nearer than this to each other, in pixels, look like one. */
const oneMark = 4;

/** Runs whose marks and performance look the same, as those of two models may, share a label; numbers are for one each. */
function labelledTogether({ plot, points }: RooflineScene, isNumbered: boolean): readonly (readonly number[])[] {
  const runs = drawablePoints(plot);
  const isAlike = (i: number, j: number): boolean =>
    runs[i]!.machine === runs[j]!.machine &&
    Math.hypot(points[i]!.outer.x - points[j]!.outer.x, points[i]!.outer.y - points[j]!.outer.y) < oneMark &&
    pointText(plot, runs[i]!)[1] === pointText(plot, runs[j]!)[1];
  const groups: number[][] = [];
  runs.forEach((_, i) => {
    const group = isNumbered ? undefined : groups.find((g) => isAlike(g[0]!, i));
    if (group === undefined) groups.push([i]);
    else group.push(i);
  });
  return groups;
}

/** Names and performance beside the mark of runs, or the number of one in the legend; undefined where it has no room. */
function labelRuns(
  scene: RooflineScene,
  runs: readonly number[],
  isNumbered: boolean,
  taken: Obstacles,
): PlacedLabel | undefined {
  const all = drawablePoints(scene.plot);
  const i = runs[0]!;
  const point = all[i]!;
  const lines = isNumbered
    ? [String(i + 1)]
    : [namesTogether(runs.map((r) => all[r]!.label)), pointText(scene.plot, point)[1]];
  // The first line is bold, and a bold face is a little wider.
  const width = Math.max(...lines.map((line, k) => textWidth(line, fontSize.label) * (k === 0 ? 1.08 : 1)));
  const height = (1 + (lines.length - 1) * lineHeight) * fontSize.label;
  const spot = scene.points[i]!.outer;
  const distances = isNumbered ? [9, 14, 22, 36] : [12, 24, 44, 70, 105, 150];
  const candidates = placesAround(spot, width, height, distances).filter(({ place }) => {
    const leader = leaderOf(spot, place);
    return leader === undefined || !taken.boxes.some((box) => crosses(leader, box));
  });
  const at = placeClear(isNumbered ? candidates : unstruck(candidates, taken.lines.filter(isLevel)), taken);
  if (at === undefined) return undefined;
  const leader = leaderOf(spot, at);
  if (leader !== undefined) taken.lines.push(leader);
  return {
    lines,
    x: at.x,
    y: at.y + fontSize.label - 1,
    size: fontSize.label,
    colour: colourOf(point.machine),
    bold: true,
    degrees: 0,
    boxes: [at],
    leader,
  };
}

type FlatPlace = Rect & {
  readonly text: string;
  /** The place with what is between it and its line. */
  readonly reach: Rect;
};

/** Pixels over or under a level line that still are the line. */
const nearLine = 1.5;

function flatCandidates(at: Segment, text: string, extra: number): Candidate<FlatPlace>[] {
  const width = textWidth(text, fontSize.label);
  const height = fontSize.label;
  const steps = 24;
  const candidates: Candidate<FlatPlace>[] = [];
  for (let step = 0; step <= steps; step++) {
    const left = at.x2 - 6 - width - ((at.x2 - at.x1 - width) * step) / steps;
    for (const above of [true, false]) {
      const y = above ? at.y1 - 5 - height : at.y1 + 4;
      const top = above ? y - nearLine : at.y1 + nearLine;
      const reach = { x: left, y: top, width, height: (above ? at.y1 - nearLine : y + height + nearLine) - top };
      const place = { x: left, y, width, height, text, reach };
      candidates.push({ boxes: [place], place, penalty: step * 3 + (above ? 0 : 12) + extra });
    }
  }
  return candidates;
}

/** A name and its performance over (or under) a horizontal line, as far right as it is free; `bare` without the name. */
function labelFlat(
  scene: RooflineScene,
  line: Segment,
  name: string,
  machine: number,
  taken: Obstacles,
  { bare }: { readonly bare: boolean },
): PlacedLabel | undefined {
  const at = toPixels(line, scene.scales);
  const rate = rateText(line.y1, 'FLOP/s');
  const whole = flatCandidates(at, `${name} ${rate}`, 0);
  const candidates = bare ? [...whole, ...flatCandidates(at, rate, 80)] : whole;
  // A roof has to have its label; slopes may cross it.
  const striking = bare ? taken.lines.filter(isLevel) : taken.lines;
  const place = placeClear(
    unstruck(candidates, striking, ({ reach }) => reach),
    taken,
  );
  if (place === undefined) return undefined;
  const y = place.y + place.height - 2;
  const style = { size: fontSize.label, colour: colourOf(machine), boxes: [place], ...upright };
  return { lines: [place.text], x: place.x, y, ...style };
}

/** Pixels between a slope and the middle line of its text. */
const slopeDistance = 10;

type SlopePlace = Spot & { readonly boxes: readonly Rect[] };

function slopeCandidates(at: Segment, angle: number, width: number): Candidate<SlopePlace>[] {
  const length = Math.hypot(at.x2 - at.x1, at.y2 - at.y1);
  const steps = 24;
  const candidates: Candidate<SlopePlace>[] = [];
  if (length < width + 24) return candidates;
  for (let step = 0; step <= steps; step++) {
    const along = 12 + ((length - width - 24) * step) / steps;
    for (const side of [-1, 1]) {
      const x = at.x1 + along * Math.cos(angle) - side * slopeDistance * Math.sin(angle);
      const y = at.y1 + along * Math.sin(angle) + side * slopeDistance * Math.cos(angle);
      const boxes = slantedBoxes(x, y, angle, width, fontSize.label);
      candidates.push({ boxes, place: { x, y, boxes }, penalty: Math.abs(step - steps / 3) + (side < 0 ? 0 : 6) });
    }
  }
  return candidates;
}

/** The level's name and bandwidth along its slope, above it if there is room. */
function labelSlope(
  { plot, scales }: RooflineScene,
  { machine, level, line }: RooflineScene['layout']['slopes'][number],
  taken: Obstacles,
): PlacedLabel | undefined {
  const { name, bandwidth_bytes_per_s } = plot.machines[machine]!.levels[level]!;
  const label = `${name} ${rateText(bandwidth_bytes_per_s, 'B/s')}`;
  const at = toPixels(line, scales);
  const angle = Math.atan2(at.y2 - at.y1, at.x2 - at.x1);
  // The slope itself is no obstacle: its text runs beside it.
  const others = { ...taken, lines: taken.lines.filter((l) => !isPart(l, at)) };
  const place = placeClear(slopeCandidates(at, angle, textWidth(label, fontSize.label)), others);
  if (place === undefined) return undefined;
  const drop = fontSize.label * 0.35;
  return {
    lines: [label],
    x: place.x - drop * Math.sin(angle),
    y: place.y + drop * Math.cos(angle),
    size: fontSize.label,
    colour: colourOf(machine),
    bold: false,
    degrees: (angle * 180) / Math.PI,
    boxes: place.boxes,
    leader: undefined,
  };
}

const isPart = (a: Segment, b: Segment): boolean => a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;

/** The intensity of a ridge point, above its roof if there is room. */
function labelRidge({ layout, ridges }: RooflineScene, i: number, taken: Obstacles): PlacedLabel | undefined {
  const label = `${significant(Number(layout.ridges[i]!.x.toPrecision(3)), 3)} FLOP/B`;
  const spot = ridges[i]!;
  // Machines may have the same roofs.
  if (ridges.slice(0, i).some((r) => Math.hypot(r.x - spot.x, r.y - spot.y) < 1)) return undefined;
  const width = textWidth(label, fontSize.note);
  const candidates = placesAround(spot, width, fontSize.note, [9, 16, 28]).map((c) =>
    c.place.y + c.place.height <= spot.y ? { ...c, penalty: c.penalty - 20 } : c,
  );
  const at = placeClear(candidates, taken);
  if (at === undefined) return undefined;
  const style = { size: fontSize.note, colour: colourOf(spot.machine), boxes: [at], ...upright };
  return { lines: [label], x: at.x, y: at.y + fontSize.note - 1, ...style };
}

const positions = (all: readonly (PlacedLabel | undefined)[]): readonly number[] =>
  all.flatMap((label, i) => (label === undefined ? [i] : []));

function placeAll(scene: RooflineScene, isNumbered: boolean): RooflineLabels & { readonly isWhole: boolean } {
  const { plot, layout, area } = scene;
  const inside = {
    x: area.left + 2,
    y: area.top + 2,
    width: area.right - area.left - 4,
    height: area.bottom - area.top - 4,
  };
  const lines = [...scene.lines.map((l) => l.at), ...scene.arrows.map((a) => a.at)];
  const taken: Obstacles = { boxes: [], marks: [...marksOf(scene)], lines, frame: inside };
  // What comes first has the choice.
  const roofs = layout.roofs.map(({ line, machine }) =>
    // The colour tells the machine, too.
    labelFlat(scene, line, `${plot.machines[machine]!.name} peak`, machine, taken, { bare: true }),
  );
  const points = labelledTogether(scene, isNumbered).map((runs) => labelRuns(scene, runs, isNumbered, taken));
  const ridges = layout.ridges.map((_, i) => labelRidge(scene, i, taken));
  const slopes = layout.slopes.map((slope) => labelSlope(scene, slope, taken));
  const ceilings = layout.ceilings.map((c) =>
    labelFlat(scene, c.line, `${c.label}:`, c.machine, taken, { bare: false }),
  );
  return {
    labels: [...roofs, ...points, ...ridges, ...slopes, ...ceilings].filter((l) => l !== undefined),
    isNumbered,
    isWhole: points.every((l) => l !== undefined && !isLost(l)),
    unplaced: { roofs: positions(roofs), slopes: positions(slopes), ceilings: positions(ceilings) },
  };
}

/** Runs by their names where all have room beside them, else by numbers. */
export function placeRooflineLabels(scene: RooflineScene): RooflineLabels {
  const named = scene.points.length <= mostNamedPoints ? placeAll(scene, false) : undefined;
  return named?.isWhole === true ? named : placeAll(scene, true);
}
