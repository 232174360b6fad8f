import { type Certificate, compulsoryTraffic, type Machine, type Workload } from 'attnsim';
import type { Loop, Problem } from './nests.ts';

/**
 * What nests with some loops outermost cost at least, worked out apart from the search, in less depth: what units do, each Einsum on
 * the best, and what the outermost memory gives and takes once.
 */

export type Cost = Readonly<Record<Certificate['axes'][number], number>>;

type Einsum = Workload['einsums'][number];

/** Cycles by unit, and energy of operations in pJ, at the end. */
type Work = readonly number[];

/** Those of which none has as little as another of everything. */
export function least<T extends readonly number[]>(options: readonly T[]): readonly T[] {
  const best: T[] = [];
  const isNoMore = (a: T, b: T): boolean => a.every((x, i) => x <= b[i]!);
  for (const o of options)
    if (!best.some((b) => isNoMore(b, o))) best.splice(0, best.length, ...best.filter((b) => !isNoMore(o, b)), o);
  return best;
}

const plus = (a: Work, b: Work): Work => a.map((x, i) => x + b[i]!);

/** Sum over the tiles of nested loops over so many coordinates, innermost tiles first. */
function overTiles(size: number, [tile, ...inner]: readonly number[], of: (length: number) => number): number {
  if (tile === undefined || tile >= size) return tile === undefined ? of(size) : overTiles(size, inner, of);
  const last = size % tile;
  return Math.floor(size / tile) * overTiles(tile, inner, of) + (last > 0 ? overTiles(last, inner, of) : 0);
}

/** Passes of an array over the tiles of an Einsum at least, whatever ranks lie along its dimensions and whatever loops are inside. */
function leastPasses(w: Workload, einsum: Einsum, loops: readonly Loop[], sizes: readonly number[]): number {
  const tilesOf = (v: number): readonly number[] =>
    loops.flatMap(([name, t]) => (name === w.variables[v]!.name ? [t] : []));
  const passes = (variables: readonly number[], lanes: number, points = 1): number => {
    const [v, ...others] = variables;
    if (v === undefined) return Math.ceil(points / lanes);
    return overTiles(w.variables[v]!.size, tilesOf(v), (length) => passes(others, lanes, points * length));
  };
  const assign = ([v, ...others]: readonly number[], along: readonly (readonly number[])[]): number => {
    if (v === undefined) return along.reduce((n, some, d) => n * passes(some, sizes[d]!), 1);
    const beside = w.variables[v]!.size * assign(others, along);
    return Math.min(
      beside,
      ...along.map((_, d) =>
        assign(
          others,
          along.map((some, i) => (i === d ? [...some, v] : some)),
        ),
      ),
    );
  };
  return assign(
    einsum.variables,
    sizes.map(() => []),
  );
}

/** What the operations of some Einsums take of the units, each in the ways that could be the best. */
function workOf(
  { workload: w, machine }: Problem,
  einsums: readonly number[],
  loops: readonly Loop[],
  accounting: string,
): readonly Work[] {
  const free = machine.accountings.get(accounting)!.freeOperators;
  return einsums.reduce<readonly Work[]>(
    (sums, e) => {
      const einsum = w.einsums[e]!;
      const points = einsum.variables.reduce((n, v) => n * w.variables[v]!.size, 1);
      const passes = machine.units.map((u) =>
        leastPasses(
          w,
          einsum,
          loops,
          u.dimensions.map((d) => d.size),
        ),
      );
      let ways: readonly Work[] = [machine.units.map(() => 0).concat(0)];
      for (const { operator, perPoint } of einsum.operations)
        ways = least(
          ways.flatMap((way) =>
            machine.units.flatMap(({ operators }, unit) => {
              const able = operators.get(operator);
              if (able === undefined) return [];
              const energy = free.has(operator) ? 0 : points * perPoint * able.energy_pj;
              return [
                way.map(
                  (x, i) =>
                    x +
                    (i === unit ? passes[unit]! * perPoint * able.cycles : 0) +
                    (i === machine.units.length ? energy : 0),
                ),
              ];
            }),
          ),
        );
      return least(sums.flatMap((s) => ways.map((way) => plus(s, way))));
    },
    [machine.units.map(() => 0).concat(0)],
  );
}

const bytesOf = (w: Workload, tensor: number): number => {
  const { dimensions, bitsPerElement } = w.tensors[tensor]!;
  return dimensions.reduce((n, d) => (d.carried ? n : n * d.size), bitsPerElement / 8);
};

/** Bytes that come from the outermost memory and go to it at least while some Einsums are computed apart from the others. */
function homeBytes(w: Workload, einsums: readonly number[]): { readonly read: number; readonly written: number } {
  const compulsory = compulsoryTraffic(w).tensors;
  const sum = (tensors: readonly number[], of: (t: number) => number): number =>
    [...new Set(tensors)].reduce((n, t) => n + of(t), 0);
  const reads = einsums
    .flatMap((e) => w.einsums[e]!.operands.map((o) => o.tensor))
    .filter((t) => w.tensors[t]!.role === 'input');
  const isRead = (t: number): boolean =>
    w.einsums.some((e, at) => !einsums.includes(at) && e.operands.some((o) => o.tensor === t));
  const made = einsums
    .map((e) => w.einsums[e]!.output.tensor)
    .filter((t) => w.tensors[t]!.role === 'output' || isRead(t));
  const touched = (t: number): number => compulsory.get(w.tensors[t]!.name)?.bytes ?? bytesOf(w, t);
  // Of an input that several parts read, each may read another share.
  const isOwn = (t: number): boolean =>
    w.einsums.every((e, at) => einsums.includes(at) || !e.operands.some((o) => o.tensor === t));
  return { read: sum(reads.filter(isOwn), touched), written: sum(made, touched) };
}

/** The floor of some Einsums of a dense cascade, with loops that are outermost around all that have their ranks. */
export function floorOf(
  problem: Problem,
  einsums: readonly number[],
  loops: readonly Loop[],
  accounting: string,
): readonly Cost[] {
  const { machine, workload } = problem;
  const { memory, totalInstances } = outermost(machine);
  const { read, written } = homeBytes(workload, einsums);
  const [reads, writes] = [read / memory.read_bytes_per_cycle, written / memory.write_bytes_per_cycle].map(
    (c) => c / totalInstances,
  );
  const home_cycles = memory.sharedPort ? reads! + writes! : Math.max(reads!, writes!);
  return workOf(problem, einsums, loops, accounting).map((work) => ({
    latency_cycles: Math.max(
      home_cycles,
      ...machine.units.map((u, i) => work[i]! / machine.levels[u.level]!.totalInstances),
    ),
    energy_pj: work.at(-1)!,
    home_bytes: read + written,
  }));
}

type Level = Machine['levels'][number];
type Memory = Exclude<Level['memory'], undefined>;

/** The level of the outermost memory. */
export function outermost(machine: Machine): Level & { readonly memory: Memory } {
  return machine.levels.find((l): l is Level & { readonly memory: Memory } => l.memory !== undefined)!;
}
