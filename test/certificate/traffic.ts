import type { Machine, Workload } from 'attnsim';
import {
  accesses,
  branches,
  homeDepth,
  type Limits,
  type Loop,
  moves,
  type Problem,
  positionOf,
  tensorsOf,
} from './loops.ts';
import { least } from './units.ts';

type Einsum = Workload['einsums'][number];
type Access = Einsum['output'];
type Level = Machine['levels'][number];
type Memory = Exclude<Level['memory'], undefined>;

/** Bytes that the outermost memory gives, and those that it takes. */
export type Moved = readonly [read: number, written: number];

/** The level of the outermost memory. */
export function outermost(machine: Machine): Level & { readonly memory: Memory } {
  return machine.levels.find((l): l is Level & { readonly memory: Memory } => l.memory !== undefined)!;
}

/** Bytes of what an access touches while variables go through so many coordinates. */
function touchedBytes(w: Workload, { tensor, indices }: Access, extent: (v: number) => number): number {
  const { dimensions, bitsPerElement } = w.tensors[tensor]!;
  return dimensions.reduce((bytes, { size, carried }, d) => {
    if (carried) return bytes;
    const { terms, divisor } = indices[d]!;
    const last = terms.reduce((n, t) => n + Math.abs(t.coefficient) * (extent(t.variable) - 1), 0);
    return bytes * Math.min(size, Math.floor(last / divisor) + 1);
  }, bitsPerElement / 8);
}

/** A way to keep a tensor: bytes that it takes on chip, and those that cross the outermost memory then. */
type Place = readonly [room: number, read: number, written: number];

/**
 * What crosses the outermost memory at least in nests with such loops outermost, and just these or, `inside`, more in them: each tensor
 * stays on chip if its tile fits beside those of the others, or comes and goes. All levels on chip are taken together, as one.
 */
export function leastMoved(
  problem: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly Loop[],
  inside: boolean,
): readonly Moved[] {
  const { workload: w, machine } = problem;
  const home = outermost(machine);
  const onChip = machine.levels.filter((l) => l !== home && l.memory !== undefined);
  const capacity = onChip.reduce((n, l) => n + l.memory!.capacity_bytes * l.totalInstances, 0);
  // In a pipeline all tiles are there at once; those of a sequence take turns.
  const most = limits.in_flight.includes(1) ? Number.POSITIVE_INFINITY : capacity;
  const groupsAt = (some: readonly number[], depth: number): readonly (readonly number[])[] =>
    depth === loops.length
      ? [some]
      : branches(w, some, positionOf(w, loops[depth]![0])).flatMap((b) =>
          b.isLooped ? [b.einsums] : groupsAt(b.einsums, depth + 1),
        );
  const tensors = tensorsOf(w, einsums).map((t) => ({
    user: einsums.find((e) => accesses(w.einsums[e]!).some((a) => a.tensor === t))!,
    places: waysToKeep(problem, limits, einsums, loops, inside, t),
  }));
  let moved: readonly Moved[] = [[0, 0]];
  for (const group of groupsAt(einsums, 0)) {
    let sums: readonly Place[] = [[0, 0, 0]];
    for (const { user, places } of tensors)
      if (group.includes(user))
        sums = least(
          sums
            .flatMap((s) => places.map((p): Place => [s[0] + p[0], s[1] + p[1], s[2] + p[2]]))
            .filter(([room]) => room <= most),
        );
    moved = least(moved.flatMap(([r, m]) => sums.map(([, read, written]): Moved => [r + read, m + written])));
  }
  return moved;
}

function waysToKeep(
  { workload: w, machine }: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly Loop[],
  inside: boolean,
  tensor: number,
): readonly Place[] {
  const { role, producer } = w.tensors[tensor]!;
  const { memory } = outermost(machine);
  const isMade = producer !== undefined && einsums.includes(producer);
  const isRead = (e: Einsum): boolean => e.operands.some((o) => o.tensor === tensor);
  const isHome = !isMade || role === 'output' || w.einsums.some((e, at) => !einsums.includes(at) && isRead(e));
  const isInstant =
    memory.latency_cycles === 0 && memory.read_bytes_per_cycle + memory.write_bytes_per_cycle === Infinity;
  const stages = limits.constraints.length > 0 || (isHome && isInstant) ? 1 : Math.min(...limits.stages);

  const accessOf = (user: Einsum): Access => accesses(user).find((a) => a.tensor === tensor)!;
  const tile = (user: Einsum, depth: number): number => {
    const inner = new Map(loops.slice(0, depth).map(([name, t]) => [positionOf(w, name), t]));
    return touchedBytes(w, accessOf(user), (v) => inner.get(v) ?? w.variables[v]!.size);
  };
  /** Places for what an Einsum touches inside so many loops, or none: bytes that they take, and bytes that come or go then. */
  const ways = (user: Einsum, outside: number): readonly (readonly [room: number, bytes: number])[] => {
    // Of each loop around: whether it moves the tensor, and how many steps it has. Of several over a variable one is counted.
    const around = loops.map(([name, t], i) => {
      const v = positionOf(w, name);
      const isFirst = loops.findIndex((l) => l[0] === name) === i && user.variables.includes(v);
      return {
        isMoving: isFirst && moves(w, accessOf(user), v),
        steps: isFirst ? Math.ceil(w.variables[v]!.size / t) : 1,
      };
    });
    // In each step of a loop that does not move the tensor it comes anew if a loop inside moves it.
    const bytes = (depth: number): number =>
      around.slice(0, depth).reduce((n, l) => (l.isMoving ? n : n * l.steps), tile(user, 0));
    return [0, ...around.flatMap((l, i) => (l.isMoving ? [i + 1] : []))]
      .filter((depth) => depth >= outside)
      .map((depth): readonly [number, number] => [stages * tile(user, depth), bytes(depth)])
      .concat([[0, bytes(loops.length)]]);
  };
  if (!isMade) {
    const reader = w.einsums[einsums.find((e) => isRead(w.einsums[e]!))!]!;
    return least(ways(reader, 0).map(([room, n]): Place => [room, n, 0]));
  }
  const maker = w.einsums[producer]!;
  if (isHome) return least(ways(maker, 0).map(([room, n]): Place => [room, 0, n]));
  // What is not kept where all its users share it comes and goes.
  const depth = homeDepth(w, einsums, loops, tensor);
  const reader = w.einsums.find((e) => e !== maker && isRead(e))!;
  const read = Math.min(...ways(reader, depth + 1).map(([, n]) => n));
  const room = inside && depth === loops.length ? 0 : stages * tile(maker, depth);
  return least([[room, 0, 0], ...ways(maker, depth + 1).map(([r, n]): Place => [r, read, n])]);
}
