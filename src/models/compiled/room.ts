import { blockBytes, heldBytes, keepBytes, type Room } from '../../mapper/capacity.ts';
import type { Block, Branch, Keep, PlacedMapping } from '../../mapper/placed.ts';
import { tensorBytes } from '../../mapper/tile.ts';
import { type Side, storedSides } from './sides.ts';
import { hasSteps, nodeAt, type Steps } from './steps.ts';

/** What `capacity.ts` counts, with other numbers. */
export type CompiledRoom = {
  /** Writes the bytes that each level needs to `required`. */
  readonly update: () => void;
  readonly required: Float64Array;
};

/** The largest tile of a keep: bytes of what no loop cuts, and the sides that loops cut. */
type Tile = {
  readonly uncut_bytes: number;
  readonly sides: readonly {
    readonly size: number;
    readonly terms: readonly { readonly node: number; readonly coefficient: number }[];
  }[];
};

type OpenNumbers = {
  readonly steps: Steps;
  readonly tiles: Float64Array;
  readonly stages: Float64Array;
  readonly inFlight: Float64Array;
};

/** Undefined where a tile is no product of its sides. */
export function compileRoom(p: PlacedMapping, open: OpenNumbers): CompiledRoom | undefined {
  const tiles = p.keeps.map((keep) => tileOf(p, keep));
  if (tiles.includes(undefined)) return undefined;
  const { levels } = p.machine;
  const required = new Float64Array(levels.length);
  const bytes = new Float64Array(p.keeps.length);
  const blocks = levels.map((_, level) => keptIn(p.root, level));
  const rooms = levels.map(
    (_, level): Room => ({
      bytesOf: (keep) => roomBytes(keep, bytes, level),
      stagesOf: (keep) => open.stages[keep.id]!,
      inFlightOf: (loop) => open.inFlight[loop.id]!,
      moves: (loop) => hasSteps(open.steps, open.tiles, loop.id),
    }),
  );
  const capacities = levels.map(({ memory }) => memory?.capacity_bytes ?? Number.POSITIVE_INFINITY);
  const update = (): void => {
    for (let k = 0; k < bytes.length; k++) bytes[k] = tileBytes(tiles[k]!, open.steps) * open.stages[k]!;
    for (let l = 0; l < required.length; l++)
      required[l] = Math.min(blockBytes(rooms[l]!, blocks[l]!, true), capacities[l]!);
  };
  return { update, required };
}

function tileOf(p: PlacedMapping, keep: Keep): Tile | undefined {
  // Outside of all loops nothing cuts it, whatever its accesses.
  if (keep.above.length === 0) return { uncut_bytes: keepBytes(p, keep) / keep.stages, sides: [] };
  const sides = storedSides(p.workload, keep);
  if (sides === undefined) return undefined;
  const tensor = p.workload.tensors[keep.tensor]!;
  const sizes = tensor.dimensions.filter((d) => !d.carried).map((d) => d.size);
  const measured = sides.map((side: Side, d) => ({
    size: sizes[d]!,
    terms: side.map(({ variable, coefficient }) => ({ node: nodeAt(p, keep.above, variable), coefficient })),
  }));
  return { uncut_bytes: tensorBytes(tensor, 1), sides: measured };
}

function tileBytes({ uncut_bytes, sides }: Tile, { reach }: Steps): number {
  let bytes = uncut_bytes;
  for (let d = 0; d < sides.length; d++) {
    const { size, terms } = sides[d]!;
    let length = 1;
    for (let t = 0; t < terms.length; t++) length += terms[t]!.coefficient * (reach[terms[t]!.node]! - 1);
    bytes *= Math.min(size, length);
  }
  return bytes;
}

function roomBytes({ room }: Keep, bytes: Float64Array, level: number): number {
  let most = 0;
  for (let i = 0; i < room.length; i++) most = Math.max(most, heldBytes(room[i]!, bytes[room[i]!.id]!, level));
  return most;
}

/** The part of a block that keeps tensors in a level: each room by the first of those that take turns in it. */
function keptIn(block: Block, level: number): Block {
  const branches = block.branches.flatMap((branch): readonly Branch[] => {
    if (branch.kind === 'compute') return [];
    const inside = keptIn(branch.block, level);
    return inside.keeps.length + inside.branches.length > 0 ? [{ ...branch, block: inside }] : [];
  });
  const holds = (k: Keep): boolean => k.level === level || (k.parent === undefined && k.spill?.level === level);
  return { ...block, keeps: block.keeps.filter((k) => k.room[0] === k && k.room.some(holds)), branches };
}
