import { heldBytes, roomBytes } from '../../mapper/capacity.ts';
import type { Keep } from '../../mapper/placed.ts';
import type { Costs } from '../resources.ts';
import type { Timeline, WalkedFold } from './timeline.ts';

/**
 * Bytes in use over time, as steps and repeated stretches of steps. A run of a million folded iterations has a short
 * profile.
 */
export type Profile = { readonly ticks: number; readonly peak: number; readonly parts: readonly ProfilePart[] };

type ProfilePart =
  | { readonly kind: 'step'; readonly ticks: number; readonly bytes: number }
  | { readonly kind: 'repeat'; readonly times: number; readonly profile: Profile };

function profileOf(parts: readonly ProfilePart[]): Profile {
  let ticks = 0;
  let peak = 0;
  for (const part of parts) {
    ticks += ticksOf(part);
    peak = Math.max(peak, part.kind === 'step' ? part.bytes : part.profile.peak);
  }
  return { ticks, peak, parts };
}

const ticksOf = (part: ProfilePart): number => (part.kind === 'step' ? part.ticks : part.times * part.profile.ticks);

/** One profile after the other, each so often. */
export const sequenceOfProfiles = (
  profiles: readonly { readonly times: number; readonly profile: Profile }[],
): Profile => profileOf(profiles.filter((p) => p.times > 0).map((p) => ({ kind: 'repeat', ...p })));

/** A block, as far as keeps are concerned: the loops around it and the keeps that it does not declare. */
export type Around = Pick<Costs, 'placed' | 'outside' | 'above'>;

/**
 * Occupancy of each level (by position) while a block runs. A tile is in use from the start of the first operation
 * that touches it to the end of the last. Keeps around the block, and the homes of tensors that no loop moves, are
 * in use all the time.
 */
export function occupancy({ placed: p, outside, above }: Around, timeline: Timeline): readonly Profile[] {
  const isAround = (k: Keep): boolean => outside.has(k) && k.above.every((l, i) => l === above[i]);
  const lasts = (k: Keep): boolean => isAround(k) || (k.parent === undefined && k.above.length === 0);
  const uses = tileUses(timeline, lasts, p.machine.levels.length);
  return p.machine.levels.map(({ memory }, level) => {
    const always = p.keeps.reduce((n, k) => (lasts(k) ? n + roomBytes(p, k, level) : n), 0);
    const here = uses.filter((u) => u.bytes[level]! > 0);
    // Caches have what room is left.
    const steps = stepsOf(
      here,
      level,
      always,
      walkedTicks(timeline),
      memory?.capacity_bytes ?? Number.POSITIVE_INFINITY,
    );
    return withFolds(steps, timeline.folds);
  });
}

const walkedTicks = (t: Timeline): number => t.ticks - t.folds.reduce((n, f) => n + f.times * f.ticks, 0);

/** Bytes by level. Tiles that take turns in one room are one use, with the bytes of the largest. */
type TileUse = { readonly bytes: number[]; readonly from: number; to: number };

/** Tiles that came, in walked time. */
function tileUses(timeline: Timeline, lasts: (keep: Keep) => boolean, levels: number): readonly TileUse[] {
  const found: TileUse[] = [];
  const tiles = new Map<Keep, Map<number, TileUse>>();
  for (const o of timeline.operations)
    for (const { keep, version, bytes, writes } of o.touches) {
      const room = keep.room[0]!;
      if (lasts(room)) continue;
      const versions = tiles.get(room) ?? new Map<number, TileUse>();
      tiles.set(room, versions);
      // A tile that needs no fill is a part of the one before, and shares its room.
      const known = versions.get(version) ?? (writes || keep.fill !== 'always' ? undefined : versions.get(version - 1));
      // Nothing is there before the first write: an initial value takes no room.
      if (known === undefined && !writes) continue;
      const use = known ?? { bytes: new Array<number>(levels).fill(0), from: o.start, to: o.finish };
      if (known === undefined) found.push(use);
      versions.set(version, use);
      use.to = Math.max(use.to, o.finish);
      for (let l = 0; l < levels; l++) use.bytes[l] = Math.max(use.bytes[l]!, heldBytes(keep, bytes, l));
    }
  return found;
}

/** From a walked time on, so many bytes. */
type Step = { readonly at: number; readonly bytes: number };

function stepsOf(
  uses: readonly TileUse[],
  level: number,
  always: number,
  ticks: number,
  room: number,
): readonly Step[] {
  const changes = new Map<number, number>();
  const change = (at: number, bytes: number): void => {
    changes.set(at, (changes.get(at) ?? 0) + bytes);
  };
  change(0, always);
  change(ticks, 0);
  for (const u of uses) {
    change(u.from, u.bytes[level]!);
    change(u.to, -u.bytes[level]!);
  }
  let bytes = 0;
  return [...changes]
    .sort((a, b) => a[0] - b[0])
    .map(([at, by]) => {
      bytes += by;
      return { at, bytes: Math.min(bytes, room) };
    });
}

