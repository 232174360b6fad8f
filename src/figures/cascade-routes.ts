import { type CascadeBox, labelOf, labelWidth, loopWidth } from './cascade-boxes.ts';
import type { CascadeEdge, CascadeGraph } from './cascade-graph.ts';
import type { Rect } from './label-placement.ts';

export type Place = { readonly x: number; readonly y: number };

export type CascadeRoute = {
  readonly edge: CascadeEdge;
  /** From the edge of a box to that of another, upright at each. */
  readonly points: readonly Place[];
  readonly label: (Place & { readonly text: string }) | undefined;
};

/** Where a route passes a row, and how wide what it has with it there is. */
export type Bend = Place & { readonly width: number };

/** Where the routes of a box leave or enter it: side by side, in the order of where they come from. */
function ports(box: Rect, ends: readonly { readonly route: number; readonly towards: number }[]): Map<number, number> {
  const sorted = ends.toSorted((a, b) => a.towards - b.towards);
  return new Map(sorted.map(({ route }, k) => [route, box.x + (box.width * (k + 1)) / (sorted.length + 1)]));
}

type Row = { readonly y: number; readonly top: number; readonly bottom: number };

function rowsOf(boxes: readonly CascadeBox[]): readonly Row[] {
  const middle = (b: CascadeBox): number => b.y + b.height / 2;
  return [...new Set(boxes.map(middle))].map((y) => {
    const own = boxes.filter((b) => middle(b) === y);
    return { y, top: Math.min(...own.map((b) => b.y)), bottom: Math.max(...own.map((b) => b.y + b.height)) };
  });
}

/** Routes that pass upright between the boxes of a row, and bend only between rows. */
export function routesOf(
  { edges }: CascadeGraph,
  boxes: readonly CascadeBox[],
  bends: readonly (readonly Bend[])[],
): readonly CascadeRoute[] {
  const rows = rowsOf(boxes);
  const middles = bends.map((items, k) =>
    items.flatMap(({ x, y, width }): Place[] => {
      const row = rows.find((r) => r.y === y);
      if (row !== undefined)
        return [
          { x, y: row.top },
          { x, y: row.bottom },
        ];
      return width > 0 && labelOf(edges[k]!) !== undefined ? [{ x, y }] : [];
    }),
  );
  const centre = (i: number): number => boxes[i]!.x + boxes[i]!.width / 2;
  const isUpper = (a: number, b: number): boolean => boxes[a]!.y < boxes[b]!.y;
  const sideOf = (i: number, side: 'top' | 'bottom') =>
    edges.flatMap(({ from, to }, route) => {
      if (from === to || (from !== i && to !== i)) return [];
      const other = from === i ? to : from;
      if (isUpper(i, other) !== (side === 'bottom')) return [];
      return [
        { route, towards: (side === 'bottom' ? middles[route]![0] : middles[route]!.at(-1))?.x ?? centre(other) },
      ];
    });
  const out = boxes.map((box, i) => ports(box, sideOf(i, 'bottom')));
  const into = boxes.map((box, i) => ports(box, sideOf(i, 'top')));
  return edges.map((edge, k): CascadeRoute => {
    const { from, to } = edge;
    const text = labelOf(edge);
    if (from === to) {
      const { x, y, width, height } = boxes[from]!;
      const right = x + width;
      const label =
        text === undefined ? undefined : { x: right + loopWidth + 4 + labelWidth(edge) / 2, y: y + height / 2, text };
      return {
        edge,
        points: [
          { x: right, y: y + height * 0.75 },
          { x: right, y: y + height * 0.25 },
        ],
        label,
      };
    }
    const [upper, lower] = isUpper(from, to) ? [from, to] : [to, from];
    const points = [
      { x: out[upper]!.get(k)!, y: boxes[upper]!.y + boxes[upper]!.height },
      ...middles[k]!,
      { x: into[lower]!.get(k)!, y: boxes[lower]!.y },
    ];
    const at = bends[k]!.find((item) => item.width > 0);
    return {
      edge,
      points: upper === from ? points : points.toReversed(),
      label: text === undefined || at === undefined ? undefined : { x: at.x, y: at.y, text },
    };
  });
}
