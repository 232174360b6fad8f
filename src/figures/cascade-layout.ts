import { Graph, layout } from '@dagrejs/dagre';
import { type Box, boxLineHeight, boxOf, type CascadeBox, gap, labelOf, labelWidth } from './cascade-boxes.ts';
import type { CascadeGraph } from './cascade-graph.ts';
import { cascadeLayers } from './cascade-layers.ts';
import { type CascadeRoute, type Place, routesOf } from './cascade-routes.ts';
import { leastRowWidth, spreadRow } from './spread-row.ts';

/** Boxes, routes and bands of a graph from its top left corner; lengths are pixels. */
export type CascadeLayout = {
  readonly width: number;
  readonly height: number;
  /** By position in the graph's nodes. */
  readonly boxes: readonly CascadeBox[];
  readonly routes: readonly CascadeRoute[];
  /** What runs in each pass that there is, from the first on. */
  readonly bands: readonly { readonly pass: number; readonly top: number; readonly bottom: number }[];
};

/** The topmost node of each part that hangs together. */
function topsOf({ nodes, edges }: CascadeGraph, layers: readonly number[]): readonly number[] {
  const part = nodes.map((_, i) => i);
  const find = (i: number): number => (part[i] === i ? i : find(part[i]!));
  for (const { from, to } of edges) part[find(to)] = find(from);
  const tops = new Map<number, number>();
  for (const i of nodes.keys()) {
    const top = tops.get(find(i));
    if (top === undefined || layers[i]! < layers[top]!) tops.set(find(i), i);
  }
  return [...tops.values()];
}

/** What has a place of its own across: a box, or a route where it passes one of the rows. */
type Item = { x: number; y: number; readonly width: number; readonly gap: number };

type Arranged = { readonly boxes: readonly Item[]; readonly bends: readonly (readonly Item[])[] };

const root = 'root';

/** Where dagre has boxes and routes, which knows how to keep these short and apart. */
function arrange({ edges, ...graph }: CascadeGraph, boxes: readonly Box[], layers: readonly number[]): Arranged {
  const g = new Graph({ multigraph: true });
  g.setGraph({ rankdir: 'TB', nodesep: gap.node, edgesep: gap.edge, ranksep: gap.layer });
  for (const [i, { width, loop, height }] of boxes.entries()) g.setNode(String(i), { width: width + loop, height });
  const tops = topsOf({ edges, ...graph }, layers);
  if (tops.length > 1) {
    g.setNode(root, { width: 0, height: 0 });
    for (const top of tops) g.setEdge(root, String(top), { minlen: layers[top]! + 1, weight: 0 });
  }
  // A route goes down, whichever way its arrow points; it is as long as its layers are apart, so that they stay as they are.
  const ends = edges.map(({ from, to }) => (layers[from]! > layers[to]! ? [to, from] : [from, to]) as [number, number]);
  edges.forEach((edge, k) => {
    const [upper, lower] = ends[k]!;
    if (upper === lower) return;
    const words = labelOf(edge) === undefined ? {} : { width: labelWidth(edge), height: boxLineHeight, labelpos: 'c' };
    const minlen = layers[lower]! - layers[upper]!;
    g.setEdge(String(upper), String(lower), { minlen, weight: edge.kind === 'reads' ? 2 : 1, ...words }, String(k));
  });
  layout(g);
  const bends = edges.map((edge, k): readonly Item[] => {
    const [upper, lower] = ends[k]!;
    if (upper === lower) return [];
    const { points, x, y } = g.edge(String(upper), String(lower), String(k)) as unknown as Place & { points: Place[] };
    const isLabel = (p: Place): boolean => labelOf(edge) !== undefined && p.x === x && p.y === y;
    return points.slice(1, -1).map((p) => ({ ...p, width: isLabel(p) ? labelWidth(edge) : 0, gap: gap.edge }));
  });
  return {
    boxes: boxes.map(({ width, loop }, i) => ({ ...(g.node(String(i)) as Place), width: width + loop, gap: gap.node })),
    bends,
  };
}

/** Moves items within their rows so that all are within the room, if they can be; gives the width that they need. */
function squeeze({ boxes, bends }: Arranged, room: number): number {
  const items = [...boxes, ...bends.flat()];
  const left = Math.min(...items.map((i) => i.x - i.width / 2));
  const natural = Math.max(...items.map((i) => i.x + i.width / 2)) - left;
  const rows = [...new Set(items.map((i) => i.y))].map((y) =>
    items.filter((i) => i.y === y).toSorted((a, b) => a.x - b.x),
  );
  const least = Math.max(
    ...rows.map((row) => leastRowWidth(row.map(({ width, gap: g }) => ({ wanted: 0, width, gap: g })))),
  );
  const width = Math.max(least, Math.min(natural, room));
  for (const row of rows) {
    const wanted = row.map((i) => ({ wanted: ((i.x - left) * width) / natural, width: i.width, gap: i.gap }));
    spreadRow(wanted, width).forEach((x, i) => {
      row[i]!.x = x;
    });
  }
  return width;
}

/** From the top of the first layer to the bottom of the last, with half of what is between layers around. */
function bandsOf(
  { passes }: CascadeGraph,
  boxes: readonly CascadeBox[],
  layers: readonly number[],
): CascadeLayout['bands'] {
  return Array.from({ length: passes?.passes ?? 0 }, (_, p) => {
    const ofPass = (isOne: (pass: number) => boolean): readonly number[] =>
      layers.filter((_, i) => boxes[i]!.node.pass !== undefined && isOne(boxes[i]!.node.pass));
    const first = Math.max(-1, ...ofPass((pass) => pass <= p)) + 1;
    const last = Math.max(first, ...ofPass((pass) => pass === p + 1));
    const within = boxes.filter((_, i) => layers[i]! >= first && layers[i]! <= last);
    return {
      pass: p + 1,
      top: Math.min(...within.map((b) => b.y)) - gap.layer / 2 + 1,
      bottom: Math.max(...within.map((b) => b.y + b.height)) + gap.layer / 2 - 1,
    };
  });
}

/** Layers get fewer boxes until all fits the room, or each has one. */
export function layoutCascade(graph: CascadeGraph, room: number): CascadeLayout {
  const boxes = graph.nodes.map((_, i) => boxOf(graph, i, room));
  for (let share = 1; ; share *= 0.85) {
    const widths = boxes.map(({ width, loop }) => width + loop + gap.node);
    const layers = cascadeLayers(graph, widths, room * share);
    const arranged = arrange(graph, boxes, layers);
    const width = squeeze(arranged, room);
    if (width > room && new Set(layers).size < layers.length) continue;
    const top = Math.min(...boxes.map(({ height }, i) => arranged.boxes[i]!.y - height / 2)) - gap.layer / 2;
    for (const item of [...arranged.boxes, ...arranged.bends.flat()]) item.y -= top;
    const placed = boxes.map(({ loop, ...box }, i): CascadeBox => {
      const { x, y } = arranged.boxes[i]!;
      return { ...box, x: x - (box.width + loop) / 2, y: y - box.height / 2 };
    });
    return {
      width,
      height: Math.max(...placed.map((b) => b.y + b.height)) + gap.layer / 2,
      boxes: placed,
      routes: routesOf(graph, placed, arranged.bends),
      bands: bandsOf(graph, placed, layers),
    };
  }
}
