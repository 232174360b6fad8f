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
