import type { Name } from '../ast.ts';
import type { Facts } from '../facts.ts';
import { arithmeticOf, arithmeticParts } from '../traverse.ts';

/** Every name in an index, a filter, a size or the ranks of a tensor. */
export function usedNames({ cascade }: Facts): ReadonlySet<Name> {
  const used = new Set<Name>();
  for (const { ranks } of cascade.tensors) for (const { name } of ranks ?? []) used.add(name);
  const expressions = [
    ...cascade.ranks.flatMap((r) => r.size ?? []),
    ...cascade.parameters.map((p) => p.value),
    ...cascade.einsums.flatMap((e) => [...arithmeticOf(e)]),
  ];
  for (const expression of expressions)
    for (const part of arithmeticParts(expression)) if (part.kind === 'name') used.add(part.name);
  return used;
}
