import type { Objective } from './identity.ts';

/** Values by objective so that less is better in all. */
export const signed = (objectives: readonly Objective[], values: readonly Float64Array[]): readonly Float64Array[] =>
  values.map((v, i) => (objectives[i]!.goal === 'maximize' ? v.map((x) => -x) : v));

/**
 * Which of some points no other beats: less is better in every objective. A point is beaten by one that is at least as
 * good in all of them and better in one; so points that are alike in all are all in the front, or none is. A point with
 * an objective that is no number is not in it.
 */
export function paretoFront(objectives: readonly Float64Array[]): Uint32Array {
  const count = objectives[0]?.length ?? 0;
  const isBefore = (a: number, b: number): number => {
    for (const values of objectives) {
      if (values[a]! < values[b]!) return -1;
      if (values[a]! > values[b]!) return 1;
    }
    return a - b;
  };
  const comparable = Uint32Array.from({ length: count }, (_, i) => i).filter((i) =>
    objectives.every((values) => !Number.isNaN(values[i]!)),
  );
  const sorted = likely(objectives, comparable).sort(isBefore);
  const places = distinct(objectives, sorted);
  const first = Uint32Array.from({ length: places.length - 1 }, (_, k) => sorted[places[k]!]!);
  const beaten = new Uint8Array(count);
  markBeaten(objectives, first, beaten);
  const front: number[] = [];
  for (let k = 0; k + 1 < places.length; k++)
    if (beaten[first[k]!] === 0) for (let i = places[k]!; i < places[k + 1]!; i++) front.push(sorted[i]!);
  return Uint32Array.from(front);
}

/** Where in a sorted list each distinct point begins, and at last its length. */
function distinct(objectives: readonly Float64Array[], sorted: Uint32Array): readonly number[] {
  const places: number[] = [];
  for (let i = 0; i < sorted.length; i++)
    if (i === 0 || objectives.some((values) => values[sorted[i]!] !== values[sorted[i - 1]!])) places.push(i);
  return [...places, sorted.length];
}

/** Points that are compared with all others before these are sorted. */
const mostRivals = 8;

/**
 * All but points that a few good ones beat: of many points most are beaten by any that is good in all objectives, and
 * sorting is what costs.
 */
function likely(objectives: readonly Float64Array[], points: Uint32Array): Uint32Array {
  let left = points;
  for (let k = 0; k < mostRivals && left.length > 0; k++) {
    const rival = balanced(objectives, left, k);
    left = left.filter((i) => !beats(objectives, rival, i));
  }
  return left;
}

/** The point whose objectives, each as a share of its range, are least in sum; one objective weighs more, another each time. */
function balanced(objectives: readonly Float64Array[], points: Uint32Array, time: number): number {
  const ranges = objectives.map((values) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const i of points) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return { least, scale: most > least ? 1 / (most - least) : 0 };
  });
  const heavy = (time % (objectives.length + 1)) - 1;
  let [best, bestSum] = [points[0]!, Number.POSITIVE_INFINITY];
  for (const i of points) {
    let sum = 0;
    for (let o = 0; o < objectives.length; o++)
      sum += (objectives[o]![i]! - ranges[o]!.least) * ranges[o]!.scale * (o === heavy ? 4 : 1);
    if (sum < bestSum) [best, bestSum] = [i, sum];
  }
  return best;
}

function beats(objectives: readonly Float64Array[], a: number, b: number): boolean {
  let isBetter = false;
  for (const values of objectives) {
    if (values[a]! > values[b]!) return false;
    if (values[a]! < values[b]!) isBetter = true;
  }
  return isBetter;
}

/** Smaller tasks are done by comparing all with all. */
const fewPairs = 512;

/**
 * Marks the points of a list, distinct and sorted by all objectives, that others in it beat. A later one beats no
 * earlier one, so halves are done on their own, and what is left of the first is then held against the second
 * (Kung, Luccio and Preparata, "On finding the maxima of a set of vectors", 1975).
 */
