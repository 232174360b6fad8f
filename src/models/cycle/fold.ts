import type { Engine, Probe, Repeating } from './engine.ts';
import { states } from './flight.ts';
import { beginLooking, createPatience } from './patience.ts';
import { createState, type State } from './state.ts';

/** Called before a repetition; may skip some, and returns how many. */
export type Folder = (repeating: Repeating, probe: Probe | undefined) => number;

/**
 * Folding: when a repetition begins in a state that an earlier one began in, up to a shift in time, all that follows
 * is the same until the last. The periods left are then added to the counters and skipped. Nothing is approximated: a
 * folded run ends with the same numbers as one that walks every iteration.
 */
type Snapshot = {
  readonly left: number;
  readonly time: number;
  readonly issued: number;
  readonly state: Float64Array;
  readonly freeAt: Float64Array;
  readonly stalls: Float64Array;
  readonly tiles: Float64Array;
};

/** Periods of up to this many repetitions are recognised. */
const longestPeriod = 16;
/** Where much is in flight a look takes long: there is one for each so many-th part of it that is issued. */
const inFlightPerLook = 4;

export function createFolder(e: Engine): Folder {
  const patiences = e.tape.repeats.map(createPatience);
  const state = createState();
  /** Operations issued when each repeat was last looked at. */
  const looked = e.tape.repeats.map(() => Number.NEGATIVE_INFINITY);
  return (repeating, probe) => {
    const patience = patiences[repeating.of]!;
    const history = repeating.history as Snapshot[];
    if (repeating.left === e.tape.repeats[repeating.of]!.times) beginLooking(patience);
    if (patience.waiting > 0) return 0;
    const issued = e.flight.next + e.skipped;
    if (issued - looked[repeating.of]! < (e.flight.next - e.flight.oldest) / inFlightPerLook) return 0;
    looked[repeating.of] = issued;
    describe(e, state);
    for (let h = history.length - 1; h >= 0; h--) {
      const old = history[h]!;
      if (!state.equals(old.state) || !sameReleases(e, old)) continue;
      const period = old.left - repeating.left;
      const times = Math.floor(repeating.left / period);
      history.length = 0;
      patience.found = true;
      if (times === 0) return 0;
      const ticks = e.now - old.time;
      const tiles = e.tiles.map((n, k) => n - old.tiles[k]!);
      probe?.onFold?.(repeating.of, times, ticks, issued - old.issued, tiles);
      skip(e, old, times);
      return times * period;
    }
    history.push({
      left: repeating.left,
      time: e.now,
      issued,
      state: state.copy(),
      freeAt: e.freeAt.slice(),
      stalls: e.stalls.slice(),
      tiles: e.tiles.slice(),
    });
    if (history.length > longestPeriod) history.shift();
    return 0;
  };
}

/** A resource that was used in between must have been released equally long ago: its idle time is counted from there. */
function sameReleases(e: Engine, old: Snapshot): boolean {
  for (let r = 0; r < e.freeAt.length; r++) {
    const used = e.freeAt[r] !== old.freeAt[r];
    if (used && e.freeAt[r]! - e.now !== old.freeAt[r]! - old.time) return false;
  }
  return true;
}

/** Adds what happened since the snapshot as many times again, and moves what is in flight along with the clock. */
function skip(e: Engine, old: Snapshot, times: number): void {
  const { flight: f, stalls, freeAt, running } = e;
  const ticks = times * (e.now - old.time);
  e.skipped += times * (f.next + e.skipped - old.issued);
  for (let k = 0; k < e.tiles.length; k++) e.tiles[k] = e.tiles[k]! + times * (e.tiles[k]! - old.tiles[k]!);
  for (let i = 0; i < stalls.length; i++) stalls[i] = stalls[i]! + times * (stalls[i]! - old.stalls[i]!);
  for (let r = 0; r < freeAt.length; r++) if (freeAt[r] !== old.freeAt[r]) freeAt[r] = freeAt[r]! + ticks;
  for (let s = f.oldest; s < f.next; s++) {
    f.readyAt[s & f.mask] = f.readyAt[s & f.mask]! + ticks;
    f.finishAt[s & f.mask] = f.finishAt[s & f.mask]! + ticks;
  }
  for (let i = 0; i < running.length; i++) running.keys[i] = running.keys[i]! + ticks;
  e.now += ticks;
}

/** The state that decides what follows, with times relative to now and operations to the next one. */
function describe(e: Engine, out: State): void {
  const { flight: f, now } = e;
  out.clear();
  for (let r = 0; r < e.freeAt.length; r++) out.push(Math.max(0, e.freeAt[r]! - now));
  for (const w of e.windows) {
    out.push(w.begun - w.over);
    for (let i = w.over; i < w.begun; i++) out.push(w.outstanding[i & w.mask]!);
  }
  for (let s = f.oldest; s < f.next; s++) {
    const at = s & f.mask;
    const state = f.state[at]!;
    if (state === states.done) continue;
    out.push(f.next - s);
    out.push(f.operation[at]!);
    out.push(state);
    out.push(f.turn[at]! < 0 ? -1 : e.turns - f.turn[at]!);
    if (state === states.running) out.push(f.finishAt[at]! - now);
    if (state !== states.ready) continue;
    out.push(now - f.readyAt[at]!);
    out.push(f.readyRamp[at]!);
    out.push(f.readyCause[at]!);
  }
  for (const queue of e.queues)
    if (queue !== undefined) for (let i = queue.first; i < queue.items.length; i++) out.push(f.next - queue.items[i]!);
}
