import type { BoundIndex } from '../einsum/workload.ts';
import type { Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { isStoredBy } from '../mapper/tile.ts';

/**
 * A tile comes in pieces: those that the next loop inside cuts it into, so that work can begin on the first while
 * the others are on their way.
 */
export type Cut = {
  /** Dimension of the tensor along which a tile is cut. */
  readonly dimension: number;
  /** The loop, and how far one step of its variable goes along the dimension. */
  readonly loop: Loop;
  readonly coefficient: number;
  /** Coordinates of a step of the loop. */
  readonly step: number;
};

/** A tile comes in at most so many pieces. */
export const mostPieces = 16;

/** How the next loop inside cuts the tiles of a keep, if it does. */
export function findCut(p: PlacedMapping, keep: Keep): Cut | undefined {
  const user = p.computes.find(
    (c) => c.above.length > keep.above.length && (c.output === keep || c.operands.includes(keep)),
  );
  const tensor = p.workload.tensors[keep.tensor]!;
  const access = keep.accesses[0]!;
  const loop = user?.above.slice(keep.above.length).find((l) => isStoredBy(access, tensor, l.variable));
  if (loop === undefined) return undefined;
  const dimension = access.indices.findIndex((i) => i.terms.some((t) => t.variable === loop.variable));
  const index = access.indices[dimension]!;
  const alike = keep.accesses.every((a) => isAlike(a.indices[dimension]!, index));
  if (!alike || index.divisor !== 1 || index.terms.length !== 1 || index.terms[0]!.coefficient < 1) return undefined;
  const { coefficient } = index.terms[0]!;
  return { dimension, loop, coefficient, step: coefficient * loop.tile };
}

const isAlike = (a: BoundIndex, b: BoundIndex): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Coordinates of a piece of a tile that has so many along the cut: whole steps. */
export const pieceLength = ({ step }: Pick<Cut, 'step'>, length: number): number =>
  step * Math.max(1, Math.ceil(length / step / mostPieces));
