import { type Body, type Frame, isInside, usesOf } from './frame.ts';
import { largestTile, moved, stored } from './moved-tiles.ts';
import type { NestKeep } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/** Of the places of one tensor: what its tiles move, by level, and what they hold there. */
export type KeepCounts = {
  readonly read_bytes: Vector;
  /** The part of `read_bytes` that goes to the level above. */
  readonly drain_bytes: Vector;
  readonly write_bytes: Vector;
  /** Bytes of all stages of the largest tile, by place; `branch` is the loop right under the nest's own body, if any. */
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

type Place = { readonly keep: NestKeep; readonly body: Body; readonly users: readonly number[] };

/** Undefined: a body would be inside another one that keeps the tensor in the same level, or the tensor would be nowhere. */
export function countKeeps(
  f: Frame,
  tensor: number,
  chain: readonly NestKeep[],
  home: number | undefined,
): KeepCounts | undefined {
  const { workload, machine } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  const counts = {
    read_bytes: zeros(machine.levels.length),
    drain_bytes: zeros(machine.levels.length),
    write_bytes: zeros(machine.levels.length),
  };
  const held: { level: number; bytes: number; branch: Body | undefined }[] = [];
  const innermost = new Map<number, Innermost>();
  const bits = workload.tensors[tensor]!.bitsPerElement;
  const bytes = (elements: number): number => (elements * bits) / 8;
  let outside: number | undefined = home;
  for (const keep of chain) {
    const places = placesOf(f, keep, users);
    if (places === undefined || (outside === undefined && places.length > 1)) return undefined;
    for (const place of places) {
      const stage_bytes = bytes(largestTile(f, tensor, place.body.above));
      held.push({ level: keep.level, bytes: keep.stages * stage_bytes, branch: outermost(place.body) });
      const shared = { level: keep.level, filled: 0, drained: 0 };
      for (const e of place.users) innermost.set(e, shared);
      if (outside === undefined) continue;
      const { filled, drained } = movedBy(f, tensor, place, users);
      if (place.users.length === 1)
        innermost.set(place.users[0]!, { level: keep.level, filled: bytes(filled), drained: bytes(drained) });
      counts.write_bytes[keep.level]! += bytes(filled);
      counts.read_bytes[outside]! += bytes(filled);
      counts.read_bytes[keep.level]! += bytes(drained);
      counts.drain_bytes[keep.level]! += bytes(drained);
      counts.write_bytes[outside]! += bytes(drained);
    }
    outside = keep.level;
  }
  if (outside === undefined) return undefined;
  for (const e of users) if (!innermost.has(e)) innermost.set(e, { level: home!, filled: 0, drained: 0 });
  return { ...counts, held, innermost };
}

function placesOf(f: Frame, keep: NestKeep, users: readonly number[]): readonly Place[] | undefined {
  const byBody = new Map<Body, number[]>();
  for (const e of users) {
    const body = f.bodies.get(e)![keep.depth]!;
    byBody.set(body, [...(byBody.get(body) ?? []), e]);
  }
  const bodies = [...byBody.keys()];
  if (bodies.some((a) => bodies.some((b) => a !== b && isInside(a, b)))) return undefined;
  return [...byBody].map(([body, some]) => ({ keep, body, users: some }));
}

/** Elements that a place fills from outside and drains there. */
function movedBy(
  f: Frame,
  tensor: number,
  { body, users }: Place,
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
    return { filled: moved(f, tensor, body.above, restarts), drained: 0 };
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
