import { invariant } from '../../invariant.ts';
import type { Keep, Loop } from '../../mapper/placed.ts';
import {
  accessBox,
  copyEnvironment,
  type Environment,
  setEnvironment,
  sharedVolume,
  type TileBox,
  tensorBytes,
  tileBox,
  volume,
} from '../../mapper/tile.ts';
import { pieceLength } from '../pieces.ts';
import { accessLatency, drainUses, fillUses } from '../resources.ts';
import { enterStep, forEachRun, stepCount } from '../runs.ts';
import { wasVisited } from '../visited.ts';
import { isActive } from '../walk.ts';
import {
  createOperation,
  type Issuer,
  type Iteration,
  type KeepState,
  type Recorded,
  submit,
  type Tile,
  touch,
  transferPrice,
  waitForRoom,
  waitForWriters,
} from './issue.ts';
import { codes, emit } from './tape.ts';

/** How a tile comes and goes: what is issued when the loops move a keep on. */

/** A loop that is being run, as far as tiles are concerned. */
export type Around = {
  readonly loop: Loop | undefined;
  /** Interval of the loop's variable around it. */
  readonly lo: number;
  readonly hi: number;
  /** Next step in which something is computed. */
  readonly next: number | undefined;
};

const tensorOf = (issuer: Issuer, keep: Keep) => issuer.costs.placed.workload.tensors[keep.tensor]!;

function currentTile(issuer: Issuer, keep: Keep): Tile {
  const { env } = issuer;
  const tensor = tensorOf(issuer, keep);
  const box = tileBox(keep, tensor, env, []);
  return { box, lo: env.lo.slice(), hi: env.hi.slice(), bytes: tensorBytes(tensor, volume(tensor, box)) };
}

function isSame(issuer: Issuer, keep: Keep, a: TileBox, b: TileBox): boolean {
  const tensor = tensorOf(issuer, keep);
  const size = volume(tensor, b);
  return volume(tensor, a) === size && sharedVolume(tensor, a, b) === size;
}

const scratch: TileBox = [];

/** The loops have come to a block that keeps a tile: fills it unless it is here, and the next one ahead. */
export function enterKeep(
  issuer: Issuer,
  state: KeepState,
  around: () => readonly Around[],
  iteration: Iteration | undefined,
): void {
  const { keep } = state;
  if (!isActive(keep.users, issuer.env)) return;
  const box = tileBox(keep, tensorOf(issuer, keep), issuer.env, scratch);
  if (
    state.tile === undefined ||
    isRenewed(keep, state.tile, issuer.env) ||
    !isSame(issuer, keep, state.tile.box, box)
  ) {
    const tile = currentTile(issuer, keep);
    if (state.ahead === undefined) fillTile(issuer, state, tile, iteration);
    else invariant(isSame(issuer, keep, state.ahead.box, tile.box), 'another tile was fetched ahead than is needed');
    beginTile(issuer, state);
    state.tile = tile;
    state.ahead = undefined;
    state.dirty = false;
  }
  const hasRoom = keep.stages > 1 && !keep.demand;
  if (hasRoom && keep.fill === 'always' && state.ahead === undefined) fetchAhead(issuer, state, around());
}

/** Counts the next tile of a keep; of one that lies over others, as often as those have had one since. */
function beginTile(issuer: Issuer, state: KeepState): void {
  const { keep, room } = state;
  const until = room[0] === state ? state.version + 1 : room[0]!.version;
  invariant(until > state.version, 'a tile lies over one that it has lain over before');
  for (; state.version < until; state.version++) emit(issuer.code, codes.tile, keep.id);
}

/** Whether a loop has gone on that a tile does not outlast. */
const isRenewed = (keep: Keep, a: Tile, b: Environment): boolean =>
  keep.producer === undefined && keep.renewing.some((l) => a.lo[l.variable] !== b.lo[l.variable]);

