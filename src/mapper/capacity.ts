import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import { bytesInLanes } from './lanes.ts';
import { largestTile } from './largest-tile.ts';
import { moves } from './loops.ts';
import type { Block, Keep, Loop, PlacedMapping } from './placed.ts';
import { gridOf, mostSteps, tensorBytes } from './tile.ts';

/** Bytes of one instance of each level (by position) that the mapping needs at once; a cache takes what there is. */
export function requiredBytes(p: PlacedMapping): readonly number[] {
  return p.machine.levels.map((_, level) =>
    Math.min(
      peakBytes(p, level, () => true),
      capacityOf(p, level),
    ),
  );
}

const capacityOf = (p: PlacedMapping, level: number): number =>
  p.machine.levels[level]!.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;

/** What is kept in a level whatever else is there. */
const isCertain = (keep: Keep): boolean => !keep.cache;

/**
 * Whether a cache is too small for its tiles. By the time that one of them is wanted again all others have passed, and
 * those of the caches beside it and inside; of what was used least recently nothing is then left, unless all of it fits.
 */
export function isOverflowing(p: PlacedMapping, cache: Keep): boolean {
  if (!cache.cache) return false;
  const passing = (keep: Keep): boolean => cache.above.every((loop, i) => keep.above[i] === loop);
  return peakBytes(p, cache.level, (keep) => isCertain(keep) || passing(keep)) > capacityOf(p, cache.level);
}

/** Bytes of one instance of a level that the keeps which count need at once. */
function peakBytes(p: PlacedMapping, level: number, counts: (keep: Keep) => boolean): number {
  const room: Room = {
    bytes: p.keeps.map((keep) => (counts(keep) ? roomBytes(p, keep, level) : 0)),
    stages: p.keeps.map((keep) => keep.stages),
    inFlight: p.loops.map((loop) => loop.block.inFlight),
    moves: p.loops.map((loop) => (moves(p.workload, loop) ? 1 : 0)),
  };
  return blockBytes(room, p.root, true);
}

/** Bytes of a level that a keep takes with those that lie over it, as much as the largest of them; these count for 0. */
export const roomBytes = (p: PlacedMapping, keep: Keep, level: number): number =>
  keep.room[0] === keep
    ? keep.room.reduce((most, k) => (isIn(k, level) ? Math.max(most, heldBytes(k, keepBytes(p, k), level)) : most), 0)
    : 0;

const isIn = (keep: Keep, level: number): boolean => level === keep.level || level === keep.spill?.level;

/**
 * Of so many bytes of a keep's tiles, those that a level has to hold for it: without what spills, or, of a home, what
 * spills there. Other keeps find that in their parent.
 */
export function heldBytes({ level: own, spill, parent }: Keep, bytes: number, level: number): number {
  const spilled = spill === undefined ? 0 : Math.ceil(bytes * spill.share);
  if (level === own) return bytes - spilled;
  return level === spill?.level && parent === undefined ? spilled : 0;
}

/** What decides how much of a level a mapping needs. */
type Room = {
  /** Bytes that a keep takes, and its stages, by its id. */
  readonly bytes: ArrayLike<number>;
  readonly stages: ArrayLike<number>;
  /** Iterations in flight of a loop, and whether it has more than one step (1 or 0), by its id. */
  readonly inFlight: ArrayLike<number>;
  readonly moves: ArrayLike<number>;
};

/**
 * Bytes that a block needs at once. Branches of a pipeline have the buffer together. Those of a sequence have it one
 * after the other, but for what outlasts their turn: trailing branches, tiles that are fetched ahead for the next
 * iteration of a loop around, and, where a loop around has several iterations in flight, whatever one of them has not
 * given up when the next one comes by. `alone`: no other iteration of a loop around is in flight.
 */
function blockBytes(room: Room, block: Block, alone: boolean): number {
  let bytes = 0;
  for (const keep of block.keeps) bytes += room.bytes[keep.id]!;
  let always = 0;
  let most = 0;
  for (const branch of block.branches) {
    if (branch.kind === 'compute') continue;
    const inside = blockBytes(room, branch.block, alone && room.inFlight[branch.id]! === 1);
    const inTurn = block.strict && alone && !branch.trailing;
    const lasting = inTurn ? lastingBytes(room, branch.block, branch.above) : inside;
    always += lasting;
    most = Math.max(most, inside - lasting);
  }
  return bytes + always + most;
}

