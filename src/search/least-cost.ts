import { isBelow } from '../mapper/levels.ts';
import { leastMoved } from './counts.ts';
import { type Frame, frameOf, usesOf } from './frame.ts';
import { book, costOf, type Ledger, leastOf, openLedger, sum, type Tariff, writeLedger } from './ledger.ts';
import { tensorsOf } from './mapspace.ts';
import type { Cost } from './objective.ts';
import { homeOf, isAtHome, type NestLoop, type Problem } from './plan.ts';
import type { Staff, Team } from './workers.ts';

/**
 * What nests cost at least that have these loops outermost, whatever is inside them. Units do at least the array passes that
 * the tiles of these loops take, each Einsum on one of them; cutting tiles further makes no pass less. A tensor moves as little as the best levels for it allow,
 * each with the buffer to itself.
 */
function leastCost(
  tariff: Tariff,
  frame: Frame,
  { staff, least }: Team,
  tensors: readonly { readonly tensor: number; readonly atHome: boolean }[],
): readonly Cost[] {
  const moved = tensors.reduce(
    (total, { tensor, atHome }) => sum(total, leastOfTensor(tariff, frame, staff, tensor, atHome)),
    openLedger(tariff),
  );
  return least.map((computed) => costOf(tariff, sum(computed, moved)));
}

/** What all nests of a workload's Einsums cost at least that have some loops outermost. */
export function leastOfLoops(
  problem: Problem,
  tariff: Tariff,
  teamOf: (frame: Frame) => Team,
): (loops: readonly NestLoop[]) => readonly Cost[] {
  const { workload } = problem;
  const einsums = workload.einsums.map((_, e) => e);
  const tensors = tensorsOf(workload, einsums).map((tensor) => ({ tensor, atHome: isAtHome(problem, tensor) }));
  return (loops) => {
    const frame = frameOf(problem, einsums, loops);
    return leastCost(tariff, frame, teamOf(frame), tensors);
  };
}

/** The least of all chains of levels, each of which has all its room for the tensor. */
function leastOfTensor(t: Tariff, f: Frame, staff: readonly Staff[], tensor: number, atHome: boolean): Ledger {
  const { machine, workload } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  const chains: Ledger[] = [];
  const extend = (level: number | undefined, moved: Ledger): void => {
    if (level !== undefined)
      chains.push(users.reduce((total, e) => sum(total, staff[e]!.leastAccess(tensor, level)), moved));
    for (const inner of t.memories) {
      if (level !== undefined && !isBelow(machine.levels, inner, level)) continue;
      // What is not at home can be kept anywhere, in the outermost memory as well.
      if (level === undefined && atHome && inner !== homeOf(machine)) continue;
      extend(inner, level === undefined ? moved : sum(moved, movement(t, f, tensor, level, inner)));
    }
  };
  extend(undefined, openLedger(t));
  return leastOf(t, chains);
}

function movement(t: Tariff, f: Frame, tensor: number, outer: number, inner: number): Ledger {
  const room_bytes = f.problem.machine.levels[inner]!.memory!.capacity_bytes;
  const { in_bytes, out_bytes } = leastMoved(f, tensor, room_bytes);
  return writeLedger(t, (to) => {
    book(t, to, outer, in_bytes, out_bytes);
    book(t, to, inner, out_bytes, in_bytes, t.accounting.freeDrains ? out_bytes : 0);
  });
}