function markBeaten(objectives: readonly Float64Array[], sorted: Uint32Array, beaten: Uint8Array): void {
  if (sorted.length < 2) return;
  const middle = sorted.length >>> 1;
  const [first, second] = [sorted.subarray(0, middle), sorted.subarray(middle)];
  markBeaten(objectives, first, beaten);
  markBeaten(objectives, second, beaten);
  const left = (points: Uint32Array): Uint32Array => points.filter((i) => beaten[i] === 0);
  markAgainst(objectives, 1, left(first), left(second), beaten);
}

/** Marks those of `points` to which a rival is as good in the objectives from `from` on; in those before, all rivals are. */
function markAgainst(
  objectives: readonly Float64Array[],
  from: number,
  rivals: Uint32Array,
  points: Uint32Array,
  beaten: Uint8Array,
): void {
  if (rivals.length === 0 || points.length === 0) return;
  const open = objectives.length - from;
  if (open <= 1) markAbove(objectives[from], rivals, points, beaten);
  else if (rivals.length * points.length <= fewPairs) markEach(objectives, from, rivals, points, beaten);
  else if (open === 2) markSwept(objectives[from]!, objectives[from + 1]!, rivals, points, beaten);
  else {
    const values = objectives[from]!;
    const pivot = medianOf(values, rivals, points);
    const [low, high] = [(i: number) => values[i]! < pivot, (i: number) => values[i]! > pivot];
    markAgainst(objectives, from, rivals.filter(low), points.filter(low), beaten);
    markAgainst(objectives, from, rivals.filter(high), points.filter(high), beaten);
    const notLow = points.filter((i) => values[i]! >= pivot && beaten[i] === 0);
    markAgainst(
      objectives,
      from + 1,
      rivals.filter((i) => values[i]! <= pivot),
      notLow,
      beaten,
    );
  }
}

/** One objective is left, or none. */
function markAbove(
  values: Float64Array | undefined,
  rivals: Uint32Array,
  points: Uint32Array,
  beaten: Uint8Array,
): void {
  if (values === undefined) {
    for (const i of points) beaten[i] = 1;
    return;
  }
  let least = Number.POSITIVE_INFINITY;
  for (const i of rivals) least = Math.min(least, values[i]!);
  for (const i of points) if (values[i]! >= least) beaten[i] = 1;
}

function markEach(
  objectives: readonly Float64Array[],
  from: number,
  rivals: Uint32Array,
  points: Uint32Array,
  beaten: Uint8Array,
): void {
  for (const i of points)
    for (const rival of rivals) {
      let o = from;
      while (o < objectives.length && objectives[o]![rival]! <= objectives[o]![i]!) o++;
      if (o < objectives.length) continue;
      beaten[i] = 1;
      break;
    }
}

/** Two objectives are left: along the first, the least of the second is all that need be known of the rivals so far. */
function markSwept(
  x: Float64Array,
  y: Float64Array,
  rivals: Uint32Array,
  points: Uint32Array,
  beaten: Uint8Array,
): void {
  const byX = (a: number, b: number): number => (x[a]! < x[b]! ? -1 : x[a]! > x[b]! ? 1 : 0);
  const inOrder = rivals.toSorted(byX);
  let [least, passed] = [Number.POSITIVE_INFINITY, 0];
  for (const i of points.toSorted(byX)) {
    for (; passed < inOrder.length && x[inOrder[passed]!]! <= x[i]!; passed++)
      least = Math.min(least, y[inOrder[passed]!]!);
    if (passed > 0 && y[i]! >= least) beaten[i] = 1;
  }
}

/** The value in the middle of some of the points', so that either side is smaller than the whole. */
function medianOf(values: Float64Array, ...lists: readonly Uint32Array[]): number {
  const sample: number[] = [];
  for (const list of lists) {
    const step = Math.max(1, Math.floor(list.length / 32));
    for (let i = 0; i < list.length; i += step) sample.push(values[list[i]!]!);
  }
  return Float64Array.from(sample).sort()[sample.length >>> 1]!;
}
