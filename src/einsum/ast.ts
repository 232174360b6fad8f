import type { Span } from '../source.ts';

/** The grammar of cascades on one screen. `docs/language.md` explains it with examples. */

export type Name = string;

/** Integer arithmetic over rank sizes, parameters and (in indices and filters) index variables. */
export type Arithmetic =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'name'; readonly name: Name; readonly span: Span }
  | {
      readonly kind: 'call';
      /** `+ - * / div mod` are written infix, the others as a call: `ceil(M / M0)`. */
      readonly operator: Name;
      readonly operands: readonly Arithmetic[];
      readonly span: Span;
    };

/** `rank M1 = ceil(M / M0)`; without a size the rank is bound by the workload. */
export type RankDeclaration = {
  readonly name: Name;
  readonly size: Arithmetic | undefined;
  /** A default may be overridden by the workload; a definition (`rank M1 = ...`) may not. */
  readonly overridable: boolean;
  readonly span: Span;
};

/** `param W = 128`: an integer that filters, indices and rank sizes may use. */
export type ParameterDeclaration = { readonly name: Name; readonly value: Arithmetic; readonly span: Span };

export type TensorRole = 'input' | 'intermediate' | 'output';

export type TensorDeclaration = {
  readonly name: Name;
  readonly role: TensorRole;
  /** Rank names; undefined where the producing Einsum's indices say it. */
  readonly ranks: readonly { readonly name: Name; readonly span: Span }[] | undefined;
  readonly format: { readonly name: Name; readonly span: Span } | undefined;
  /** It has some of the bits of an operand that comes from outside as a whole. */
  readonly plane: Plane | undefined;
  readonly span: Span;
};

/** `input K[M, E] : int10 = K0 : int6, K1 : uint4`: the planes of an operand are inputs, the highest bits first. */
type Plane = {
  readonly operand: { readonly name: Name; readonly span: Span };
  readonly format: { readonly name: Name; readonly span: Span };
  /** Counts the planes of its operand from the highest. */
  readonly position: number;
};

/** `K[b, h div G, m1*M0+m0, e]` */
export type TensorAccess = {
  readonly kind: 'access';
  readonly tensor: Name;
  readonly indices: readonly Arithmetic[];
  readonly nameSpan: Span;
  readonly span: Span;
};

/** The map step of an Einsum: what is computed at each point of the iteration space. */
export type Expression =
  | TensorAccess
  | { readonly kind: 'constant'; readonly value: number; readonly span: Span }
  | { readonly kind: 'map'; readonly operator: Name; readonly operands: readonly Expression[]; readonly span: Span };

/** `where m <= p and m > p - W`, `where TK[m]` */
export type Filter =
  | {
      readonly kind: 'compare';
      readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
      readonly left: Arithmetic;
      readonly right: Arithmetic;
      readonly span: Span;
    }
  /** Whether an element exists, which data may decide. */
  | { readonly kind: 'exists'; readonly access: TensorAccess; readonly span: Span }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[]; readonly span: Span }
  | { readonly kind: 'not'; readonly operand: Filter; readonly span: Span };

/**
 * Which points of the output are populated where data decides: `top(m, K)` and `bottom(m, K)` the K largest or smallest
 * of each fibre over m, `above(X)` and `below(X)` those beyond a value. They keep their values; the others do not exist.
 */
export type Selection =
  | {
      readonly kind: 'rank';
      readonly word: 'top' | 'bottom';
      readonly variable: { readonly name: Name; readonly span: Span };
      /** Arithmetic over sizes and at most one index variable of the output. */
      readonly count: Arithmetic;
      readonly span: Span;
    }
  | { readonly kind: 'threshold'; readonly word: 'above' | 'below'; readonly value: number; readonly span: Span };

/** One Extended Einsum: map, then reduce over the ranks that the output lacks, then populate. */
export type Einsum = {
  readonly output: TensorAccess;
  /** Undefined: `+` over every variable that the output lacks, if there is any. */
  readonly reduce:
    | {
        readonly operator: Name;
        readonly variables: readonly { readonly name: Name; readonly span: Span }[];
        /** Of `max(m0)`. */
        readonly span: Span;
      }
    | undefined;
  readonly selection: Selection | undefined;
  readonly body: Expression;
  readonly filter: Filter | undefined;
  readonly span: Span;
};

/** A cascade as it is written. */
export type Cascade = {
  readonly name: Name;
  readonly nameSpan: Span;
  readonly ranks: readonly RankDeclaration[];
  readonly parameters: readonly ParameterDeclaration[];
  readonly tensors: readonly TensorDeclaration[];
  readonly einsums: readonly Einsum[];
};
