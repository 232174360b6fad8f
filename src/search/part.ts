import type { Tensor, Workload } from '../einsum/workload.ts';

/**
 * Some Einsums of a workload as one of their own: what the others make for them is input, what they make for the others output. Einsums
 * keep their order; variables and tensors keep their positions.
 */
export function partOf(w: Workload, einsums: readonly number[]): Workload {
  const position = new Map(einsums.map((e, i) => [e, i]));
  const tensors = w.tensors.map((t, at): Tensor => {
    if (t.producer === undefined) return t;
    const producer = position.get(t.producer);
    if (producer === undefined) return { ...t, producer, role: 'input' };
    const readElsewhere = w.einsums.some((e, i) => !position.has(i) && e.operands.some((o) => o.tensor === at));
    return { ...t, producer, role: readElsewhere ? 'output' : t.role };
  });
  return { ...w, tensors, einsums: einsums.map((e) => w.einsums[e]!) };
}

/**
 * Whether some Einsums in a row can be a nest of their own. Of a carried tensor only the latest version is kept, so who reads it
 * version by version goes along with its producer.
 */
export const isSeparable = (w: Workload, first: number, end: number): boolean =>
  w.einsums.every((einsum, reader) =>
    einsum.operands.every(({ tensor, indices }) => {
      const { producer, dimensions } = w.tensors[tensor]!;
      const stepwise = dimensions.some(
        (d, i) => d.carried && indices[i]!.terms.some((t) => w.variables[t.variable]!.size > 1),
      );
      if (producer === undefined || !stepwise) return true;
      const inside = (e: number): boolean => e >= first && e < end;
      return inside(reader) === inside(producer);
    }),
  );
