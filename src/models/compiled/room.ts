import { blockBytes, heldBytes, keepBytes } from '../../mapper/capacity.ts';
import type { Block, Keep, Loop, PlacedMapping } from '../../mapper/placed.ts';
import { tensorBytes } from '../../mapper/tile.ts';
import { type Product, product } from './factors.ts';
import { storedSides } from './sides.ts';
import { hasSteps, isCutLeading, nodeAt, type Steps } from './steps.ts';
import { addUp, createSums } from './sums.ts';

/** What `capacity.ts` counts, with other numbers. */
export type CompiledRoom = {
  /** Writes the bytes that each level needs to `required`. */
  readonly update: () => void;
  readonly required: Float64Array;
};

type OpenNumbers = {
  readonly steps: Steps;
  readonly tiles: Float64Array;
  readonly stages: Float64Array;
  readonly inFlight: Float64Array;
};

/** Undefined where a tile is no product of its sides. */
export function compileRoom(p: PlacedMapping, open: OpenNumbers): CompiledRoom | undefined {
  const tiles = p.keeps.map((keep) => largestTile(p, keep));
  if (!tiles.every((tile) => tile !== undefined)) return undefined;
  const largest = createSums(tiles.map((tile) => [tile]));
  const { levels } = p.machine;
  const { steps, stages, inFlight } = open;
  const required = new Float64Array(levels.length);
  const tileBytes = new Float64Array(p.keeps.length);
  const moves = new Float64Array(p.loops.length);
  const capacities = levels.map(({ memory }) => memory?.capacity_bytes ?? Number.POSITIVE_INFINITY);
  const blocks = levels.map((_, level) => keptIn(p.root, level));
  const rooms = blocks.map((block) => {
    const shared = keepsOf(block).filter((keep) => keep.room.length > 1 || keep.spill !== undefined);
    const bytes = shared.length === 0 ? tileBytes : new Float64Array(p.keeps.length);
    return { bytes, shared, stages, inFlight, moves };
  });
  const update = (): void => {
    addUp(largest, steps.reach, tileBytes);
    for (let k = 0; k < tileBytes.length; k++) tileBytes[k] = tileBytes[k]! * stages[k]!;
    for (let l = 0; l < moves.length; l++) moves[l] = hasSteps(steps, open.tiles, l) ? 1 : 0;
    for (let l = 0; l < required.length; l++) {
      const { bytes, shared } = rooms[l]!;
      if (shared.length > 0) bytes.set(tileBytes);
      for (let k = 0; k < shared.length; k++) bytes[shared[k]!.id] = roomBytes(shared[k]!, tileBytes, l);
      required[l] = Math.min(blockBytes(rooms[l]!, blocks[l]!, true), capacities[l]!);
    }
  };
  return { update, required };
}

/** Bytes of the largest tile of a keep: a constant times the reach of nodes. */
function largestTile(p: PlacedMapping, keep: Keep): Product | undefined {
  // Outside of all loops nothing cuts it, whatever its accesses.
  if (keep.above.length === 0) return product(keepBytes(p, keep) / keep.stages);
  const sides = storedSides(p.workload, keep);
  if (sides?.every((side) => isCutLeading(p, keep.above, side)) !== true) return undefined;
  const terms = sides.flat().map(({ variable }) => ({ variable, node: nodeAt(p, keep.above, variable) }));
  const whole = terms.filter((t) => t.node === t.variable);
  const elements = whole.reduce((n, t) => n * p.workload.variables[t.variable]!.size, 1);
  const bytes = tensorBytes(p.workload.tensors[keep.tensor]!, elements);
  return product(bytes, ...terms.filter((t) => !whole.includes(t)).map((t) => t.node));
}

function roomBytes({ room }: Keep, bytes: Float64Array, level: number): number {
  let most = 0;
  for (let i = 0; i < room.length; i++) most = Math.max(most, heldBytes(room[i]!, bytes[room[i]!.id]!, level));
  return most;
}

/**
 * The part of a block that keeps tensors in a level: each room by the first of those that take turns in it. A loop
 * that has nothing beside it and none inside is there together with what is around it.
 */
function keptIn(block: Block, level: number): Block {
  const holds = (k: Keep): boolean => k.level === level || (k.parent === undefined && k.spill?.level === level);
  const keeps = block.keeps.filter((k) => k.room[0] === k && k.room.some(holds));
  const branches = block.branches.flatMap((branch): readonly Loop[] => {
    if (branch.kind === 'compute') return [];
    const inside = keptIn(branch.block, level);
    return inside.keeps.length + inside.branches.length > 0 ? [{ ...branch, block: inside }] : [];
  });
  const [only] = branches;
  if (branches.length === 1 && !only!.trailing && only!.block.branches.length === 0)
    return { ...block, keeps: [...keeps, ...only!.block.keeps], branches: [] };
  return { ...block, keeps, branches };
}

const keepsOf = ({ keeps, branches }: Block): readonly Keep[] => [
  ...keeps,
  ...branches.flatMap((branch) => (branch.kind === 'loop' ? keepsOf(branch.block) : [])),
];