/** Issues the fill of the tile that comes next, where there is a stage for it: double buffering. */
function fetchAhead(issuer: Issuer, state: KeepState, around: readonly Around[]): void {
  const { env } = issuer;
  const { keep } = state;
  const before = copyEnvironment(env);
  // Only loops inside the parent keep and apart from the producer, and from who selects: when those around them go on, there
  // is first something to be filled or produced that the tile is part of, or that says what it is.
  const inside = keep.above.slice(keep.knownLoops);
  for (let i = around.length - 1; i >= 0; i--) {
    const { loop, next, ...interval } = around[i]!;
    if (loop === undefined || !inside.includes(loop)) break;
    env.lo[loop.variable] = interval.lo;
    env.hi[loop.variable] = interval.hi;
    if (next === undefined) continue;
    const tile = nextTile(issuer, keep, around[i]!);
    if (tile !== undefined && !isSame(issuer, keep, state.tile!.box, tile.box)) {
      setEnvironment(env, tile);
      fillTile(issuer, state, tile, undefined);
      state.ahead = tile;
    }
    if (tile !== undefined) break;
  }
  setEnvironment(env, before);
}

/** Issues the fill of what of a tile is not in the one before it. */
function fillTile(issuer: Issuer, state: KeepState, tile: Tile, iteration: Iteration | undefined): void {
  const { keep } = state;
  const tensor = tensorOf(issuer, keep);
  if (keep.parent === undefined || keep.fill === 'never') return;
  if (keep.fill === 'revisited' && !wasVisited(issuer.structure.pastOfKeep[keep.id]!, issuer.env)) return;
  const version = state.version + 1;
  const kept = keep.renewing.length > 0 && keep.producer === undefined ? undefined : state.tile;
  const parent = issuer.keeps[keep.parent.id];
  for (const piece of piecesOf(issuer, keep, tile.box)) {
    const known = kept === undefined ? 0 : sharedVolume(tensor, kept.box, piece);
    const bytes = tensorBytes(tensor, volume(tensor, piece) - known);
    if (bytes === 0) continue;
    const price = transferPrice(issuer.prices, 'fill', keep, bytes, () => ({
      uses: fillUses(issuer.costs, keep, bytes),
      latency_cycles: accessLatency(issuer.costs, keep.parent!, keep.level),
    }));
    const fill = createOperation(issuer, 'fill', { keep }, price, iteration);
    issuer.counters.addFill(keep.id, bytes);
    if (parent !== undefined) {
      waitForWriters(fill, parent, piece);
      touch(fill, parent, false, piece, -2, parent.version);
    }
    for (const decided of keep.decidedBy) waitForSelection(issuer, fill, decided);
    waitForRoom(fill, state, version, piece);
    // The part that stays must have come before it can be passed on.
    if (known > 0) waitForWriters(fill, state, piece);
    touch(fill, state, true, piece, -2, version, tile.bytes);
    submit(issuer, fill);
  }
}

/** A tile is asked for by what has been selected. */
function waitForSelection(issuer: Issuer, fill: Recorded, { keep, access }: Keep['decidedBy'][number]): void {
  const state = issuer.keeps[keep.id];
  if (state === undefined) return;
  const box = accessBox(access, tensorOf(issuer, keep), issuer.env, []);
  waitForWriters(fill, state, box);
  touch(fill, state, false, box, -2, state.version);
}

/** The boxes of the pieces in which a tile comes. */
function piecesOf(issuer: Issuer, keep: Keep, box: TileBox): readonly TileBox[] {
  const cut = issuer.structure.cutOfKeep[keep.id];
  if (cut === undefined) return [box];
  const [lo, hi] = [box[2 * cut.dimension]!, box[2 * cut.dimension + 1]!];
  const step = pieceLength(cut, hi - lo);
  const pieces: TileBox[] = [];
  for (let at = lo; at < hi; at += step) {
    const piece = [...box];
    piece[2 * cut.dimension] = at;
    piece[2 * cut.dimension + 1] = Math.min(hi, at + step);
    pieces.push(piece);
  }
  return pieces;
}

