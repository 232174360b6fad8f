import type { TensorAccess } from './ast.ts';
import type { BoundAccess } from './workload.ts';

/** What an Einsum reads. Several accesses in the text may read the same elements. */
export type Operand = { readonly access: TensorAccess; readonly bound: BoundAccess };

export type Operands = {
  readonly all: readonly Operand[];
  readonly of: (access: TensorAccess) => Operand;
};

/** An operand that a gate's condition names: it decides where it could exist. */
export type Gated = { readonly operand: Operand; readonly exists: boolean };
