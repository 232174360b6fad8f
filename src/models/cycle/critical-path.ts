import { invariant } from '../../invariant.ts';
import { type PathKind, pathKinds } from '../metrics.ts';
import type { Operation } from './observer.ts';
import type { Timeline, WalkedFold } from './timeline.ts';

/**
 * The critical path of a block: from the operation that finishes last back to the one that let it start, and so on to
 * the start of the block. Each step covers the time from one start to the next, so the parts add up to the total.
 *
 * Across a fold, the path enters the last period at its end, through some operation that is under way there, and
 * comes to one that waited for something from the period before. All periods are alike, so the way through each is
 * found in the one that was walked, and what it waited for at its beginning in what comes after the fold, which had
 * such a period before it. There are few operations under way at a boundary, so soon the path comes through one that it
 * came through before, and from there on it repeats: however many periods were folded, a few are gone through.
 */
export type CriticalPath = readonly PathPart[];

/** Ticks of the path that went by in one way. */
export type PathPart = {
  readonly kind: PathKind;
  /** Resource that was held; -1 for the other kinds. */
  readonly resource: number;
  /** Compute or keep that the time was for, by id; -1: none. */
  readonly subject: 'compute' | 'keep' | 'none';
  readonly id: number;
  readonly ticks: number;
};

/** Ticks by part; keys are numbers that `keyOf` packs. */
type Sums = Map<number, number>;

const maxIds = 2 ** 20;
const maxResources = 2 ** 16;

function keyOf(kind: PathKind, resource: number, o: Operation): number {
  const id = o.compute === undefined ? 2 * o.keep!.id : 2 * o.compute.id + 1;
  return (pathKinds.indexOf(kind) * maxResources + resource + 1) * maxIds + id;
}

function partOf(key: number, ticks: number): PathPart {
  const id = key % maxIds;
  const rest = Math.floor(key / maxIds);
  return {
    kind: pathKinds[Math.floor(rest / maxResources)]!,
    resource: (rest % maxResources) - 1,
    subject: id % 2 === 1 ? 'compute' : 'keep',
    id: Math.floor(id / 2),
    ticks,
  };
}

function add(sums: Sums, key: number, ticks: number): void {
  if (ticks > 0) sums.set(key, (sums.get(key) ?? 0) + ticks);
}

function addAll(sums: Sums, more: Sums, times: number): void {
  for (const [key, ticks] of more) add(sums, key, times * ticks);
}

function difference(a: Sums, b: Sums): Sums {
  const result: Sums = new Map();
  for (const [key, ticks] of a) add(result, key, ticks - (b.get(key) ?? 0));
  return result;
}

/** Parts of the path, in a fixed order; they add up to the ticks of the block, all of which must have been kept. */
export function criticalPath(timeline: Timeline): CriticalPath {
  const { operations, complete } = timeline;
  invariant(complete, 'the path through a block that was not kept whole');
  if (operations.length === 0) return [];
  let last = 0;
  for (let i = 1; i < operations.length; i++) if (operations[i]!.finish > operations[last]!.finish) last = i;
  const sums: Sums = new Map();
  const end = operations[last]!;
  addStep(sums, end, end.finish - end.start);
  const walker: Walker = { timeline, segments: segmentsOf(timeline), known: new Map() };
  walkBack(walker, last, timeline.folds.length, 0, 0, sums);
  const parts = [...sums].sort((a, b) => a[0] - b[0]).map(([key, ticks]) => partOf(key, ticks));
  const total = parts.reduce((n, p) => n + p.ticks, 0);
  invariant(total === timeline.ticks, `the critical path has ${total} ticks, the block ${timeline.ticks}`);
  return parts;
}

type Walker = {
  readonly timeline: Timeline;
  /** Folds before each operation, by position. */
  readonly segments: Int32Array;
  /** The way through all periods of a fold, by fold and by position where it begins. */
  readonly known: Map<string, Passage>;
};

/** Where the path goes on, and what it was spent on in between. */
type Passage = { readonly to: number; readonly sums: Sums };

function segmentsOf({ operations, folds }: Timeline): Int32Array {
  const segments = new Int32Array(operations.length);
  folds.forEach((fold, f) => {
    segments.fill(f + 1, fold.to);
  });
  return segments;
}

/**
 * Follows the path back from the operation at position `at`, having come from behind the fold before `fold`, to the last
 * one whose predecessor is before position `until`, and returns that; 0: to the start of the block. `outer` folds lie
 * before that.
 */
