import { lanesOf } from '../mapper/lanes.ts';
import { usesOf } from './frame.ts';
import { product, tensorsOf } from './mapspace.ts';
import { homeOf, type Problem } from './plan.ts';
import type { Team } from './workers.ts';

/** By tensor: levels that it keeps out of. */
export type Exclusion = ReadonlyMap<number, readonly number[]>;

/** More ways than these, or of more tensors, are not told apart. */
const mostWays = 64;
const mostTensors = 10;

/**
 * Where not all tensors of some Einsums have room for a tile in a level at once, however small: the ways in which as many as possible have, each
 * with what the others keep out of. One way, with nothing in it, where all have room.
 */
export function crowding(problem: Problem, team: Team): readonly Exclusion[] {
  const { workload, machine } = problem;
  const tensors = tensorsOf(
    workload,
    workload.einsums.map((_, e) => e),
  );
  let ways: readonly (readonly (readonly [tensor: number, level: number])[])[] = [[]];
  machine.levels.forEach(({ memory }, level) => {
    if (memory === undefined || level === homeOf(machine) || tensors.length > mostTensors) return;
    const rooms = tensors.map((t) => elementRoom(problem, team, level, t));
    const kept = largestSets(rooms, memory.capacity_bytes);
    if (kept.length * ways.length > mostWays) return;
    const left = kept.map((some) => tensors.flatMap((t, i) => (some.has(i) ? [] : [[t, level] as const])));
    ways = [...product([ways, left])].map((pair) => pair.flat());
  });
  return ways.map((way) => new Map(tensors.map((t) => [t, way.flatMap(([out, level]) => (out === t ? [level] : []))])));
}

/**
 * Bytes that a tile of one element takes of a level at least. Where all lanes of an array have memories of their own, all of them have room
 * for it, if one does that computes with it.
 */
function elementRoom({ workload, machine }: Problem, { staff }: Team, level: number, tensor: number): number {
  const bytes = workload.tensors[tensor]!.bitsPerElement / 8;
  const users = usesOf(
    workload,
    tensor,
    workload.einsums.map((_, e) => e),
  );
  const inLanes = users.some((e) => staff[e]!.bindings().every(({ form }) => form.privateLevels.has(level)));
  return inLanes ? bytes * lanesOf(machine, level) : bytes;
}

/** Sets of positions of which none more fits. */
function largestSets(rooms: readonly number[], capacity: number): readonly ReadonlySet<number>[] {
  const sets: ReadonlySet<number>[] = [];
  const extend = (at: number, some: readonly number[], room: number): void => {
    if (at === rooms.length) {
      const isLargest = rooms.every((r, i) => some.includes(i) || room + r > capacity);
      if (isLargest) sets.push(new Set(some));
      return;
    }
    if (room + rooms[at]! <= capacity) extend(at + 1, [...some, at], room + rooms[at]!);
    extend(at + 1, some, room);
  };
  extend(0, [], 0);
  return sets;
}
