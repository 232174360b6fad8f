import { blockBytes, heldBytes, keepBytes } from '../../mapper/capacity.ts';
import type { Block, Keep, Loop, PlacedMapping } from '../../mapper/placed.ts';
import { tensorBytes } from '../../mapper/tile.ts';
import { leadingDigit, storedSides } from './sides.ts';
import { hasSteps, nodeAt, type Steps } from './steps.ts';

/** What `capacity.ts` counts, with other numbers. */
export type CompiledRoom = {
  /** Writes the bytes that each level needs to `required`. */
  readonly update: () => void;
  readonly required: Float64Array;
};

/** The largest tile of a keep, in bytes: a constant, times the reach of nodes, times lengths of sides that are cut elsewhere. */
type Tile = {
  readonly bytes: number;
  readonly nodes: Int32Array;
  readonly sides: readonly (readonly { readonly node: number; readonly coefficient: number }[])[];
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
    for (let k = 0; k < tileBytes.length; k++) tileBytes[k] = largestBytes(tiles[k]!, steps) * stages[k]!;
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

function tileOf(p: PlacedMapping, keep: Keep): Tile | undefined {
  const none = { nodes: new Int32Array(0), sides: [] };
  // Outside of all loops nothing cuts it, whatever its accesses.
  if (keep.above.length === 0) return { ...none, bytes: keepBytes(p, keep) / keep.stages };
  const sides = storedSides(p.workload, keep);
  if (sides === undefined) return undefined;
  let bytes = tensorBytes(p.workload.tensors[keep.tensor]!, 1);
  const nodes: number[] = [];
  const others: Tile['sides'][number][] = [];
  for (const side of sides) {
    const leading = leadingDigit(p.workload, side);
    const cut = side.map((t) => ({ ...t, node: nodeAt(p, keep.above, t.variable) }));
    if (side.length > 0 && cut.some((t) => leading === undefined || (t.variable !== leading && t.node !== t.variable)))
      others.push(cut);
    else
      for (const { variable, node } of cut)
        if (node === variable) bytes *= p.workload.variables[variable]!.size;
        else nodes.push(node);
  }
  return { bytes, nodes: Int32Array.from(nodes), sides: others };
}

function largestBytes({ bytes: constant, nodes, sides }: Tile, { reach }: Steps): number {
  let bytes = constant;
  for (let i = 0; i < nodes.length; i++) bytes *= reach[nodes[i]!]!;
  for (let d = 0; d < sides.length; d++) {
    const terms = sides[d]!;
    let length = 1;
    for (let t = 0; t < terms.length; t++) length += terms[t]!.coefficient * (reach[terms[t]!.node]! - 1);
    bytes *= length;
  }
  return bytes;
}

function roomBytes({ room }: Keep, bytes: Float64Array, level: number): number {
  let most = 0;
  for (let i = 0; i < room.length; i++) most = Math.max(most, heldBytes(room[i]!, bytes[room[i]!.id]!, level));
  return most;
}

/**
 * The part of a block that keeps tensors in a level: each room by the first of those that take turns in it. A loop that
 * has nothing beside it and none inside is there together with what is around it.
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