/**
 * Bytes of what outlasts the turn of a branch: tiles that come in for the next iteration of a loop around it before it
 * runs again, and those of what trails inside it.
 */
function lastingBytes(room: Room, block: Block, around: readonly Loop[]): number {
  let bytes = 0;
  for (const keep of block.keeps) {
    const stages = room.stages[keep.id]!;
    if (stages === 1 || keep.fill !== 'always') continue;
    for (let l = keep.parent!.above.length; l < around.length; l++) {
      if (room.moves[around[l]!.id] === 0) continue;
      bytes += room.bytes[keep.id]! / stages;
      break;
    }
  }
  for (const branch of block.branches)
    if (branch.kind === 'loop')
      bytes += branch.trailing ? blockBytes(room, branch.block, false) : lastingBytes(room, branch.block, around);
  return bytes;
}

/**
 * Bytes of a keep's tiles, in whatever level: its largest tile, as often as it has stages and as instances use different tiles at once, which
 * together are no more than the tensor.
 */
export const keepBytes = (p: PlacedMapping, keep: Keep): number =>
  bytesInLanes(p, keep, tileBytes(p, keep)) * keep.stages;

/** Bytes of one stage of a keep's tiles, each byte once. */
export function tileBytes(p: PlacedMapping, keep: Keep): number {
  const tensor = p.workload.tensors[keep.tensor]!;
  const whole = tensor.dimensions.reduce((n, d) => (d.carried ? n : n * d.size), 1);
  const used = Math.min(whole, largestTile(p.workload, keep) * tilesAtOnce(p, keep));
  return tensorBytes(tensor, used);
}

/**
 * A shared keep between the loops of a grid serves as many tiles as neighbouring steps of the grid can touch; all its
 * tiles, where steps are not given out in their order. What a cache serves does not depend on who gets a step.
 */
function tilesAtOnce(p: PlacedMapping, keep: Keep): number {
  const outside = gridOf(keep.above);
  if (outside.length === 0 || keep.local) return 1;
  const grid = p.grids.find((g) => g[0] === outside[0])!;
  const steps = (loops: readonly (typeof grid)[number][]): number =>
    loops.reduce((n, l) => n * mostSteps(l, p.workload.variables[l.variable]!.size), 1);
  const inner = steps(grid.slice(outside.length));
  const { across, dispatch, persistent, block } = grid.at(-1)!;
  if (!keep.cache && (dispatch === 'longest' || dispatch === 'contiguous')) return steps(outside);
  const each = persistent && !keep.cache ? block.inFlight : 1;
  const underWay = p.machine.levels[across!]!.totalInstances * each;
  return Math.min(steps(outside), Math.floor((underWay + inner - 2) / inner) + 1);
}

export function checkCapacity(p: PlacedMapping, at: Span): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  p.machine.levels.forEach((level, l) => {
    const required = peakBytes(p, l, isCertain);
    const capacity = capacityOf(p, l);
    if (required <= capacity) return;
    const bytesOf = (keep: Keep): number => roomBytes(p, keep, l);
    const keeps = p.keeps.filter((k) => isCertain(k) && bytesOf(k) > 0).sort((a, b) => bytesOf(b) - bytesOf(a));
    found.push(
      diagnostic('over-capacity', overCapacity(level.name, required, capacity), keeps[0]?.span ?? at, {
        help: keeps
          .slice(0, 6)
          .map((k) => {
            const stages = k.stages > 1 ? ` in ${k.stages} stages` : '';
            return `${p.workload.tensors[k.tensor]!.name} ${formatBytes(bytesOf(k))}${stages}`;
          })
          .join(', '),
      }),
    );
  });
  return found;
}

/** What is wrong where tiles need more bytes than a level has. */
export function overCapacity(level: string, required: number, capacity: number): string {
  const rounded = [required, capacity].map(formatBytes);
  // Rounded, a byte too many may not show.
  const [needs, has] = rounded[0] === rounded[1] ? [`${required} B`, `${capacity} B`] : rounded;
  return `the tiles kept in "${level}" need ${needs}, but it has ${has}`;
}

/** Bytes as people write buffer sizes: binary units, three digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${Number(scaled.toPrecision(4))} ${units[unit]!}`;
}
