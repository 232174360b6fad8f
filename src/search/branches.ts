import type { BoundAccess, BoundEinsum, Workload } from '../einsum/workload.ts';
import { whyIncomplete } from '../mapper/dependences.ts';

/** Einsums that follow each other in the body of a loop, or of the nest: under a loop over the next variable, or beside it. */
export type Branch = { readonly looped: boolean; readonly einsums: readonly number[] };

/**
 * Cuts Einsums at a loop over a variable: those that have it go under as few loops as their dependences allow, the
 * others beside them. An Einsum is as early as what it needs lets it be; of two that could change places, those beside
 * the loops go first.
 */
export function branchesAt(w: Workload, einsums: readonly number[], variable: number): readonly Branch[] {
  const steps = new Map<number, number>();
  for (const position of einsums) {
    const einsum = w.einsums[position]!;
    let step = 0;
    for (const access of einsum.operands) {
      const producer = w.tensors[access.tensor]!.producer;
      if (producer === undefined || producer === position) continue;
      const before = steps.get(producer);
      if (before !== undefined)
        step = Math.max(step, before + distance(w, w.einsums[producer]!, einsum, access, variable));
    }
    steps.set(position, step);
  }
  const branches: Branch[] = [];
  const last = Math.max(...steps.values());
  for (let step = 0; step <= last; step++)
    for (const looped of [false, true]) {
      const here = einsums.filter(
        (e) => steps.get(e) === step && w.einsums[e]!.variables.includes(variable) === looped,
      );
      if (here.length > 0) branches.push({ looped, einsums: here });
    }
  return branches;
}

/** 0: the reader can follow in the same iteration. */
function distance(
  w: Workload,
  producer: BoundEinsum,
  reader: BoundEinsum,
  access: BoundAccess,
  variable: number,
): 0 | 1 {
  const over = producer.variables.includes(variable);
  if (over !== reader.variables.includes(variable)) return 1;
  return over && whyIncomplete(w, variable, producer, access) !== undefined ? 1 : 0;
}
