import { countOperations, type Workload } from 'attnsim';
import type { Loop, Problem } from './loops.ts';

/** What one way to compute an Einsum takes: cycles of each unit, and energy in pJ at the end. */
export type Work = readonly number[];

/** Of each variable of a workload: how many coordinates there are, and the tiles that loops cut them into, outermost first. */
export type Ranks = readonly (readonly number[])[];

type Einsum = Workload['einsums'][number];
type Unit = Problem['machine']['units'][number];

/** What the units of a machine do for a workload at least, apart from the search. */
export type Units = {
  /** The ways to compute an Einsum that could be the best, whatever ranks lie along arrays. */
  readonly worksOf: (einsum: number, ranks: Ranks) => readonly Work[];
  /** What some Einsums take, each in one of these ways: all sums that could be the best. */
  readonly sumsOf: (einsums: readonly number[], ranks: Ranks) => readonly Work[];
};

export const ranksOf = ({ variables }: Workload, loops: readonly Loop[]): Ranks =>
  variables.map(({ name, size }) => [size, ...loops.flatMap(([v, tile]) => (v === name ? [tile] : []))]);

/** Of more options than these, neighbours count as one that has the least of each. */
const mostOptions = 1000;

/** Those of which none has as little as another of everything. */
export function least<T extends readonly number[]>(options: readonly T[]): readonly T[] {
  const best: T[] = [];
  for (const o of options.toSorted(inOrder)) if (!best.some((b) => b.every((x, i) => x <= o[i]!))) best.push(o);
  const size = Math.ceil(best.length / mostOptions);
  if (size < 2) return best;
  const chunks = Array.from({ length: Math.ceil(best.length / size) }, (_, i) => best.slice(i * size, (i + 1) * size));
  return chunks.map((some) => some[0]!.map((_, i) => Math.min(...some.map((o) => o[i]!))) as readonly number[] as T);
}

function inOrder(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return 0;
}

export const plus = (a: Work, b: Work): Work => a.map((x, i) => x + b[i]!);

/** Operands of an Einsum, the widest of each operation, in those that the figures of a unit are for. */
function widthOf({ operand_bits, least_operand_bits }: Unit, { tensors }: Workload, { operands }: Einsum): number {
  if (operand_bits === undefined) return 1;
  const widest = Math.max(0, ...operands.map((o) => tensors[o.tensor]!.bitsPerElement));
  return Math.max(widest, least_operand_bits) / operand_bits;
}

export function workOfUnits({ workload: w, machine }: Problem, accounting: string, axes: readonly string[]): Units {
  const { units } = machine;
  // What is not asked for weighs nothing.
  const [isTimed, isCharged] = [axes.includes('latency_cycles'), axes.includes('energy_pj')];
  const free = machine.accountings.get(accounting)!.freeOperators;
  const counts = countOperations(w);
  const nothing: Work = [...units.map(() => 0), 0];
  /** Of each Einsum: cycles of a pass on each unit, and energy. */
  const ways = w.einsums.map((einsum) =>
    einsum.operations.reduce<readonly Work[]>(
      (some, { operator, perPoint }) =>
        least(
          some.flatMap((way) =>
            units.flatMap((of, unit) => {
              const able = of.operators.get(operator);
              if (able === undefined) return [];
              const width = widthOf(of, w, einsum);
              const cycles = isTimed ? perPoint * able.cycles * width : 0;
              const all = counts.get(einsum.name)?.get(operator) ?? 0;
              const energy = isCharged && !free.has(operator) ? all * able.energy_pj * width : 0;
              return [way.map((x, i) => x + (i === unit ? cycles : i === units.length ? energy : 0))];
            }),
          ),
        ),
      [nothing],
    ),
  );
  const works = remembering((e: number, ranks: Ranks) => {
    const passes = units.map((u) =>
      leastPasses(
        w.einsums[e]!,
        ranks,
        u.dimensions.map((d) => d.size),
      ),
    );
    return ways[e]!.map((way) => way.map((x, i) => x * (passes[i] ?? 1)));
  });
  const worksOf = (e: number, ranks: Ranks): readonly Work[] =>
    works(`${e}:${w.einsums[e]!.variables.map((v) => ranks[v]).join(';')}`, e, ranks);
  const sums = remembering((einsums: readonly number[], ranks: Ranks) =>
    einsums.reduce<readonly Work[]>(
      (some, e) => least(some.flatMap((s) => worksOf(e, ranks).map((x) => plus(s, x)))),
      [nothing],
    ),
  );
  return { worksOf, sumsOf: (einsums, ranks) => sums(`${einsums}:${ranks.join(';')}`, einsums, ranks) };
}

function remembering<A extends readonly unknown[], T>(make: (...args: A) => T): (key: string, ...args: A) => T {
  const known = new Map<string, T>();
  return (key, ...args) => {
    if (!known.has(key)) known.set(key, make(...args));
    return known.get(key)!;
  };
}

/** Passes of an array over an Einsum at least, whatever ranks lie along its dimensions and whatever loops are inside. */
function leastPasses({ variables, domain }: Einsum, ranks: Ranks, sizes: readonly number[]): number {
  const cut = variables.map((v) => ranks[v]!);
  const points = cut.reduce((n, [size]) => n * size!, 1);
  // Of what a filter leaves out nothing is known here.
  if (!domain.some((conjunction) => conjunction.length === 0)) return 0;
  if (sizes.length === 0) return points;
  const along = (some: Ranks, lanes: number, covered = 1): number => {
    const [rank, ...others] = some;
    if (rank === undefined) return Math.ceil(covered / lanes);
    return overTiles(rank, (length) => along(others, lanes, covered * length));
  };
  const assign = ([rank, ...others]: Ranks, laid: readonly Ranks[]): number => {
    if (rank === undefined) return laid.reduce((n, some, d) => n * along(some, sizes[d]!), 1);
    const ways = laid.map((_, d) => laid.map((some, i) => (i === d ? [...some, rank] : some)));
    return Math.min(rank[0]! * assign(others, laid), ...ways.map((way) => assign(others, way)));
  };
  return assign(
    cut.filter(([size]) => size! > 1),
    sizes.map(() => []),
  );
}

/** Sum over the innermost tiles of nested loops. */
function overTiles([size, tile, ...inner]: readonly number[], of: (length: number) => number): number {
  if (tile === undefined) return of(size!);
  if (tile >= size!) return overTiles([size!, ...inner], of);
  const last = size! % tile;
  return Math.floor(size! / tile) * overTiles([tile, ...inner], of) + (last > 0 ? overTiles([last, ...inner], of) : 0);
}
