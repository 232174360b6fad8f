import type { Loop, PlacedMapping } from '../../mapper/placed.ts';
import { leadingDigit, type Side } from './sides.ts';

/**
 * How the loops cut the variables. A node is a place on the way from a whole variable to its innermost loop: the
 * variable (by its position), or, after those, one of its loops (by id). At each, the variable is in pieces of few
 * lengths.
 */
export type Steps = {
  /** Node around each loop: the next loop over its variable, or the variable. */
  readonly around: Int32Array;
  /** By node: its pieces. */
  readonly pieces: Float64Array;
  /** By node: the longest that a piece can be, whatever is left over. */
  readonly reach: Float64Array;
  /** By node: how many lengths there are. Those of a node are `width` apart in the arrays that follow. */
  readonly kinds: Int32Array;
  readonly width: number;
  readonly lengths: Float64Array;
  /** Pieces of each length. */
  readonly times: Float64Array;
};

const nodeOf = (p: PlacedMapping, loop: Loop): number => p.workload.variables.length + loop.id;

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

/** Steps with whole variables; what the loops make of them is for `cutSteps`, which writes pieces to `pieces`. */
export function createSteps(p: PlacedMapping, pieces: Float64Array): Steps {
  const { variables } = p.workload;
  const nodes = variables.length + p.loops.length;
  const width = 1 + Math.max(0, ...p.loops.map((l) => 1 + l.above.filter((a) => a.variable === l.variable).length));
  const steps: Steps = {
    around: Int32Array.from(p.loops, (l) => nodeAt(p, l.above, l.variable)),
    pieces,
    reach: new Float64Array(nodes),
    kinds: new Int32Array(nodes),
    width,
    lengths: new Float64Array(nodes * width),
    times: new Float64Array(nodes * width),
  };
  variables.forEach(({ size }, v) => {
    pieces[v] = 1;
    steps.reach[v] = size;
    steps.kinds[v] = 1;
    steps.lengths[v * width] = size;
    steps.times[v * width] = 1;
  });
  return steps;
}

/** Cuts the variables by the tiles of the loops. */
export function cutSteps(s: Steps, tiles: Float64Array): void {
  const { around, pieces, reach, kinds, width, lengths, times } = s;
  const first = pieces.length - tiles.length;
  for (let l = 0; l < tiles.length; l++) {
    const tile = tiles[l]!;
    const outer = around[l]!;
    const node = first + l;
    const at = node * width;
    let full = 0;
    let ragged = 0;
    let k = 1;
    for (let i = outer * width, end = i + kinds[outer]!; i < end; i++) {
      const steps = Math.floor(lengths[i]! / tile);
      const left = lengths[i]! - steps * tile;
      full += steps * times[i]!;
      if (left === 0) continue;
      lengths[at + k] = left;
      times[at + k] = times[i]!;
      ragged += times[i]!;
      k++;
    }
    // There may be no full step: of a loop that is longer than what it divides.
    lengths[at] = tile;
    times[at] = full;
    kinds[node] = k;
    pieces[node] = full + ragged;
    reach[node] = Math.min(reach[outer]!, tile);
  }
}

/** Coordinates in those pieces of a node that are at most so long. */
export function coordinatesUpTo({ kinds, width, lengths, times }: Steps, node: number, limit: number): number {
  let sum = 0;
  for (let i = node * width, end = i + kinds[node]!; i < end; i++)
    if (lengths[i]! <= limit) sum += lengths[i]! * times[i]!;
  return sum;
}

/** Passes of so many lanes over all pieces of a node, each piece on its own. */
export function passesOver({ kinds, width, lengths, times }: Steps, node: number, lanes: number): number {
  let sum = 0;
  for (let i = node * width, end = i + kinds[node]!; i < end; i++) sum += times[i]! * Math.ceil(lengths[i]! / lanes);
  return sum;
}

/** Whether a loop has more than one step anywhere. */
export const hasSteps = (s: Steps, tiles: Float64Array, loop: number): boolean =>
  s.reach[s.around[loop]!]! > tiles[loop]!;
