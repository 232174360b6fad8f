import type { Name } from '../../einsum/ast.ts';
import type { Constraint } from './constraints.ts';

/**
 * Constraints bound to a workload and a machine. Einsums go by their names, which they keep when a part of the workload is
 * searched alone; variables, tensors, levels, units and dimensions are positions.
 */
export type BoundConstraints = readonly BoundConstraint[];

export type BoundConstraint = {
  /** As written. */
  readonly line: Constraint;
  /** Einsums of which a nest has one, for the line to be about it; undefined: all nests. */
  readonly scope: ReadonlySet<Name> | undefined;
} & Rule;

export type Rule =
  | { readonly kind: 'fuse'; readonly never: boolean; readonly einsums: ReadonlySet<Name> }
  | { readonly kind: 'loops'; readonly variables: readonly number[] }
  | { readonly kind: 'order'; readonly variables: readonly number[] }
  | { readonly kind: 'across'; readonly variables: readonly number[] }
  | {
      readonly kind: 'cut';
      readonly variables: ReadonlySet<number>;
      /** Numbers of loops; undefined: at least one. */
      readonly counts: readonly number[] | undefined;
    }
  | TileRule
  | {
      readonly kind: 'keep';
      readonly never: boolean;
      readonly tensors: ReadonlySet<number>;
      readonly level: number;
      readonly stages: readonly number[] | undefined;
    }
  | {
      readonly kind: 'compute';
      readonly never: boolean;
      readonly einsums: ReadonlySet<Name>;
      readonly bindings: readonly BoundUnit[];
    }
  | { readonly kind: 'schedule'; readonly inFlight: readonly number[] };

export type TileRule = {
  readonly kind: 'tile';
  readonly variables: ReadonlySet<number>;
  readonly by: readonly number[] | undefined;
  readonly divisors: boolean;
  readonly multiples: number | undefined;
  readonly from: number;
  readonly to: number;
};

export type BoundUnit = {
  /** Undefined: all that no other binding of the line names. */
  readonly operator: Name | undefined;
  readonly unit: number;
  /** By position of the dimension, of those that are named: the variables along it. */
  readonly along: ReadonlyMap<number, readonly number[]>;
};

export type RuleOf<K extends Rule['kind']> = BoundConstraint & Extract<Rule, { kind: K }>;

export const rulesOf = <K extends Rule['kind']>(constraints: BoundConstraints, kind: K): readonly RuleOf<K>[] =>
  constraints.filter((c): c is RuleOf<K> => c.kind === kind);
