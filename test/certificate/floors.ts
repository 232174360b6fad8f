import { type Certificate, compulsoryTraffic } from 'attnsim';
import { isWhole, type Limits, type Loop, type Problem } from './loops.ts';
import { cyclesWithoutTransfers } from './schedule.ts';
import { leastMoved, type Moved, outermost } from './traffic.ts';
import { least, plus, ranksOf, type Work, workOfUnits } from './units.ts';

/** What mappings cost at least, worked out apart from the search. */

export type Cost = Readonly<Record<Certificate['axes'][number], number>>;
/** Costs along the axes of a certificate. */
export type Costs = readonly number[];

export type Floors = {
  /** Of all mappings of the cascade, with some tensors in the outermost memory: what units have to do and what has to be read and written. */
  readonly ofAll: (atHome: readonly string[]) => readonly Costs[];
  /** Of nests of some Einsums that have such loops outermost, or, if not `inside`, just these. More is worked out as long as it is not enough. */
  readonly ofNests: (
    limits: Limits,
    einsums: readonly number[],
    loops: readonly Loop[],
    inside: boolean,
    isEnough: (costs: Costs) => boolean,
  ) => readonly Costs[];
};

/** Ways to compute all Einsums that are timed one by one, at most. */
const mostWays = 40;

export function floorsOf(
  problem: Problem,
  { axes, energy_accounting }: Pick<Certificate, 'axes' | 'energy_accounting'>,
): Floors {
  const { workload: w, machine } = problem;
  const { memory, totalInstances } = outermost(machine);
  const { worksOf, sumsOf } = workOfUnits(problem, energy_accounting, axes);
  const instances = machine.units.map((u) => machine.levels[u.level]!.totalInstances);
  const isOne = machine.levels.every((l) => l.totalInstances === 1);
  const all = w.einsums.map((_, e) => e);
  // What a filter leaves out may be more than is known.
  const isDense = w.einsums.every((e) => e.domain.some((conjunction) => conjunction.length === 0));

  const costOf = (work: Work, [read, written]: Moved, cycles = 0): Costs => {
    const { sharedPort, read_bytes_per_cycle: reads, write_bytes_per_cycle: writes } = memory;
    const port = sharedPort ? (read + written) / reads : Math.max(read / reads, written / writes);
    // Of what lanes have to themselves, other things are charged than what crosses the port.
    const isPlain = !memory.perLane && !memory.private;
    const moved_pj = isPlain ? read * memory.read_pj_per_byte + written * memory.write_pj_per_byte : 0;
    const cost: Cost = {
      latency_cycles: Math.max(cycles, port / totalInstances, ...instances.map((n, u) => work[u]! / n)),
      energy_pj: work.at(-1)! + moved_pj,
      home_bytes: read + written,
    };
    return axes.map((axis) => cost[axis]);
  };
  const joined = (works: readonly Work[], moved: readonly Moved[]): readonly Costs[] =>
    least(works.flatMap((work) => moved.map((m) => costOf(work, m))));

  /** With what Einsums wait for each other: those ways to compute them that would not cost enough are timed. */
  const timed = (
    limits: Limits,
    einsums: readonly number[],
    loops: readonly Loop[],
    moved: readonly Moved[],
    isEnough: (costs: Costs) => boolean,
  ): readonly Costs[] | undefined => {
    const ranks = ranksOf(w, loops);
    const found: Costs[] = [];
    type Team = { readonly work: Work; readonly ways: readonly number[] };
    let teams: readonly Team[] = [{ work: machine.units.map(() => 0).concat(0), ways: [] }];
    for (const e of einsums) {
      teams = teams
        .flatMap(({ work, ways }) => worksOf(e, ranks).map((x, way) => ({ work: plus(work, x), ways: [...ways, way] })))
        .filter(({ work }) => {
          const costs = joined([work], moved);
          const isOver = costs.every(isEnough);
          if (isOver) found.push(...costs);
          return !isOver;
        });
      if (teams.length > mostWays) return undefined;
    }
    for (const { work, ways } of teams) {
      const timeOf = (e: number, extents: readonly number[]): Work =>
        worksOf(
          e,
          extents.map((x) => [x]),
        )[ways[einsums.indexOf(e)]!]!.slice(0, -1);
      const cycles = cyclesWithoutTransfers(w, einsums, loops, Math.max(...limits.in_flight), timeOf);
      found.push(...moved.map((m) => costOf(work, m, cycles)));
    }
    return least(found);
  };

  /** Loops that all nests of some Einsums have, if only inside all others. */
  const needed = (einsums: readonly number[]): readonly Loop[] =>
    w.variables.flatMap(({ name }) => {
      const others = w.variables.flatMap((v): Loop[] => (v.name === name ? [] : [[v.name, 1]]));
      return isWhole(w, einsums, others) ? [] : [[name, 1]];
    });

  return {
    ofAll: (atHome) => {
      const { tensors } = compulsoryTraffic(w);
      const sum = (role: string): number =>
        w.tensors.reduce(
          (n, t) => (t.role === role && isDense && atHome.includes(t.name) ? n + (tensors.get(t.name)?.bytes ?? 0) : n),
          0,
        );
      return joined(sumsOf(all, ranksOf(w, [])), [[sum('input'), sum('output')]]);
    },
    ofNests: (limits, einsums, loops, inside, isEnough) => {
      const missing = needed(einsums).filter(([v]) => loops.every(([name]) => name !== v));
      const works = sumsOf(einsums, ranksOf(w, [...loops, ...missing]));
      let costs = joined(works, [[0, 0]]);
      if (costs.every(isEnough)) return costs;
      // Instances may share what is read, and each has a part of the tiles.
      const moved = isOne
        ? leastMoved(problem, limits, einsums, loops, inside)
        : leastMoved(problem, limits, einsums, [], true);
      costs = joined(works, moved);
      if (costs.every(isEnough) || inside || !isOne || !axes.includes('latency_cycles')) return costs;
      return timed(limits, einsums, loops, moved, isEnough) ?? costs;
    },
  };
}
