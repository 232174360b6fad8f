import { type BindingCounts, countBinding } from './counts.ts';
import type { Frame } from './frame.ts';
import { bookAccess, bookBinding, type Ledger, leastOf, type Tariff, undominated, writeLedger } from './ledger.ts';
import { bindingChoices } from './mapspace.ts';
import type { Problem, UnitChoice } from './plan.ts';

export type Binding = { readonly choice: readonly UnitChoice[]; readonly counts: BindingCounts };

/** Who can compute an Einsum under some loops, and what that costs at least. */
export type Staff = {
  readonly bindings: readonly Binding[];
  /** What it costs at least on the units alone, whatever loops are inside, of each binding that could be the best. */
  readonly least: readonly Ledger[];
  /** The least that its uses of a tensor cost at a level, whoever computes it and whatever loops are inside. */
  readonly leastAccess: (tensor: number, level: number) => Ledger;
};

/**
 * The staff of each Einsum in a frame. It depends on the tiles of the Einsum's own variables and not on the order of the loops, so
 * it is worked out once for all that are alike.
 */
export function staffing(problem: Problem, tariff: Tariff): (frame: Frame, einsum: number) => Staff {
  const { workload } = problem;
  const known = workload.einsums.map(() => new Map<string, Staff>());
  const choices = workload.einsums.map((_, e) => bindingChoices(problem, e));
  return (frame, e) => {
    const { variables } = workload.einsums[e]!;
    let key = '';
    for (const v of variables) {
      for (const l of frame.loops) if (l.variable === v) key += `${l.tile},`;
      key += ';';
    }
    const old = known[e]!.get(key);
    if (old !== undefined) return old;
    const bindings = choices[e]!.map((choice) => ({
      choice,
      counts: countBinding(frame, e, choice, tariff.accounting),
    }));
    const open = choices[e]!.map((choice) => countBinding(frame, e, choice, tariff.accounting, true));
    const staff = {
      bindings,
      least: undominated(
        tariff,
        open.map((counts) => writeLedger(tariff, (to) => bookBinding(tariff, to, counts))),
      ),
      leastAccess: accessing(tariff, frame, e, open),
    };
    known[e]!.set(key, staff);
    return staff;
  };
}

function accessing(t: Tariff, f: Frame, e: number, bindings: readonly BindingCounts[]): Staff['leastAccess'] {
  const known = new Map<number, Ledger>();
  const { output, operands } = f.problem.workload.einsums[e]!;
  const { length } = f.problem.machine.levels;
  return (tensor, level) => {
    const key = tensor * length + level;
    const old = known.get(key);
    if (old !== undefined) return old;
    const least = leastOf(
      t,
      bindings.map((counts) =>
        writeLedger(t, (to) => {
          if (output.tensor === tensor) bookAccess(t, to, counts, tensor, undefined, level);
          operands.forEach((o, i) => {
            if (o.tensor === tensor) bookAccess(t, to, counts, tensor, i, level);
          });
        }),
      ),
    );
    known.set(key, least);
    return least;
  };
}
