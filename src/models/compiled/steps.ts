import type { Loop, PlacedMapping } from '../../mapper/placed.ts';
import type { Value } from './graph.ts';
import type { OpenMapping } from './open.ts';
import { leadingDigit, type Side } from './sides.ts';

/**
 * Pieces of a variable at a node: a place on the way from the whole variable to its innermost loop. The node of a
 * variable is its position; those of loops follow, by id.
 */
export type Pieces = {
  /** How many there are. */
  readonly count: Value;
  /** The longest that one can be, whatever is left over. */
  readonly reach: Value;
  /** Each length that there is, and how many have it; a length may be 0. */
  readonly lengths: readonly { readonly length: Value; readonly times: Value }[];
};

export const nodeOf = (p: PlacedMapping, loop: Loop): number => p.workload.variables.length + loop.id;

/** The innermost node of a variable inside some loops. */
export function nodeAt(p: PlacedMapping, above: readonly Loop[], variable: number): number {
  const loop = above.findLast((l) => l.variable === variable);
  return loop === undefined ? variable : nodeOf(p, loop);
}

/** Whether loops cut a side only where its pieces have neither gaps nor overlap. */
export const isCutLeading = (p: PlacedMapping, above: readonly Loop[], side: Side): boolean => {
  const leading = leadingDigit(p.workload, side);
  const isWhole = (variable: number): boolean => nodeAt(p, above, variable) === variable;
  return (
    side.length === 0 || (leading !== undefined && side.every((t) => t.variable === leading || isWhole(t.variable)))
  );
};

/** Pieces by node, as the loops cut the variables. */
export function piecesOf(open: OpenMapping): readonly Pieces[] {
  const { p, tiles } = open;
  const nodes = open.sizes.map((size): Pieces => ({ count: 1, reach: size, lengths: [{ length: size, times: 1 }] }));
  for (const loop of p.loops) nodes.push(cut(open, nodes[nodeAt(p, loop.above, loop.variable)]!, tiles[loop.id]!));
  return nodes;
}

function cut({ graph: g }: OpenMapping, outer: Pieces, tile: Value): Pieces {
  const reach = g.min(tile, outer.reach);
  let full: Value = 0;
  let count: Value = 0;
  const ragged: { readonly length: Value; readonly times: Value }[] = [];
  for (const { length, times } of outer.lengths) {
    const steps = g.floor(g.divide(length, reach));
    const left = g.subtract(length, g.multiply(steps, reach));
    full = g.add(full, g.multiply(steps, times));
    count = g.add(count, g.multiply(g.ceil(g.divide(length, reach)), times));
    if (left !== 0) ragged.push({ length: left, times });
  }
  return { count, reach, lengths: [{ length: reach, times: full }, ...ragged] };
}
