import type { Name } from './ast.ts';
import type { BoundIndex, Workload } from './workload.ts';

/** A rank with the sets of index variables that run over all of it: `m`, or the partition `m1, m0`. */
export type RankFamily = {
  readonly rank: Name;
  readonly size: number;
  /** Positions in `Workload.variables`; the outermost first. */
  readonly groups: readonly (readonly number[])[];
};

/** One family for each rank that some Einsum runs over, in the order in which the ranks are declared. */
export function rankFamilies(w: Workload): readonly RankFamily[] {
  const groups = new Map<Name, (readonly number[])[]>();
  const parts = new Set<number>();
  const add = (rank: Name, group: readonly number[]): void => {
    const known = groups.get(rank) ?? [];
    if (!known.some((g) => g.join() === group.join())) groups.set(rank, [...known, group]);
  };
  for (const { operands } of w.einsums)
    for (const { tensor, indices } of operands)
      for (const [d, index] of indices.entries()) {
        const { rank, size } = w.tensors[tensor]!.dimensions[d]!;
        const partition = partitionOf(index, size, indices, w);
        if (partition === undefined) continue;
        add(rank, partition);
        for (const v of partition) parts.add(v);
      }
  for (const [v, { rank }] of w.variables.entries()) if (!parts.has(v)) add(rank, [v]);
  return w.cascade.ranks
    .filter((r) => groups.has(r.name))
    .map((r) => ({ rank: r.name, size: w.sizes.get(r.name)!, groups: groups.get(r.name)! }));
}

/**
 * The variables of `m1*M0 + m0`, outermost first: each coefficient is the extent of all that is inside.
 * A sum such as `p + w` visits coordinates more than once and is no partition. What is taken off for a coordinate of
 * another rank, as in `K[h, s*N + n - h*M]`, tells where the fibre begins, and the others still run over all of it.
 */
function partitionOf(
  { terms, offset, divisor }: BoundIndex,
  size: number,
  access: readonly BoundIndex[],
  w: Workload,
): readonly number[] | undefined {
  const fixes = (index: BoundIndex, variable: number): boolean =>
    index.terms.length === 1 && index.divisor === 1 && index.terms[0]!.variable === variable;
  const fixed = terms.filter((t) => t.coefficient < 0 && access.some((index) => fixes(index, t.variable)));
  const running = terms.filter((t) => !fixed.includes(t));
  if (running.length < 2 || offset !== 0 || divisor !== 1) return undefined;
  const inner = running.toSorted((a, b) => a.coefficient - b.coefficient || a.variable - b.variable);
  const last = fixed.reduce((sum, t) => sum - t.coefficient * (w.variables[t.variable]!.size - 1), 0);
  let extent = 1;
  for (const { variable, coefficient } of inner) {
    if (coefficient !== extent) return undefined;
    extent *= w.variables[variable]!.size;
  }
  return extent < size + last ? undefined : inner.map((t) => t.variable).reverse();
}
