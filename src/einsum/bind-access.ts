import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { invariant } from '../invariant.ts';
import { bindIndex, type Scope } from './affine.ts';
import type { Name, TensorAccess } from './ast.ts';
import type { BoundAccess, BoundIndex, Tensor } from './workload.ts';

export const tensorPositions = (tensors: readonly Tensor[]): ReadonlyMap<Name, number> =>
  new Map(tensors.map((t, i) => [t.name, i]));

/** Two accesses are one operand if they read the same element at every point. */
export const accessKey = (a: BoundAccess): string => JSON.stringify([a.tensor, a.indices]);

export function bindAccess(
  access: TensorAccess,
  { positions, scope }: { readonly positions: ReadonlyMap<Name, number>; readonly scope: Scope },
): Result<BoundAccess> {
  const tensor = positions.get(access.tensor);
  invariant(tensor !== undefined, `tensor ${access.tensor} passed the checks but is unknown`);
  const indices: BoundIndex[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const index of access.indices) {
    const bound = bindIndex(index, scope);
    if (bound.ok) indices.push(bound.value);
    else diagnostics.push(...bound.diagnostics);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success({ tensor, indices });
}
