import { components } from './components.ts';
import type { BoundEinsum, BoundIndex, Tensor, Variable } from './workload.ts';

/**
 * A step of execution: an Einsum over its whole range, or Einsums that advance together, one coordinate
 * of an iterative variable at a time, because each needs what another made of the previous one.
 */
export type Step =
  | { readonly kind: 'whole'; readonly einsum: number }
  | { readonly kind: 'iterate'; readonly variable: number; readonly einsums: readonly number[] };

/** An Einsum that needs something of another before that is there, while both advance together. */
export type OrderConflict = { readonly reader: number; readonly producer: number; readonly variable: number };

type Bound = {
  readonly einsums: readonly BoundEinsum[];
  readonly tensors: readonly Tensor[];
  readonly variables: readonly Variable[];
};

/** The order of execution, or why there is none. Einsums that advance together keep the order of the text. */
export function executionSteps(bound: Bound): readonly Step[] | OrderConflict {
  const { einsums, tensors } = bound;
  const needs = einsums.map((e) => e.operands.flatMap((o) => producerOf(o, tensors)));
  const steps: Step[] = [];
  for (const component of components(needs)) {
    const together = component.toSorted((a, b) => a - b);
    const producer = together.find((i) => einsums[i]!.carried !== undefined);
    if (producer === undefined) {
      steps.push(...together.map((einsum) => ({ kind: 'whole' as const, einsum })));
      continue;
    }
    const variable = einsums[producer]!.carried!;
    const conflict = findConflict(bound, together, variable);
    if (conflict !== undefined) return conflict;
    steps.push({ kind: 'iterate', variable, einsums: together });
  }
  return steps;
}

/** The Einsum that must have run; none for an input and for the initial version of a carried tensor. */
function producerOf(operand: BoundEinsum['operands'][number], tensors: readonly Tensor[]): readonly number[] {
  const { producer, dimensions } = tensors[operand.tensor]!;
  const version = operand.indices[dimensions.findIndex((d) => d.carried)];
  const initial = version !== undefined && version.terms.length === 0 && version.offset === 0;
  return producer === undefined || initial ? [] : [producer];
}

function findConflict(
  { einsums, tensors }: Bound,
  together: readonly number[],
  variable: number,
): OrderConflict | undefined {
  for (const reader of together)
    for (const operand of einsums[reader]!.operands) {
      const { dimensions } = tensors[operand.tensor]!;
      const producer = producerOf(operand, tensors).find((p) => together.includes(p));
      if (producer === undefined) continue;
      const { output, carried } = einsums[producer]!;
      const dimension = output.indices.findIndex((i) => i.terms.some((t) => t.variable === variable));
      const index = operand.indices[dimension];
      const next = carried === undefined || carried === variable;
      if (next && index && isThere(index, variable, dimensions[dimension]!.carried, producer < reader)) continue;
      return { reader, producer, variable };
    }
  return undefined;
}

/**
 * In step v a carried tensor has its versions up to v, and v + 1 once its producer has run; any other
 * tensor has coordinates up to v - 1, and v once its producer has run.
 */
function isThere(index: BoundIndex, variable: number, carried: boolean, producedBefore: boolean): boolean {
  const newest = (carried ? 0 : -1) + (producedBefore ? 1 : 0);
  const [term, other] = index.terms;
  const follows = term?.variable === variable && term.coefficient === 1 && other === undefined && index.divisor === 1;
  return follows && index.offset <= newest;
}