/** Steps of the walked run with the folded periods between them. */
function withFolds(steps: readonly Step[], folds: readonly WalkedFold[]): Profile {
  /** First step at or after a time. */
  const indexOf = (time: number): number => {
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle]!.at < time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const plain = (from: number, to: number, parts: ProfilePart[]): void => {
    let i = indexOf(from);
    let at = from;
    while (at < to) {
      const next = Math.min(to, steps[i]?.at ?? to);
      if (next > at) parts.push({ kind: 'step', ticks: next - at, bytes: steps[i - 1]!.bytes });
      at = next;
      i++;
    }
  };
  const stretch = (from: number, to: number, first: number, last: number): Profile => {
    const parts: ProfilePart[] = [];
    let at = from;
    for (let f = first; f < last; f++) {
      const { begin, end, times, outer } = folds[f]!;
      plain(at, end, parts);
      at = end;
      parts.push({ kind: 'repeat', times, profile: stretch(begin, end, outer, f) });
    }
    plain(at, to, parts);
    return profileOf(parts);
  };
  return stretch(0, steps.at(-1)!.at, 0, folds.length);
}

/** The same over another time. */
export function stretchProfile(profile: Profile, ticks: number): Profile {
  if (profile.ticks === ticks) return profile;
  if (profile.ticks === 0) return { ...profile, ticks, parts: [{ kind: 'step', ticks, bytes: profile.peak }] };
  const by = ticks / profile.ticks;
  const stretch = (p: Profile): Profile => ({
    ticks: p.ticks * by,
    peak: p.peak,
    parts: p.parts.map((part) =>
      part.kind === 'step' ? { ...part, ticks: part.ticks * by } : { ...part, profile: stretch(part.profile) },
    ),
  });
  return stretch(profile);
}

/** Most bytes in each of so many equal parts of the time. */
export function sampleProfile(profile: Profile, buckets: number): readonly number[] {
  const most = new Array<number>(buckets).fill(0);
  const width = profile.ticks / buckets;
  const bucketAt = (time: number): number => Math.min(buckets - 1, Math.floor(time / width));
  const raise = (bucket: number, bytes: number): void => {
    most[bucket] = Math.max(most[bucket]!, bytes);
  };
  const step = (start: number, end: number, bytes: number): void => {
    for (let b = bucketAt(start); b < buckets && (b * width < end || b === bucketAt(start)); b++) raise(b, bytes);
  };
  const visit = (p: Profile, start: number): void => {
    const bucket = bucketAt(start);
    if (start + p.ticks <= (bucket + 1) * width) {
      raise(bucket, p.peak);
      return;
    }
    let at = start;
    for (const part of p.parts) {
      if (part.kind === 'step') step(at, at + part.ticks, part.bytes);
      else repeat(part.profile, part.times, at);
      at += ticksOf(part);
    }
  };
  const repeat = (p: Profile, times: number, start: number): void => {
    if (p.ticks === 0) return;
    for (let copy = 0; copy < times; ) {
      const at = start + copy * p.ticks;
      const bucket = bucketAt(at);
      const whole = Math.min(times - copy, Math.floor(((bucket + 1) * width - at) / p.ticks));
      if (whole > 0) raise(bucket, p.peak);
      else visit(p, at);
      copy += Math.max(1, whole);
    }
  };
  if (width > 0) visit(profile, 0);
  return most;
}

/**
 * The steps of a profile in `from` <= t < `to`: from a time on, so many bytes. What repeats is one step with its peak,
 * unless `unfold` asks for all of it.
 */
export function* profileSteps(
  profile: Profile,
  from: number,
  to: number,
  unfold: boolean,
): Generator<{ readonly at: number; readonly bytes: number }, void> {
  function* visit(p: Profile, start: number): Generator<{ readonly at: number; readonly bytes: number }, void> {
    let at = start;
    for (const part of p.parts) {
      const end = at + ticksOf(part);
      if (at >= to) return;
      if (end > from) {
        if (part.kind === 'step') yield { at: Math.max(at, from), bytes: part.bytes };
        else if (!unfold && part.times > 1) yield { at: Math.max(at, from), bytes: part.profile.peak };
        else yield* repeat(part.profile, part.times, at);
      }
      at = end;
    }
  }
  function* repeat(p: Profile, times: number, start: number): ReturnType<typeof visit> {
    if (p.ticks === 0) return;
    const first = Math.max(0, Math.floor((from - start) / p.ticks));
    for (let copy = first; copy < times && start + copy * p.ticks < to; copy++) yield* visit(p, start + copy * p.ticks);
  }
  yield* visit(profile, 0);
}
