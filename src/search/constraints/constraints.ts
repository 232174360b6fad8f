import type { Arithmetic, Name } from '../../einsum/ast.ts';
import type { Span } from '../../source.ts';
import type { Choosable } from '../dataflow/dataflow.ts';

/**
 * What mappings must be, or must not be, as written in a constraints file: the space that a search goes through.
 * `bind.ts` binds it to a workload and a machine; `docs/search.md` explains each line.
 */
export type Constraints = readonly Constraint[];

export type NamedSpan = { readonly name: Name; readonly span: Span };

export type Constraint =
  | FuseConstraint
  | LoopsConstraint
  | OrderConstraint
  | AcrossConstraint
  | CutConstraint
  | TileConstraint
  | KeepConstraint
  | ComputeConstraint
  | ScheduleConstraint
  | DataflowConstraint;

/** Which nests a line on loops is about. */
type Scope = {
  /** Nests that have one of these Einsums; none are named: all nests. */
  readonly scope: readonly NamedSpan[];
};

/** `fuse QK, SN`: in one nest; `never fuse QK, SN`: no two of them in one. */
type FuseConstraint = {
  readonly kind: 'fuse';
  readonly never: boolean;
  readonly einsums: readonly NamedSpan[];
  readonly span: Span;
};

/** `loops m, n, k`: these loops and no others, outermost first; a nest has those of its ranks. */
type LoopsConstraint = Scope & {
  readonly kind: 'loops';
  readonly variables: readonly NamedSpan[];
  readonly span: Span;
};

/** `order m, n`: loops over m are outside those over n. */
type OrderConstraint = Scope & {
  readonly kind: 'order';
  readonly variables: readonly NamedSpan[];
  readonly span: Span;
};

/** `across h, p`: these loops and no others are spread over instances, outermost first; `across none`: none is. */
type AcrossConstraint = Scope & {
  readonly kind: 'across';
  readonly variables: readonly NamedSpan[];
  readonly span: Span;
};

/** `cut m`: there is a loop over m; `cut m 0, 2`: so many; `never cut m`: none. */
type CutConstraint = Scope & {
  readonly kind: 'cut';
  readonly never: boolean;
  readonly variables: readonly NamedSpan[];
  readonly counts: readonly Arithmetic[];
  readonly span: Span;
};

/** `tile m by 64, 128`, `tile m divisors from 32 to 512`, `tile m multiples 16`: steps of loops over m. */
export type TileConstraint = Scope & {
  readonly kind: 'tile';
  readonly variables: readonly NamedSpan[];
  readonly by: readonly Arithmetic[];
  /** Only what divides the size of the rank. */
  readonly divisors: boolean;
  readonly multiples: Arithmetic | undefined;
  readonly from: Arithmetic | undefined;
  readonly to: Arithmetic | undefined;
  readonly span: Span;
};

/** `keep A, B in GlobalBuffer stages 1, 2`: each has a place there; `never keep A in GlobalBuffer`: none has. */
type KeepConstraint = {
  readonly kind: 'keep';
  readonly never: boolean;
  readonly tensors: readonly NamedSpan[];
  readonly level: NamedSpan;
  /** Numbers of stages that a place there may have; none are given: any. */
  readonly stages: readonly Arithmetic[];
  readonly span: Span;
};

/** `compute QK, AV on Array2D (rows e)`, `never compute SLN exp on FP32` */
type ComputeConstraint = {
  readonly kind: 'compute';
  readonly never: boolean;
  readonly einsums: readonly NamedSpan[];
  readonly bindings: readonly UnitConstraint[];
  readonly span: Span;
};

export type UnitConstraint = {
  /** Undefined: all operations that no other binding of the line names. */
  readonly operator: NamedSpan | undefined;
  readonly unit: NamedSpan;
  /** What runs along a dimension of the array: an index variable, or several, one after the other; undefined: nothing. */
  readonly dimensions: readonly { readonly dimension: NamedSpan; readonly variable: NamedSpan | undefined }[];
};

/** `schedule sequence, pipeline 2, pipeline 4`: iterations of loops that may overlap, one of these. */
export type ScheduleConstraint = Scope & {
  readonly kind: 'schedule';
  readonly inFlight: readonly ('sequence' | Arithmetic)[];
  readonly span: Span;
};

/** `dataflow flash-attention-3 choose tiles, stages`: the loop tree of a mapping, of which only these numbers are chosen. */
export type DataflowConstraint = {
  readonly kind: 'dataflow';
  readonly mapping: NamedSpan;
  /** None are given: all. */
  readonly choose: readonly Choosable[];
  readonly span: Span;
};
