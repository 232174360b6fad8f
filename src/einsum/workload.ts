import type { Name, TensorRole } from './ast.ts';
import type { CheckedCascade } from './check.ts';

/**
 * A cascade with every size bound: integers only, names resolved to positions in arrays.
 * This is what mappings, models and the executor read; `shape.ts` makes it.
 */
export type Workload = {
  readonly cascade: CheckedCascade;
  /** Ranks and parameters by name, as bound. */
  readonly sizes: ReadonlyMap<Name, number>;
  /** One index variable a rank that is indexed: the rank's name in lower case. */
  readonly variables: readonly Variable[];
  readonly tensors: readonly Tensor[];
  /** In the order of the text, which is a legal order of execution. Initial values are not among them. */
  readonly einsums: readonly BoundEinsum[];
  /** What is expected of the selections by value: how much of what they are offered exists. */
  readonly gates: readonly Gate[];
};

/** A tensor of which data decides, element by element, what exists; on average `density` of what could. */
export type Gate = {
  /** Position in `tensors`. */
  readonly tensor: number;
  /** Undefined: not known, so that nothing that depends on it can be costed. */
  readonly density: number | undefined;
  /** Where the density comes from: "given", "measured on random inputs, seed 1". */
  readonly source: string | undefined;
};

/** Share of what a tensor is offered that exists: of a gate without a density all does, as of what is no gate. */
export const gateDensity = (gates: readonly Gate[], tensor: number): number =>
  gates.find((g) => g.tensor === tensor)?.density ?? 1;

/** The share of what a gate is offered that exists on average, and where that is known from. */
export type Density = { readonly share: number; readonly source: string };

export type Variable = {
  readonly name: Name;
  readonly rank: Name;
  readonly size: number;
  /** True for a rank along which some tensor is carried (`RM[m1+1] = f(RM[m1])`). */
  readonly iterative: boolean;
};

export type Tensor = {
  readonly name: Name;
  readonly role: TensorRole;
  readonly dimensions: readonly Dimension[];
  readonly format: Name;
  readonly bitsPerElement: number;
  /** The bits of an operand that it has; undefined: it is no plane. */
  readonly plane: BoundPlane | undefined;
  /** Position in `einsums` of the producer; undefined for inputs. */
  readonly producer: number | undefined;
  /** For a carried tensor, the value of its version 0. */
  readonly initial: number | undefined;
};

/** Bits of the integers of an operand: those from `shift` on, `bits` of them; the highest have the sign. */
export type BoundPlane = {
  readonly operand: Name;
  readonly operandBits: number;
  readonly bits: number;
  readonly shift: number;
  readonly signed: boolean;
};

export type Dimension = {
  readonly rank: Name;
  /** Size of the coordinate range; a carried dimension has one more than its rank (versions 0..size). */
  readonly size: number;
  /** A carried dimension counts versions in time: it takes no storage, the latest version replaces the last. */
  readonly carried: boolean;
};

/** value = floor((sum of coefficient x variable + offset) / divisor); variables by position in `variables`. */
export type BoundIndex = {
  readonly terms: readonly { readonly variable: number; readonly coefficient: number }[];
  readonly offset: number;
  readonly divisor: number;
};

export type BoundAccess = {
  /** Position in `tensors`. */
  readonly tensor: number;
  readonly indices: readonly BoundIndex[];
  /** How far variables go that count the positions of what is selected; absent where none does. */
  readonly limits?: readonly PositionLimit[];
};

/** Of a variable that counts positions: in each part of the space, which of them. */
export type PositionLimit = {
  readonly variable: number;
  readonly parts: readonly {
    readonly lo: number;
    readonly hi: number;
    /** Half-open intervals of other variables. */
    readonly where: readonly { readonly variable: number; readonly lo: number; readonly hi: number }[];
  }[];
};

export type BoundEinsum = {
  /** Name of the tensor that it produces: an Einsum is named after its output. */
  readonly name: Name;
  /** Every index is a plain variable, except a carried dimension's, which is `v + 1`. */
  readonly output: BoundAccess;
  /** Distinct accesses of the body, in order of appearance. */
  readonly operands: readonly BoundAccess[];
  /** The iteration space: positions in `variables`, in order of appearance (output first). */
  readonly variables: readonly number[];
  /** Those that the output lacks. */
  readonly reduced: readonly number[];
  /** Variable of the carried dimension if this Einsum makes the next version of a carried tensor. */
  readonly carried: number | undefined;
  readonly reduceOperator: Name | undefined;
  /** Operations at each point of the domain. A product that is summed is one `mac`. */
  readonly operations: readonly { readonly operator: Name; readonly perPoint: number }[];
  readonly selection: BoundSelection | undefined;
  /**
   * The points of the iteration space at which this Einsum computes. Where a selection keeps so many of a fibre, these
   * are the first so many: the positions of what is kept, which is all that a cost depends on.
   */
  readonly domain: Domain;
  /** The points at which it may compute, whatever is selected; the same as `domain` where no data decides. */
  readonly candidates: Domain;
  /** Data decides which of its candidates it computes, besides what its own selection keeps. */
  readonly conditional: boolean;
  /** Share of the points of its domain at which it computes, on average: what gates leave of them. */
  readonly density: number;
  /** Share of the elements that it could write which exist, on average. */
  readonly writeShare: number;
  /** Share of the points of its domain at which it reads each operand, on average. */
  readonly readShares: readonly number[];
  /** The selections of so many of a fibre that its points are positions of, by variable. */
  readonly packing: ReadonlyMap<number, readonly Origin[]>;
  /** What gates must be like where it computes. */
  readonly conditions: readonly GateCondition[];
};

/** A gate (by the position of its tensor) whose element exists, or does not. */
export type GateCondition = { readonly tensor: number; readonly exists: boolean };

/** A selection (by the position of its tensor) by whose positions a variable is meant, with the indices at which it is read. */
export type Origin = { readonly tensor: number; readonly indices: readonly BoundIndex[] };

/** Which of the points of its domain an Einsum populates. */
export type BoundSelection =
  | {
      readonly kind: 'rank';
      readonly largest: boolean;
      /** The variable over whose fibres it selects. */
      readonly variable: number;
      /** The variable that the count depends on; undefined: there is one count. */
      readonly along: number | undefined;
      /** How many are kept, by coordinate of `along`. */
      readonly counts: readonly number[];
    }
  | { readonly kind: 'threshold'; readonly above: boolean; readonly value: number };

/** How many of a fibre a selection keeps at a point. */
export const keptAt = (s: BoundSelection & { kind: 'rank' }, point: ArrayLike<number>): number =>
  s.counts[s.along === undefined ? 0 : point[s.along]!]!;

/** Bits of the widest operand of an Einsum; 0 if it has none. */
export const operandBits = ({ tensors }: Pick<Workload, 'tensors'>, { operands }: BoundEinsum): number =>
  operands.reduce((most, { tensor }) => Math.max(most, tensors[tensor]!.bitsPerElement), 0);

/** Sum of coefficient x variable + offset >= 0, all integers. */
export type Constraint = {
  readonly terms: readonly { readonly variable: number; readonly coefficient: number }[];
  readonly offset: number;
};

/** A disjoint union of conjunctions: `[[]]` is the whole box, `[]` is nothing. */
export type Domain = readonly (readonly Constraint[])[];

/** Half-open intervals [lo, hi) by position in `Workload.variables`; typed arrays fit too. */
export type Box = { readonly lo: ArrayLike<number>; readonly hi: ArrayLike<number> };
