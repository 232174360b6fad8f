/** Where labels of a plot go so that they cover neither each other nor marks. All lengths are pixels. */

export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Segment = { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };

/** One place for a label, as the boxes that its text would cover (several for slanted text). */
export type Candidate<T> = {
  readonly boxes: readonly Rect[];
  readonly place: T /** Grows as the place gets worse. */;
  readonly penalty: number;
};

export type Obstacles = {
  readonly boxes: Rect[];
  readonly marks: Rect[];
  readonly lines: Segment[];
  readonly frame: Rect;
};

/**
 * Width of a text in a Helvetica-like face, by classes of characters: a little wide rather than
 * narrow. There is no text measuring without a browser.
 */
export function textWidth(text: string, size: number): number {
  let em = 0;
  for (const c of text) {
    if ("ijl.,:;'|!".includes(c)) em += 0.27;
    else if ('frt()[]/ -I'.includes(c)) em += 0.34;
    else if ('mwMW%@'.includes(c)) em += 0.88;
    else if (c >= 'A' && c <= 'Z') em += 0.7;
    // Arrows, and letters as wide as they are high.
    else if (c > '\u2100') em += 1;
    else em += 0.565;
  }
  return em * size;
}

export const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const inside = (a: Rect, frame: Rect): boolean =>
  a.x >= frame.x &&
  a.y >= frame.y &&
  a.x + a.width <= frame.x + frame.width &&
  a.y + a.height <= frame.y + frame.height;

/** Liang-Barsky: does any part of the segment lie in the box? */
export function crosses(s: Segment, box: Rect): boolean {
  let from = 0;
  let to = 1;
  const dx = s.x2 - s.x1;
  const dy = s.y2 - s.y1;
  const edges: readonly (readonly [number, number])[] = [
    [-dx, s.x1 - box.x],
    [dx, box.x + box.width - s.x1],
    [-dy, s.y1 - box.y],
    [dy, box.y + box.height - s.y1],
  ];
  for (const [p, q] of edges) {
    if (p === 0) {
      if (q < 0) return false;
      continue;
    }
    const t = q / p;
    if (p < 0) from = Math.max(from, t);
    else to = Math.min(to, t);
  }
  return from <= to;
}

/** A label over a label is unreadable, over a mark hides a result, over a line is only ugly. */
const weights = { frame: 1e6, label: 1e4, mark: 3e3, line: 100 };

function cost(candidate: Candidate<unknown>, obstacles: Obstacles): number {
  let total = candidate.penalty;
  for (const box of candidate.boxes) {
    if (!inside(box, obstacles.frame)) total += weights.frame;
    for (const other of obstacles.boxes) if (overlap(box, other)) total += weights.label;
    for (const mark of obstacles.marks) if (overlap(box, mark)) total += weights.mark;
    for (const line of obstacles.lines) if (crosses(line, box)) total += weights.line;
  }
  return total;
}

function cheapest<T>(candidates: readonly Candidate<T>[], obstacles: Obstacles): [Candidate<T> | undefined, number] {
  let best: Candidate<T> | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const c = cost(candidate, obstacles);
    if (c < bestCost) {
      best = candidate;
      bestCost = c;
    }
  }
  return [best, bestCost];
}

/** Takes the cheapest candidate (the first of equals) and adds its boxes to the obstacles. */
export function placeLabel<T>(candidates: readonly Candidate<T>[], obstacles: Obstacles): T | undefined {
  const [best] = cheapest(candidates, obstacles);
  if (best !== undefined) obstacles.boxes.push(...best.boxes);
  return best?.place;
}

/** The same, but nothing where even the cheapest covers a label or a mark, or leaves the frame. */
export function placeClear<T>(candidates: readonly Candidate<T>[], obstacles: Obstacles): T | undefined {
  const [best] = cheapest(candidates, obstacles);
  const { frame, boxes, marks } = obstacles;
  const isClear = best?.boxes.every(
    (box) => inside(box, frame) && ![...boxes, ...marks].some((other) => overlap(box, other)),
  );
  if (best === undefined || isClear !== true) return undefined;
  boxes.push(...best.boxes);
  return best.place;
}

/** Places around a spot, from near to far, as boxes of the text. */
export function placesAround(
  spot: { x: number; y: number },
  width: number,
  height: number,
  distances: readonly number[],
): Candidate<Rect>[] {
  const { x, y } = spot;
  return distances.flatMap((d, ring) => {
    const diagonal = d * 0.75;
    const corners: readonly (readonly [number, number])[] = [
      [x + d, y - height / 2],
      [x - d - width, y - height / 2],
      [x - width / 2, y + d],
      [x - width / 2, y - d - height],
      [x + diagonal, y + diagonal],
      [x - diagonal - width, y + diagonal],
      [x - diagonal - width, y - diagonal - height],
      [x + diagonal, y - diagonal - height],
      [x - width * 0.25, y + d],
      [x - width * 0.75, y + d],
      [x - width * 0.25, y - d - height],
      [x - width * 0.75, y - d - height],
    ];
    return corners.map(([left, top], i) => {
      const place = { x: left, y: top, width, height };
      return { boxes: [place], place, penalty: ring * 40 + i };
    });
  });
}

/** Boxes along a slanted line of text that starts at (x, y) with this angle in radians. */
export function slantedBoxes(x: number, y: number, angle: number, width: number, height: number): readonly Rect[] {
  const steps = Math.max(1, Math.ceil(width / height));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const along = (width * i) / steps;
    return {
      x: x + along * Math.cos(angle) - height / 2,
      y: y + along * Math.sin(angle) - height / 2,
      width: height,
      height,
    };
  });
}
