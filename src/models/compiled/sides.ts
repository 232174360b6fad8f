import { constraintRange } from '../../einsum/constraint.ts';
import { wholeBox } from '../../einsum/domain.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, Workload } from '../../einsum/workload.ts';
import type { Keep } from '../../mapper/placed.ts';

/**
 * The variables along one dimension of a tile. While the loops stand still it is 1 + the sum of coefficient x
 * (extent - 1) long, wherever they stand: nothing is clipped, divided or left out.
 */
export type Side = readonly { readonly variable: number; readonly coefficient: number }[];

/** Whether an Einsum computes at every point of its iteration space. */
export const isDense = (w: Workload, { domain, selection, density }: BoundEinsum): boolean => {
  if (selection !== undefined || density !== 1) return false;
  const box = wholeBox(w.variables.map((v) => v.size));
  return domain.length === 1 && domain[0]!.every((c) => constraintRange(c, box).min >= 0);
};

/**
 * Sides of what an access touches, dimension by dimension; undefined where one is no such sum, or where two
 * dimensions have a variable in common. Variables of one coordinate are no part of it.
 */
export function sidesOf(w: Workload, { tensor, indices }: BoundAccess): readonly Side[] | undefined {
  const { dimensions } = w.tensors[tensor]!;
  const sides: Side[] = [];
  const seen = new Set<number>();
  for (const [d, index] of indices.entries()) {
    const side = sideOf(w, index, dimensions[d]!.size);
    if (side === undefined || side.some((t) => seen.has(t.variable))) return undefined;
    for (const t of side) seen.add(t.variable);
    sides.push(side);
  }
  return sides;
}

function sideOf(w: Workload, { terms, offset, divisor }: BoundIndex, size: number): Side | undefined {
  const side = terms.filter((t) => w.variables[t.variable]!.size > 1);
  const last = side.reduce((sum, t) => sum + t.coefficient * (w.variables[t.variable]!.size - 1), offset);
  const isPlain = divisor === 1 && offset >= 0 && last < size && side.every((t) => t.coefficient > 0);
  return isPlain ? side : undefined;
}

/**
 * Sides of the tiles of a keep, without its carried dimensions, where all its accesses agree on them; undefined where
 * they do not.
 */
export function storedSides(w: Workload, { accesses, tensor }: Keep): readonly Side[] | undefined {
  const { dimensions } = w.tensors[tensor]!;
  const [first, ...others] = accesses;
  const alike = others.every((access) =>
    access.indices.every(
      (index, d) => dimensions[d]!.carried || JSON.stringify(index) === JSON.stringify(first!.indices[d]),
    ),
  );
  return alike ? sidesOf(w, first!)?.filter((_, d) => !dimensions[d]!.carried) : undefined;
}

/**
 * The variable that cuts a side into tiles without gaps or overlap: the leading digit, if the others run through all
 * that is between two values of it. Undefined where there is none.
 */
export function leadingDigit(w: Workload, side: Side): number | undefined {
  const digits = [...side].sort((a, b) => a.coefficient - b.coefficient);
  let worth = 1;
  for (const { variable, coefficient } of digits) {
    if (coefficient !== worth) return undefined;
    worth *= w.variables[variable]!.size;
  }
  return digits.at(-1)?.variable;
}
