import type { Arithmetic, Name } from '../einsum/ast.ts';
import type { Span } from '../source.ts';

/**
 * How a cascade runs on a machine: a loop tree, as written in a mapping file.
 * `place.ts` binds it to a workload and a machine; `docs/mappings.md` explains it.
 */
export type Mapping = {
  readonly name: Name;
  readonly nameSpan: Span;
  /** The cascades it is written for. */
  readonly cascades: readonly { readonly name: Name; readonly span: Span }[];
  readonly parameters: readonly MappingParameter[];
  readonly schedule: Schedule;
  /** `ordered TensorCore`: units that serve operations in the order of the mapping, not as they become ready. */
  readonly ordered: readonly { readonly name: Name; readonly span: Span }[];
  readonly nodes: readonly MappingNode[];
};

/** `param P1 = largest_divisor(...)`: computed from rank sizes and capacities, overridable with `--param`. */
export type MappingParameter = { readonly name: Name; readonly value: Arithmetic; readonly span: Span };

/**
 * How the branches of a body follow each other. A sequence runs them strictly one after the other, in
 * every iteration. In a pipeline an operation starts as soon as its operands, its unit and a slot of its
 * output buffer are free, with at most `inFlight` iterations of the loop begun and not ended.
 */
export type Schedule = { readonly kind: 'sequence' } | { readonly kind: 'pipeline'; readonly inFlight: Arithmetic };

export type MappingNode = KeepNode | LoopNode | ComputeNode;

/** `keep K, V in GlobalBuffer stages 2`, `keep V in L1 stages 2 on demand`, `keep SN, A in GlobalBuffer over QK`, or `cache K, V in L2` */
export type KeepNode = {
  readonly kind: 'keep';
  /** Its tiles stay only if they fit; `keep` says that they must. */
  readonly cache: boolean;
  readonly tensors: readonly { readonly name: Name; readonly span: Span }[];
  readonly level: { readonly name: Name; readonly span: Span };
  /** Tiles that the buffer can hold at once: 2 is double buffering. Not said of tensors that lie over another one. */
  readonly stages: Arithmetic;
  /** Tiles come when an iteration asks for them: none is fetched ahead, though there be a stage for it. */
  readonly demand: boolean;
  /** Tensor kept in the same body whose room they take, one after the other, each in the place of the one before. */
  readonly over: { readonly name: Name; readonly span: Span } | undefined;
  /** The part of every tile that has no room in the level and stays further out. */
  readonly spill: Spill | undefined;
  /** The keep is there unless this is 0. */
  readonly condition: Arithmetic;
  readonly span: Span;
};

/** `spill 1/129 to DRAM` */
export type Spill = {
  readonly share: Arithmetic;
  readonly level: { readonly name: Name; readonly span: Span };
};

/** Who gets the next step of a grid; `docs/mappings.md` explains each. */
export const dispatches = ['dynamic', 'static', 'longest', 'contiguous'] as const;
export type Dispatch = (typeof dispatches)[number];

/** `across SM longest persistent adding DQ` */
export type Spread = {
  readonly level: { readonly name: Name; readonly span: Span };
  /** Undefined where none is written: `dynamic`, or what an inner loop of the same grid says. */
  readonly dispatch: Dispatch | undefined;
  /** An instance goes on to its next step before the last one is over, as far as the loop's pipeline lets it. */
  readonly persistent: boolean;
  /** Tensors that the instances sum over the rank of the loop together: each adds its part to what the others share. */
  readonly adding: readonly { readonly name: Name; readonly span: Span }[];
};

/** `for p by 256 across SM pipeline 2` */
export type LoopNode = {
  readonly kind: 'loop';
  readonly variable: { readonly name: Name; readonly span: Span };
  /** Coordinates a step; the last step takes what is left. */
  readonly tile: Arithmetic;
  /** The instances that the steps are spread over; undefined: in time. */
  readonly across: Spread | undefined;
  readonly schedule: Schedule;
  /** Its operations go before those of a lower one; undefined: as those of the loop around. */
  readonly priority: Arithmetic | undefined;
  /** Each iteration around runs this branch for the iteration so many before it. */
  readonly lag: Arithmetic;
  /** The enclosing iteration is over without waiting for this branch. */
  readonly trailing: boolean;
  readonly body: readonly MappingNode[];
  readonly span: Span;
};

/** `compute SLN on Array2D (rows m0, columns p) ramp 0`, `compute SLN on FP32 (lanes p), exp on SFU (lanes p)` */
export type ComputeNode = {
  readonly kind: 'compute';
  readonly einsum: { readonly name: Name; readonly span: Span };
  /** The first binding takes every operator that no other names. */
  readonly bindings: readonly Binding[];
  /** How often the unit's ramps are waited for, a tile: 1 counts them, 0 hides them. */
  readonly ramp: Arithmetic;
  /** Its turn comes so many iterations of the loop around later: what those issue goes first. */
  readonly lag: Arithmetic;
  readonly trailing: boolean;
  readonly span: Span;
};

/** `columns k by 4`: a rank along an array dimension, and how many of its lanes it has. */
export type LaidRank = {
  readonly dimension: { readonly name: Name; readonly span: Span };
  readonly variable: { readonly name: Name; readonly span: Span };
  /** Undefined: those that the other ranks along the dimension leave. */
  readonly lanes: Arithmetic | undefined;
};

export type Binding = {
  /** Undefined in the first binding. */
  readonly operator: { readonly name: Name; readonly span: Span } | undefined;
  readonly unit: { readonly name: Name; readonly span: Span };
  /** Ranks on the unit's array dimensions; the others run in time. */
  readonly dimensions: readonly LaidRank[];
};

/** What is wrong with a body whose keeps are not its first nodes: told of a text when it is read, of others when they are placed. */
export const lateKeep = 'a keep comes before the loops and computes of its body';
