import { type Body, type Frame, isInside, usesOf } from './frame.ts';
import { gridDepth, tilesAtOnce } from './grid.ts';
import { type ChoicesOf, leastRoom } from './least-room.ts';
import { largestTile, moved, readTogether, stored } from './moved-tiles.ts';
import type { NestKeep } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/** Of the places of one tensor: what its tiles move, by level, and what they hold there. */
export type KeepCounts = {
  readonly read_bytes: Vector;
  /** The part of `read_bytes` that goes to the level above. */
  readonly drain_bytes: Vector;
  readonly write_bytes: Vector;
  /** Bytes that all stages of the largest tile take at least, by place; `branch` is the loop right under the nest's own body, if any. */
  readonly held: readonly { readonly level: number; readonly bytes: number; readonly branch: Body | undefined }[];
  /** The innermost place, by position of the Einsum that uses it there. */
  readonly innermost: ReadonlyMap<number, Innermost>;
};

/** Its level, and bytes that come in and leave for this Einsum alone: none where others use the same tile. */
export type Innermost = { readonly level: number; readonly filled: number; readonly drained: number };

/** The body right inside that of the nest; undefined for the latter. */
function outermost(body: Body): Body | undefined {
  let b = body;
  while (b.around?.around !== undefined) b = b.around;
  return b.around === undefined ? undefined : b;
}

/** Bodies of a tensor's users at some depth, and what a place there holds and moves. */
type Place = {
  readonly body: Body;
  readonly users: readonly number[];
  /** Of one stage, at least, in a level. */
  readonly roomIn: (level: number) => number;
  readonly filled: number;
  readonly drained: number;
};

/**
 * Counts chains of places of a tensor. Undefined: a body would be inside another one that keeps the tensor in the same level, or the
 * tensor would be nowhere. `home`: the level where it is anyway.
 */
export function keepCounter(
  f: Frame,
  tensor: number,
  home: number | undefined,
  choicesOf: ChoicesOf,
): (chain: readonly NestKeep[]) => KeepCounts | undefined {
  const { workload, machine } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  // What places move depends on their bodies alone, of which chains share most.
  const known: (readonly Place[] | null)[] = [];
  const placesAt = (depth: number): readonly Place[] | null => {
    if (known[depth] === undefined) known[depth] = placesOf(f, tensor, depth, users, choicesOf);
    return known[depth];
  };
  const { length } = machine.levels;
  return (chain) => {
    const counts = { read_bytes: zeros(length), drain_bytes: zeros(length), write_bytes: zeros(length) };
    const held: { level: number; bytes: number; branch: Body | undefined }[] = [];
    const innermost = new Map<number, Innermost>();
    let outside: number | undefined = home;
    for (const { level, depth, stages } of chain) {
      const places = placesAt(depth);
      if (places === null || (outside === undefined && places.length > 1)) return undefined;
      for (const { body, users: here, roomIn, filled, drained } of places) {
        held.push({ level, bytes: stages * roomIn(level), branch: outermost(body) });
        const alone = here.length === 1 && outside !== undefined;
        const use = { level, filled: alone ? filled : 0, drained: alone ? drained : 0 };
        for (const e of here) innermost.set(e, use);
        if (outside === undefined) continue;
        counts.write_bytes[level]! += filled;
        counts.read_bytes[outside]! += readTogether(f, tensor, outside, level, filled);
        counts.read_bytes[level]! += drained;
        counts.drain_bytes[level]! += drained;
        counts.write_bytes[outside]! += drained;
      }
      outside = level;
    }
    if (outside === undefined) return undefined;
    for (const e of users) if (!innermost.has(e)) innermost.set(e, { level: home!, filled: 0, drained: 0 });
    return { ...counts, held, innermost };
  };
}

/** Null: some of these bodies are inside others. */
function placesOf(
  f: Frame,
  tensor: number,
  depth: number,
  users: readonly number[],
  choicesOf: ChoicesOf,
): readonly Place[] | null {
  const byBody = new Map<Body, number[]>();
  for (const e of users) {
    const body = f.bodies.get(e)![depth]!;
    byBody.set(body, [...(byBody.get(body) ?? []), e]);
  }
  const bodies = [...byBody.keys()];
  if (bodies.some((a) => bodies.some((b) => a !== b && isInside(a, b)))) return null;
  const bytes = (elements: number): number => (elements * f.problem.workload.tensors[tensor]!.bitsPerElement) / 8;
  const grid = gridDepth(f.loops);
  return [...byBody].map(([body, some]) => {
    const { filled, drained } = movedBy(f, tensor, body, depth < grid ? 0 : grid, some, users);
    const tiles = largestTile(f, tensor, body.above) * tilesAtOnce(f.problem, f.loops, depth);
    const tile_bytes = bytes(Math.min(stored(f, tensor), tiles));
    const rooms: number[] = [];
    return {
      body,
      users: some,
      roomIn: (level) => (rooms[level] ??= leastRoom(f, level, tensor, { body, users: some }, tile_bytes, choicesOf)),
      filled: bytes(filled),
      drained: bytes(drained),
    };
  });
}

/** Elements that a place fills from outside and drains there. Each step of the outermost `launching` loops begins with nothing. */
function movedBy(
  f: Frame,
  tensor: number,
  body: Body,
  launching: number,
  users: readonly number[],
  all: readonly number[],
): { readonly filled: number; readonly drained: number } {
  const { workload } = f.problem;
  const { producer, role } = workload.tensors[tensor]!;
  const here = producer !== undefined && users.includes(producer);
  if (!here) {
    // Of a carried tensor each iteration of its rank reads another version.
    const made = producer === undefined || !f.bodies.has(producer) ? undefined : workload.einsums[producer];
    const renewed = made === undefined ? [] : sharedLoops(f, body, producer!);
    const restarts = renewed.filter((i) => f.loops[i]!.variable === made!.carried);
    return { filled: moved(f, tensor, body.above, [...body.above.slice(0, launching), ...restarts]), drained: 0 };
  }
  const made = workload.einsums[producer]!;
  const elsewhere = all.filter((e) => !users.includes(e));
  const returns = body.above.some((i) => {
    const { variable } = f.loops[i]!;
    return made.reduced.includes(variable) || made.carried === variable;
  });
  const shared = elsewhere.map((e) => sharedLoops(f, body, e));
  const restarts = shared.reduce((a, b) => (b.length > a.length ? b : a), []);
  const volume = moved(f, tensor, body.above, restarts);
  const drains = role === 'output' || elsewhere.length > 0 || returns;
  return { filled: volume - stored(f, tensor), drained: drains ? volume : 0 };
}

/** Loops above a body that are also above an Einsum, outermost first. */
function sharedLoops(f: Frame, body: Body, einsum: number): readonly number[] {
  const inside = f.bodies.get(einsum)!.at(-1)!;
  for (let b: Body | undefined = body; b !== undefined; b = b.around) if (isInside(inside, b)) return b.above;
  return [];
}
