import { keepBytes } from '../../mapper/capacity.ts';
import type { Block, Keep, Loop } from '../../mapper/placed.ts';
import { tensorBytes } from '../../mapper/tile.ts';
import { type Factors, ifMoving, productOf } from './factors.ts';
import type { Value } from './graph.ts';
import { isCutLeading, nodeAt } from './steps.ts';

/** What `capacity.ts` says, of open numbers: the bytes that each level needs. Undefined where a tile is no product of its sides. */
export function roomOf(f: Factors): readonly Value[] | undefined {
  const { p, graph: g } = f;
  const tiles = p.keeps.map((keep) => largestTile(f, keep));
  if (tiles.includes(undefined)) return undefined;
  const bytes = tiles.map((tile, k) => g.multiply(tile!, f.stages[k]!));
  return p.machine.levels.map(({ memory }, level) => {
    const required = blockBytes({ f, bytes, level }, p.root, 1);
    return memory?.capacity_bytes === undefined ? required : g.min(required, memory.capacity_bytes);
  });
}

/** Bytes of the largest tile of a keep. */
function largestTile(f: Factors, keep: Keep): Value | undefined {
  const { p, graph: g } = f;
  // Outside of all loops nothing cuts it, whatever its accesses.
  if (keep.above.length === 0) return keepBytes(p, keep) / keep.stages;
  const sides = f.sides[keep.id];
  if (sides?.every((side) => isCutLeading(p, keep.above, side)) !== true) return undefined;
  const lengths = sides.flat().map(({ variable }) => f.pieces[nodeAt(p, keep.above, variable)]!.reach);
  return g.multiply(tensorBytes(p.workload.tensors[keep.tensor]!, 1), productOf(g, lengths));
}

/** A level, and the bytes that keeps take, by their id. */
type Room = { readonly f: Factors; readonly bytes: readonly Value[]; readonly level: number };

/** Bytes of a level that a keep takes with those that lie over it, as much as the largest of them. */
function roomBytes({ f: { graph: g }, bytes, level }: Room, keep: Keep): Value {
  if (keep.room[0] !== keep) return 0;
  return keep.room.map((k) => held(k)).reduce(g.max, 0);

  function held({ id, level: own, spill, parent }: Keep): Value {
    const spilled = spill === undefined ? 0 : g.ceil(g.multiply(bytes[id]!, spill.share));
    if (level === own) return g.ifAbove(bytes[id]!, spilled, g.subtract(bytes[id]!, spilled), 0);
    return level === spill?.level && parent === undefined ? spilled : 0;
  }
}

/**
 * Bytes that a block needs at once, as `blockBytes` in `capacity.ts` says. `inFlight`: most iterations in flight of a
 * loop around.
 */
function blockBytes(room: Room, block: Block, inFlight: Value): Value {
  const { graph: g } = room.f;
  let bytes: Value = 0;
  for (const keep of block.keeps) bytes = g.add(bytes, roomBytes(room, keep));
  let most: Value = 0;
  for (const branch of block.branches) {
    if (branch.kind === 'compute') continue;
    const around = g.max(inFlight, inFlightOf(room.f, branch));
    const inside = blockBytes(room, branch.block, around);
    if (!block.strict || branch.trailing) {
      bytes = g.add(bytes, inside);
      continue;
    }
    const lasting = g.ifAbove(inFlight, 1, inside, lastingBytes(room, branch.block, branch.above));
    bytes = g.add(bytes, lasting);
    most = g.max(most, g.subtract(inside, lasting));
  }
  return g.add(bytes, most);
}

/** Iterations in flight of a loop; those of a sequence follow each other. */
export const inFlightOf = ({ inFlight }: Factors, { id, block }: Loop): Value => (block.strict ? 1 : inFlight[id]!);

/** Bytes of what outlasts the turn of a branch, as `lastingBytes` in `capacity.ts` says. */
function lastingBytes(room: Room, block: Block, around: readonly Loop[]): Value {
  const { f } = room;
  const { graph: g } = f;
  let bytes: Value = 0;
  for (const keep of block.keeps) {
    if (keep.fill !== 'always') continue;
    const tile = g.divide(roomBytes(room, keep), f.stages[keep.id]!);
    const next = ifMoving(f, around.slice(keep.parent!.above.length), tile);
    bytes = g.add(bytes, g.ifAbove(f.stages[keep.id]!, 1, next, 0));
  }
  for (const branch of block.branches)
    if (branch.kind === 'loop')
      bytes = g.add(
        bytes,
        branch.trailing ? blockBytes(room, branch.block, 2) : lastingBytes(room, branch.block, around),
      );
  return bytes;
}
