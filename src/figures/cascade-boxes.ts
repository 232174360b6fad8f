import type { CascadeEdge, CascadeGraph, CascadeNode } from './cascade-graph.ts';
import { type Rect, textWidth } from './label-placement.ts';
import { fontSize } from './style.ts';
import { wrapText } from './text.ts';

export type CascadeBox = Rect & {
  readonly node: CascadeNode;
  readonly heading: readonly string[];
  readonly operation: readonly string[];
};

export const boxLineHeight = 16;
export const boxPadding = { x: 10, y: 6 } as const;
/** Bold letters are wider. */
const bold = 1.08;
export const gap = { node: 18, edge: 10, layer: 36 } as const;
/** Right of a box that is carried to itself, beside the words there. */
export const loopWidth = 16;
/** Widest text in a box. */
const widestText = { wide: 210, narrow: 150 } as const;

/** A box that has no place yet. */
export type Box = Omit<CascadeBox, 'x' | 'y'> & {
  /** Beside it, for what is carried to itself. */
  readonly loop: number;
};

/** What stands beside an edge to the next iteration. */
export const labelOf = ({ along }: CascadeEdge): string | undefined =>
  along === undefined ? undefined : `next ${along}`;

export const labelWidth = (edge: CascadeEdge): number => textWidth(labelOf(edge) ?? '', fontSize.note);

export function boxOf({ nodes, edges }: CascadeGraph, i: number, room: number): Box {
  const node = nodes[i]!;
  const most = room < 500 ? widestText.narrow : widestText.wide;
  const heading = wrapText(`${node.name}${node.indices}`, most, fontSize.label * bold);
  const operation = node.operation === undefined ? [] : wrapText(node.operation, most, fontSize.label);
  const widths = [
    ...heading.map((line) => textWidth(line, fontSize.label * bold)),
    ...operation.map((line) => textWidth(line, fontSize.label)),
  ];
  const own = edges.find((e) => e.from === i && e.to === i);
  return {
    node,
    heading,
    operation,
    width: Math.ceil(Math.max(40, ...widths) + 2 * boxPadding.x),
    height: (heading.length + operation.length) * boxLineHeight + 2 * boxPadding.y,
    loop: own === undefined ? 0 : loopWidth + 6 + labelWidth(own),
  };
}
