import type { Name, TensorAccess } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { accessesOf } from '../traverse.ts';

/** True for a read of a version that exists before the iteration that makes the next one: `RM[m1]` or `RM[0]`. */
export function readsEarlierVersion(facts: Facts, access: TensorAccess): boolean {
  const index = carriedIndexOf(facts, access);
  return isPreviousVersion(facts, access) || (index?.kind === 'number' && index.value === 0);
}

const carriedIndexOf = (
  { carried }: Facts,
  { tensor, indices }: TensorAccess,
): TensorAccess['indices'][number] | undefined => indices[carried.get(tensor)?.position ?? -1];

function isPreviousVersion(facts: Facts, access: TensorAccess): boolean {
  const index = carriedIndexOf(facts, access);
  return index?.kind === 'name' && index.name === facts.carried.get(access.tensor)?.variable;
}

/** Einsums that go round together: each needs the previous version of the tensor, and the next version needs each. */
export type Recurrence = { readonly tensor: Name; readonly variable: Name; readonly positions: ReadonlySet<number> };

/**
 * The recurrence of each carried tensor: the Einsums on a path from a read of its previous version to
 * its producer. Needs a cascade in which every other read follows its producer.
 */
export function* recurrences(facts: Facts): Generator<Recurrence> {
  const needs: (readonly number[])[] = [];
  const readers = new Map<Name, number[]>();
  for (const [position, einsum] of facts.cascade.einsums.entries()) {
    const producers = new Set<number>();
    for (const access of accessesOf(einsum)) {
      const producer = facts.producers.get(access.tensor)?.position;
      if (producer === undefined) continue;
      if (isPreviousVersion(facts, access)) {
        const known = readers.get(access.tensor);
        if (known === undefined) readers.set(access.tensor, [position]);
        else known.push(position);
      }
      if (producer < position) producers.add(producer);
    }
    needs.push([...producers]);
  }
  for (const [tensor, { variable }] of facts.carried) {
    const end = facts.producers.get(tensor)?.position ?? -1;
    const early = (readers.get(tensor) ?? []).filter((reader) => reader <= end);
    const positions = pathsBetween(early, end, needs);
    if (positions.size > 0) yield { tensor, variable, positions };
  }
}

/** Positions on a path from one of `starts` (ascending) to `end`, where a position follows those that it needs. */
function pathsBetween(
  starts: readonly number[],
  end: number,
  needs: readonly (readonly number[])[],
): ReadonlySet<number> {
  const [first] = starts;
  if (first === undefined) return new Set();
  const leading = new Set<number>();
  const rest = [end];
  for (let position = rest.pop(); position !== undefined; position = rest.pop()) {
    if (leading.has(position)) continue;
    leading.add(position);
    rest.push(...(needs[position] ?? []).filter((need) => need >= first));
  }
  const starting = new Set(starts);
  const between = new Set<number>();
  for (const position of [...leading].sort((a, b) => a - b))
    if (starting.has(position) || (needs[position] ?? []).some((need) => between.has(need))) between.add(position);
  return between;
}
