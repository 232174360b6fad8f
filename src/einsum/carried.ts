import type { Arithmetic, Einsum, Name, TensorAccess } from './ast.ts';

/** `m1` for the index `m1+1`, the form in which a tensor's next version is produced; otherwise undefined. */
export function nextVersion(index: Arithmetic): Name | undefined {
  if (index.kind !== 'call' || index.operator !== '+' || index.operands.length !== 2) return undefined;
  const [variable, one] = index.operands;
  return variable?.kind === 'name' && one?.kind === 'number' && one.value === 1 ? variable.name : undefined;
}

/** Position and variable of the output's carried dimension, if it has one. */
export function carriedDimension(
  output: TensorAccess,
): { readonly position: number; readonly variable: Name } | undefined {
  const position = output.indices.findIndex((index) => nextVersion(index) !== undefined);
  const index = output.indices[position];
  const variable = index && nextVersion(index);
  return variable === undefined ? undefined : { position, variable };
}

/** True for `RM[b,h,0,p] = -inf`: a statement that sets version 0 of a carried tensor and is no Einsum to run. */
export const isInitialValue = (e: Einsum): boolean => e.output.indices.some((index) => index.kind === 'number');
