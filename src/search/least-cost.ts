import type { BoundAccess } from '../einsum/workload.ts';
import { isBelow } from '../mapper/levels.ts';
import { type BindingCounts, countBinding, leastMoved } from './counts.ts';
import { type Frame, frameOf, usesOf } from './frame.ts';
import {
  book,
  bookAccess,
  bookBinding,
  costOf,
  type Ledger,
  leastOf,
  openLedger,
  sum,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import type { Cost } from './objective.ts';
import { homeOf, type NestLoop, type Problem, type UnitChoice } from './plan.ts';

/**
 * What nests cost at least that have these loops outermost, whatever is inside them. Units do at least the array passes that
 * the tiles of these loops take; cutting tiles further makes no pass less. A tensor moves as little as the best levels for it allow,
 * each with the buffer to itself.
 */
export function leastCost(
  problem: Problem,
  tariff: Tariff,
  choices: readonly (readonly (readonly UnitChoice[])[])[],
  tensors: readonly { readonly tensor: number; readonly atHome: boolean }[],
  loops: readonly NestLoop[],
): Cost {
  const frame = frameOf(
    problem,
    choices.map((_, e) => e),
    loops,
  );
  const bindings = choices.map((options, e) => options.map((c) => countBinding(frame, e, c, tariff.accounting)));
  const accesses = leastAccesses(tariff, frame, bindings);
  let total = openLedger(tariff);
  for (const options of bindings)
    total = sum(
      tariff,
      total,
      leastOf(
        tariff,
        options.map((b) => writeLedger(tariff, (to) => bookBinding(tariff, to, b))),
      ),
    );
  for (const { tensor, atHome } of tensors)
    total = sum(tariff, total, leastOfTensor(tariff, frame, accesses, tensor, atHome));
  return costOf(tariff, total);
}

/** The least that an Einsum's uses of a tensor cost at a level, whoever computes it. */
export type LeastAccesses = (einsum: number, tensor: number, level: number) => Ledger;

export function leastAccesses(t: Tariff, f: Frame, bindings: readonly (readonly BindingCounts[])[]): LeastAccesses {
  const known = new Map<string, Ledger>();
  return (e, tensor, level) => {
    const key = `${e} ${tensor} ${level}`;
    const old = known.get(key);
    if (old !== undefined) return old;
    const { output, operands } = f.problem.workload.einsums[e]!;
    const least = leastOf(
      t,
      bindings[e]!.map((b) =>
        writeLedger(t, (to) => {
          if (output.tensor === tensor) bookAccess(t, to, b, tensor, undefined, level);
          operands.forEach((o: BoundAccess, i) => {
            if (o.tensor === tensor) bookAccess(t, to, b, tensor, i, level);
          });
        }),
      ),
    );
    known.set(key, least);
    return least;
  };
}

/** The least of all chains of levels, each of which has all its room for the tensor. */
function leastOfTensor(t: Tariff, f: Frame, accesses: LeastAccesses, tensor: number, atHome: boolean): Ledger {
  const { machine, workload } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  const chains: Ledger[] = [];
  const extend = (level: number | undefined, moved: Ledger): void => {
    if (level !== undefined) chains.push(users.reduce((total, e) => sum(t, total, accesses(e, tensor, level)), moved));
    for (const inner of t.memories) {
      if (level !== undefined && !isBelow(machine.levels, inner, level)) continue;
      if (level === undefined && atHome !== (inner === homeOf(machine))) continue;
      extend(inner, level === undefined ? moved : sum(t, moved, movement(t, f, tensor, level, inner)));
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
