import { tileBytes } from '../../mapper/capacity.ts';
import { lanesOf, laneUses } from '../../mapper/lanes.ts';
import type { Block, Keep, Loop } from '../../mapper/placed.ts';
import { gridOf, tensorBytes } from '../../mapper/tile.ts';
import { type Factors, ifMoving, lengthOf, productOf, reachIn, sizeOf } from './factors.ts';
import type { Value } from './graph.ts';
import { isCutLeading, nodeAt, nodeOf } from './steps.ts';

/** Bytes of each level, by position, as `capacity.ts` counts them. */
export type OpenRoom = {
  /** That the mapping needs at once; a cache takes what there is. */
  readonly required: readonly Value[];
  /** That it needs whatever is in caches. */
  readonly certain: readonly Value[];
  /** With which each cache of the level holds its tiles. */
  readonly holding: readonly Value[];
};

/** The room of open numbers; undefined where a tile is no product of its sides. */
export function roomOf(f: Factors): OpenRoom | undefined {
  const { p, graph: g } = f;
  const tiles = p.keeps.map((keep) => tilesOf(f, keep));
  if (tiles.includes(undefined)) return undefined;
  const bytes = tiles.map((tile, k) => g.multiply(inLanes(f, p.keeps[k]!, tile!), f.stages[k]!));
  const isCertain = (keep: Keep): boolean => !keep.cache;
  const peak = (level: number, counts: (keep: Keep) => boolean): Value =>
    blockBytes({ f, bytes, level, counts }, p.root, 1);
  const certain = p.machine.levels.map((_, level) => peak(level, isCertain));
  return {
    required: p.machine.levels.map(({ memory }, level) => {
      const most = p.keeps.every(isCertain) ? certain[level]! : peak(level, () => true);
      return memory === undefined ? most : g.min(most, f.machine.capacityBytes[level]!);
    }),
    certain,
    holding: p.machine.levels.map((_, level) =>
      p.keeps
        .filter((keep) => keep.cache && keep.level === level)
        .map((cache) => {
          const passing = (keep: Keep): boolean => cache.above.every((loop, i) => keep.above[i] === loop);
          return peak(level, (keep) => isCertain(keep) || passing(keep));
        })
        .reduce<Value>(g.max, 0),
    ),
  };
}

/** Bytes of the tiles of a keep that are there at once, in one stage. */
function tilesOf(f: Factors, keep: Keep): Value | undefined {
  const { p, graph: g } = f;
  const sides = f.sides[keep.id];
  // Outside of all loops nothing cuts it, whatever its accesses.
  if (keep.above.length === 0) return wholeBytes(f, keep);
  if (sides?.every((side) => isCutLeading(p, keep.above, side)) !== true) return undefined;
  const lengths = sides.flat().map(({ variable }) => f.pieces[nodeAt(p, keep.above, variable)]!.reach);
  const whole = sizeOf(f, sides);
  const tile = productOf(g, lengths);
  const atOnce = tilesAtOnce(f, keep);
  const elements = atOnce === 1 ? tile : g.min(whole, g.multiply(atOnce, tile));
  return g.multiply(tensorBytes(p.workload.tensors[keep.tensor]!, 1), elements);
}

/** Bytes of all that is accessed of a tensor; undefined where that is open and accesses differ. */
function wholeBytes(f: Factors, keep: Keep): Value | undefined {
  if (f.sizes.every((size) => typeof size === 'number')) return tileBytes(f.p, keep);
  const { graph: g } = f;
  const lengths = f.sides[keep.id]?.map((side) => lengthOf(f, side, f.sizes));
  return lengths && g.multiply(tensorBytes(f.p.workload.tensors[keep.tensor]!, 1), productOf(g, lengths));
}

/** Steps that nested loops have at most. */
export const mostSteps = ({ p, graph: g, pieces }: Factors, loops: readonly Loop[]): Value =>
  productOf(
    g,
    loops.map((loop) => {
      const around = pieces[nodeAt(p, loop.above, loop.variable)]!;
      return g.ceil(g.divide(around.reach, pieces[nodeOf(p, loop)]!.reach));
    }),
  );

/** Tiles of a shared keep that neighbouring steps of a grid touch, as `capacity.ts` says. */
function tilesAtOnce(f: Factors, keep: Keep): Value {
  const { p, graph: g } = f;
  const outside = gridOf(keep.above);
  if (outside.length === 0 || keep.local) return 1;
  const grid = p.grids.find((loops) => loops[0] === outside[0])!;
  const { id, across, dispatch, persistent, block } = grid.at(-1)!;
  const steps = mostSteps(f, outside);
  if (!keep.cache && (dispatch === 'longest' || dispatch === 'contiguous')) return steps;
  const inner = mostSteps(f, grid.slice(outside.length));
  const each = persistent && !keep.cache ? inFlightOf(f, { id, block }) : 1;
  const underWay = g.multiply(p.machine.levels[across!]!.totalInstances, each);
  // Of two steps in a row the second may have a tile of its own.
  const touched = g.add(g.floor(g.divide(g.subtract(g.add(underWay, inner), 2), inner)), 1);
  return g.min(steps, touched);
}

/** A level, the keeps that count, and the bytes that keeps take, by their id. */
type Room = {
  readonly f: Factors;
  readonly bytes: readonly Value[];
  readonly level: number;
  readonly counts: (keep: Keep) => boolean;
};

/** What a tile takes of private memories, as `bytesInLanes` in `lanes.ts` says. */
function inLanes(f: Factors, keep: Keep, bytes: Value): Value {
  const { graph: g } = f;
  const uses = laneUses(f.p, keep);
  if (uses.length === 0) return bytes;
  const parts = uses.map(({ compute, dividing }) =>
    dividing.reduce((n, { variable, size }) => {
      const extent = reachIn(f, keep.above, variable);
      const lanes = g.min(size, reachIn(f, compute.above, variable));
      return g.multiply(g.divide(n, extent), g.ceil(g.divide(extent, lanes)));
    }, bytes),
  );
  return g.multiply(parts.reduce(g.max), lanesOf(f.p.machine, keep.level));
}

/** Bytes of a level that a keep takes with those that lie over it, as much as the largest of them. */
function roomBytes({ f: { graph: g }, bytes, level, counts }: Room, keep: Keep): Value {
  if (keep.room[0] !== keep || !counts(keep)) return 0;
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
export const inFlightOf = ({ inFlight }: Factors, { id, block }: Pick<Loop, 'id' | 'block'>): Value =>
  block.strict ? 1 : inFlight[id]!;

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
