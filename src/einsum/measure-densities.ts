import type { Name } from './ast.ts';
import { wholeBox } from './domain.ts';
import type { TensorValue } from './evaluate.ts';
import { offeredElements } from './evaluate-tile.ts';
import type { Density, Workload } from './workload.ts';

/**
 * Of each gate, how much of what it was offered exists in an execution by the reference executor. One that was offered nothing
 * lets nothing through.
 */
export function measureDensities(
  w: Workload,
  values: ReadonlyMap<Name, TensorValue>,
  source: string,
): ReadonlyMap<Name, Density> {
  return new Map(w.gates.map(({ tensor }) => [w.tensors[tensor]!.name, { share: shareOf(w, tensor, values), source }]));
}

function shareOf(w: Workload, tensor: number, values: ReadonlyMap<Name, TensorValue>): number {
  const { name, producer } = w.tensors[tensor]!;
  const tensors = w.tensors.map((t) => values.get(t.name)!);
  const read = (t: number, offset: number): number | undefined =>
    tensors[t]!.exists[offset] === 1 ? tensors[t]!.values[offset] : undefined;
  const offered = offeredElements(w, producer!, wholeBox(w.variables.map((v) => v.size)), { read });
  const existing = values.get(name)!.exists.reduce((sum, e) => sum + e, 0);
  return offered === 0 ? 0 : existing / offered;
}
