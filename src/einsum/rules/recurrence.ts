import type { Arithmetic, Name, TensorAccess } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { accessesOf } from '../traverse.ts';

/** True for a read of a version that exists before the iteration that makes the next one: `RM[m1]` or `RM[0]`. */
export function readsEarlierVersion({ carried }: Facts, access: TensorAccess): boolean {
  const dimension = carried.get(access.tensor);
  const index = dimension && access.indices[dimension.position];
  if (dimension === undefined || index === undefined) return false;
  return index.kind === 'name' ? index.name === dimension.variable : index.kind === 'number' && index.value === 0;
}

/** Einsums that go round together: each needs the previous version of the tensor, and the next version needs each. */
export type Recurrence = { readonly tensor: Name; readonly variable: Name; readonly positions: ReadonlySet<number> };

/**
 * The recurrence of each carried tensor: the Einsums on a path from a read of its previous version to
 * its producer. Needs a cascade in which every other read follows its producer.
 */
export function* recurrences(facts: Facts): Generator<Recurrence> {
  const { einsums } = facts.cascade;
  for (const [tensor, { variable }] of facts.carried) {
    const end = facts.producers.get(tensor)?.position ?? -1;
    const readers = einsums.slice(0, end + 1).flatMap((e, i) => {
      const early = [...accessesOf(e)].some((a) => a.tensor === tensor && isName(a, facts, variable));
      return early ? [i] : [];
    });
    const start = readers[0];
    if (start === undefined) continue;
    const leading = new Set([end]);
    for (let i = end; i >= start; i--) {
      const einsum = einsums[i];
      if (einsum === undefined || !leading.has(i)) continue;
      for (const access of accessesOf(einsum)) {
        const from = facts.producers.get(access.tensor)?.position;
        if (from !== undefined && from < i) leading.add(from);
      }
    }
    const positions = new Set<number>();
    for (let i = start; i <= end; i++) {
      const einsum = einsums[i];
      if (einsum === undefined || !leading.has(i)) continue;
      const follows = [...accessesOf(einsum)].some((a) => positions.has(facts.producers.get(a.tensor)?.position ?? -1));
      if (follows || readers.includes(i)) positions.add(i);
    }
    if (positions.has(end)) yield { tensor, variable, positions };
  }
}

function isName(access: TensorAccess, { carried }: Facts, variable: Name): boolean {
  const dimension = carried.get(access.tensor);
  const index: Arithmetic | undefined = dimension && access.indices[dimension.position];
  return index?.kind === 'name' && index.name === variable;
}