/** First tile that a keep will hold when a loop around it goes on, if any. */
function nextTile(issuer: Issuer, keep: Keep, around: Around): Tile | undefined {
  const { env } = issuer;
  const loop = around.loop!;
  const before = copyEnvironment(env);
  env.lo[loop.variable] = around.lo;
  env.hi[loop.variable] = around.hi;
  const steps = stepCount(loop, env);
  const inner = keep.above.slice(keep.above.indexOf(loop) + 1);
  let found: Tile | undefined;
  for (let s = around.next!; s < steps && found === undefined; s++) {
    enterStep(loop, around.lo, around.hi, s, env);
    if (enterFirst(issuer, keep, inner)) found = currentTile(issuer, keep);
    setEnvironment(env, before);
  }
  setEnvironment(env, before);
  return found;
}

/** Moves loops to their first iteration in which a user of the keep computes. */
function enterFirst(issuer: Issuer, keep: Keep, loops: readonly Loop[]): boolean {
  const { env } = issuer;
  for (const loop of loops) {
    const [lo, hi] = [env.lo[loop.variable]!, env.hi[loop.variable]!];
    let first = -1;
    forEachRun(loop, issuer.structure.shapeOfKeep[keep.id]!, env, (at) => {
      if (first < 0 && isActive(keep.users, env)) first = at;
    });
    if (first < 0) return false;
    enterStep(loop, lo, hi, first, env);
  }
  return isActive(keep.users, env);
}

/**
 * An iteration ends: drains the tiles inside that the next one replaces, or, without a loop, all. When a loop ends
 * with it, drains those that are read elsewhere after it. `keeps` are those inside that drain at all.
 */
export function leaveKeeps(
  issuer: Issuer,
  keeps: readonly Keep[],
  around: Around,
  iteration: Iteration | undefined,
): void {
  const { loop } = around;
  for (const keep of keeps) {
    const state = issuer.keeps[keep.id]!;
    if (state.tile === undefined || !isLeft(issuer, state, around)) continue;
    if (!state.dirty) {
      // Nothing was computed into it; it is given up all the same.
      if (around.next === undefined) state.tile = undefined;
      continue;
    }
    // What is around a trailing branch does not wait for the tiles that it leaves.
    const inner = loop === undefined ? keep.above : keep.above.slice(keep.above.indexOf(loop) + 1);
    drainTile(issuer, state, inner.some((l) => l.trailing) ? undefined : iteration);
  }
}

function isLeft(issuer: Issuer, { keep, tile }: KeepState, around: Around): boolean {
  const { loop, next } = around;
  if (loop === undefined) return true;
  if (next === undefined) return keep.above[keep.sharedLoops] === loop;
  // Where keeps take turns in a room, the next tile of any of them takes the place.
  return keep.room.some((k) => {
    const here = k === keep ? tile : issuer.keeps[k.id]?.tile;
    const following = here && nextTile(issuer, k, around);
    return following !== undefined && !isSame(issuer, k, here!.box, following.box);
  });
}

function drainTile(issuer: Issuer, state: KeepState, iteration: Iteration | undefined): void {
  const { keep } = state;
  const tensor = tensorOf(issuer, keep);
  const { box } = state.tile!;
  state.tile = undefined;
  const bytes = tensorBytes(tensor, volume(tensor, box));
  const price = transferPrice(issuer.prices, 'drain', keep, bytes, () => ({
    uses: drainUses(issuer.costs, keep, bytes),
    latency_cycles: accessLatency(issuer.costs, keep, undefined),
  }));
  const drain = createOperation(issuer, 'drain', { keep }, price, iteration);
  issuer.counters.addDrain(keep.id, bytes);
  waitForWriters(drain, state, box);
  touch(drain, state, false, box, -2, state.version, bytes);
  const parent = issuer.keeps[keep.parent!.id];
  if (parent !== undefined) {
    waitForWriters(drain, parent, box);
    waitForRoom(drain, parent, parent.version, box);
    touch(drain, parent, true, box, -2, parent.version);
    parent.dirty = true;
  }
  submit(issuer, drain);
}