function walkBack(w: Walker, at: number, fold: number, until: number, outer: number, sums: Sums): number {
  const { operations, positions } = w.timeline;
  let position = at;
  let segment = fold;
  for (;;) {
    while (segment > Math.max(outer, w.segments[position]!)) {
      const passage = passFold(w, --segment, position);
      addAll(sums, passage.sums, 1);
      position = passage.to;
    }
    if (position < until) return position;
    const o = operations[position]!;
    if (o.after < 0) {
      invariant(until === 0, 'a period depends on the start of the block');
      add(sums, keyOf('waiting', -1, o), o.start);
      return -1;
    }
    const before = positions[o.after]!;
    if (before < until && segment === outer) return position;
    addStep(sums, operations[before]!, o.start - operations[before]!.start, o);
    position = before;
  }
}

/** The way through the skipped periods of a fold, from an operation under way at the end of the last. */
function passFold(w: Walker, fold: number, at: number): Passage {
  const key = `${fold} ${at}`;
  const known = w.known.get(key);
  if (known !== undefined) return known;
  const f = w.timeline.folds[fold]!;
  const sums: Sums = new Map();
  /** Periods that were left behind when the path came through an operation, and the sums then. */
  const seen = new Map<number, { readonly periods: number; readonly sums: Sums }>();
  let position = at;
  for (let periods = 0; periods < f.times; ) {
    const before = seen.get(position);
    if (before !== undefined) {
      const cycle = periods - before.periods;
      const cycles = Math.floor((f.times - periods) / cycle);
      addAll(sums, difference(sums, before.sums), cycles);
      periods += cycles * cycle;
      seen.clear();
      if (periods === f.times) break;
    }
    seen.set(position, { periods, sums: new Map(sums) });
    position = passPeriod(w, f, fold, position, sums);
    periods++;
  }
  const passage = { to: position, sums };
  w.known.set(key, passage);
  return passage;
}

/** The way through one period and out at its beginning; returns where it comes in at the end of the period before. */
function passPeriod(w: Walker, f: WalkedFold, fold: number, at: number, sums: Sums): number {
  const { operations, positions } = w.timeline;
  const ticks = f.end - f.begin;
  const reached = walkBack(w, at, fold, f.from, f.outer, sums);
  const first = operations[reached]!;
  /** Position of what an operation is in the next period. */
  const nextOf = (o: Operation): number => {
    const next = positions[o.sequence + f.to - f.from] ?? -1;
    return next >= 0 && operations[next]!.start === o.start + ticks ? next : -1;
  };
  if (reached >= f.from) {
    // What the next period begins with has this one before it, not what was there before the first.
    const next = nextOf(first);
    const before = next < f.to || w.segments[next] !== fold + 1 ? -1 : positions[operations[next]!.after]!;
    if (before >= 0 && before < f.to) {
      addStep(sums, operations[before]!, operations[next]!.start - operations[before]!.start, operations[next]!);
      return before;
    }
  }
  const outside = reached < f.from ? reached : positions[first.after]!;
  const counterpart = nextOf(operations[outside]!);
  if (counterpart >= 0 && counterpart < f.to) {
    if (outside !== reached) addStep(sums, operations[outside]!, first.start - operations[outside]!.start, first);
    return counterpart;
  }
  // There is no next period to tell: the path goes on through the latest operation that could be on it.
  let latest = f.to - 1;
  while (latest > 0 && operations[latest]!.start > first.start + ticks) latest--;
  add(sums, keyOf('waiting', -1, first), first.start + ticks - operations[latest]!.start);
  return latest;
}

/** Adds the time from the start of `o` until `next`, which it let start, did so. */
function addStep(sums: Sums, o: Operation, ticks: number, next?: Operation): void {
  invariant(ticks >= 0, 'an operation starts before the one that lets it start');
  const released = next === undefined ? -1 : releasedFor(o, ticks, next);
  if (released >= 0) {
    add(sums, keyOf('held', released, o), ticks);
    return;
  }
  const longest = o.holds.reduce((most, hold, i) => (hold > o.holds[most]! ? i : most), 0);
  const held = Math.min(ticks, o.holds[longest] ?? 0);
  const ramp = Math.min(ticks - held, o.ramp);
  const latency = Math.min(ticks - held - ramp, o.finish - o.start - (o.holds[longest] ?? 0) - o.ramp);
  add(sums, keyOf('held', o.resources[longest] ?? -1, o), held);
  add(sums, keyOf('ramp', -1, o), ramp);
  add(sums, keyOf('latency', -1, o), latency);
  add(sums, keyOf('waiting', -1, o), ticks - held - ramp - latency);
}

/** Resource of both operations that the first released when the second started, if any; else -1. */
const releasedFor = (o: Operation, ticks: number, next: Operation): number =>
  o.resources.find((r, i) => o.holds[i] === ticks && next.resources.includes(r)) ?? -1;
