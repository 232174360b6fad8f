import { isBelow } from '../mapper/levels.ts';
import { branchesAt } from './branches.ts';
import { allowsLevels } from './constraints/allow.ts';
import type { BoundConstraints } from './constraints/bound.ts';
import { crowding, type Exclusion } from './crowding.ts';
import { type Frame, frameOf, usesOf } from './frame.ts';
import { sharersOf } from './grid.ts';
import { homeDepth } from './keep-choices.ts';
import { book, costOf, type Ledger, leastOf, openLedger, sum, type Tariff, writeLedger } from './ledger.ts';
import { type Limits, tensorsOf, variablesOf } from './mapspace.ts';
import { leastMoved, readTogether, tileBytes } from './moved-tiles.ts';
import type { Cost } from './objective.ts';
import { homeOf, isAtHome, type NestLoop, type Problem } from './plan.ts';
import type { Staff, TeamOf } from './workers.ts';

/**
 * What all nests of a workload's Einsums cost at least that have some loops outermost, whatever is inside them. Units do at least the
 * array passes that the tiles of these loops take, each Einsum on one of them; cutting tiles further makes no pass less. A tensor
 * moves as little as the best levels for it allow that constraints leave, each with the buffer to itself, but for what has no room beside
 * others however small its tiles are. `homesOf`: levels in which a tensor can be at home.
 */
export function leastOfLoops(
  problem: Problem,
  tariff: Tariff,
  teamOf: TeamOf,
  limits: Pick<Limits, 'constraints' | 'inFlight'>,
  homesOf = outermost(problem),
): (loops: readonly NestLoop[]) => readonly Cost[] {
  const { workload } = problem;
  const einsums = workload.einsums.map((_, e) => e);
  const tensors = tensorsOf(workload, einsums).map((tensor) => ({
    tensor,
    // Other loops are not around those who use it.
    variables: new Set(variablesOf(workload, usesOf(workload, tensor, einsums))),
    chains: chainsOf(problem, tariff, limits.constraints, tensor, homesOf(tensor)),
    isHome: homesOf(tensor) !== undefined,
    known: new Map<string, Ledger>(),
  }));
  const isCrowded = crowded(problem, limits);
  const ways = crowding(problem, teamOf(problem, []));
  return (loops) => {
    const { staff, least } = teamOf(problem, loops);
    let frame: Frame | undefined;
    const movedIn = (way: Exclusion | undefined): Ledger => {
      let moved = openLedger(tariff);
      for (const { tensor, variables, chains, isHome, known } of tensors) {
        const excluded = way?.get(tensor) ?? [];
        let key = `${excluded}|`;
        for (const l of loops) if (variables.has(l.variable)) key += `${l.variable}:${l.tile}:${l.across ?? ''},`;
        let ledger = known.get(key);
        if (ledger === undefined) {
          frame ??= frameOf(problem, einsums, loops);
          ledger = leastOfTensor(tariff, frame, staff, tensor, chains, isHome, excluded);
          known.set(key, ledger);
        }
        moved = sum(moved, ledger);
      }
      return moved;
    };
    const moved = ways.length > 1 && isCrowded(loops) ? leastOf(tariff, ways.map(movedIn)) : movedIn(undefined);
    const shared = { ...tariff, sharers: sharersOf(problem, tariff.resources, loops, false) };
    return least.map((computed) => costOf(shared, sum(computed, moved)));
  };
}

/** Whether all tiles of a nest with some loops outermost are there at once: all Einsums are under the first, which is a pipeline. */
function crowded(
  { workload }: Problem,
  { inFlight }: Pick<Limits, 'inFlight'>,
): (loops: readonly NestLoop[]) => boolean {
  const einsums = workload.einsums.map((_, e) => e);
  const isAround = workload.variables.map((_, v) => {
    const branches = branchesAt(workload, einsums, v);
    return branches.length === 1 && branches[0]!.looped;
  });
  const isPipelined = inFlight.every((n) => n > 1);
  return ([first]) => isPipelined && first !== undefined && first.across === undefined && isAround[first.variable]!;
}

/** Where nests have what they do not keep: inputs, outputs and what passes between them; undefined: anywhere. */
const outermost =
  (problem: Problem) =>
  (tensor: number): readonly number[] | undefined =>
    isAtHome(problem, tensor) ? [homeOf(problem.machine)] : undefined;

/** Levels that have a tensor, each below the one before: those that can be next, and whether it may end here. */
type Chain = { readonly level: number; readonly ends: boolean; readonly inner: readonly Chain[] };

/** The chains that constraints leave. */
function chainsOf(
  problem: Problem,
  t: Tariff,
  constraints: BoundConstraints,
  tensor: number,
  homes: readonly number[] | undefined,
): readonly Chain[] {
  const { levels } = problem.machine;
  const atHome = isAtHome(problem, tensor);
  const below = (outer: readonly number[]): readonly Chain[] =>
    t.memories.flatMap((level) => {
      const last = outer.at(-1);
      if (last === undefined ? homes?.includes(level) === false : !isBelow(levels, level, last)) return [];
      const some = [...outer, level];
      const ends = allowsLevels(constraints, tensor, atHome ? some[0] : undefined, some);
      const inner = below(some);
      return ends || inner.length > 0 ? [{ level, ends, inner }] : [];
    });
  return below([]);
}

/**
 * The least of all chains of levels, each of which has all its room for the tensor. What is not at home in the outermost memory has to
 * fit whole where it is kept while loops come back to it. `isHome`: the first of a chain is its home. `excluded`: levels without room.
 */
function leastOfTensor(
  t: Tariff,
  f: Frame,
  staff: readonly Staff[],
  tensor: number,
  chains: readonly Chain[],
  isHome: boolean,
  excluded: readonly number[],
): Ledger {
  const { machine, workload } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  const costs: Ledger[] = [];
  const depth = homeDepth(workload, f.einsums, f.loops, tensor);
  // With more loops the first place may be further in, where tiles are smaller.
  const whole_bytes = isHome || depth === f.loops.length ? 0 : tileBytes(f, tensor, depth);
  const follow = (some: readonly Chain[], outer: number | undefined, before: Ledger): void => {
    for (const { level, ends, inner } of some) {
      const fits = whole_bytes <= machine.levels[level]!.memory!.capacity_bytes;
      if ((outer === undefined && !fits) || excluded.includes(level)) continue;
      // What is made and used in one place that is no home need not come from further out.
      const comes = outer !== undefined && (isHome || !fits);
      const moved = comes ? sum(before, movement(t, f, tensor, outer, level)) : before;
      if (ends) costs.push(users.reduce((total, e) => sum(total, staff[e]!.leastAccess(tensor, level)), moved));
      follow(inner, level, moved);
    }
  };
  follow(chains, undefined, openLedger(t));
  return leastOf(t, costs);
}

function movement(t: Tariff, f: Frame, tensor: number, outer: number, inner: number): Ledger {
  const { in_bytes, out_bytes } = leastMoved(f, tensor, inner);
  return writeLedger(t, (to) => {
    book(t, to, outer, readTogether(f, tensor, outer, inner, in_bytes), out_bytes);
    book(t, to, inner, out_bytes, in_bytes, t.accounting.freeDrains ? out_bytes : 0);
  });
}
