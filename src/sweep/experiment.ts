import type { Objective } from '../search/objective.ts';
import type { Span } from '../source.ts';
import type { Dimension } from '../units.ts';

/** A text of an experiment, with its place. */
export type Written = { readonly text: string; readonly span: Span };

/**
 * A design space: what varies, what is evaluated at each point, and which figures are wanted. Names of axes and
 * derived values are those of the experiment; `set`, `param` and the others say what they are to the pipeline.
 * Expressions and conditions are as written: `openSpace` compiles them.
 */
export type Experiment = {
  readonly name: Written;
  readonly description: string;
  readonly axes: AxisTree;
  /** Expressions over axes and the derived values before them, by name. */
  readonly derived: ReadonlyMap<string, Expression>;
  /** Conditions over axes and derived values: where one does not hold there is no point. */
  readonly where: readonly Written[];
  readonly sampling: Sampling;
  /** A name of what ships, or a path inside the experiment's folder; or the axis whose values are such names. */
  readonly cascade: Choice;
  readonly hardware: Choice;
  /** `auto` searches. */
  readonly mapping: Choice;
  readonly workload: Choice | undefined;
  /** By rank or parameter of the cascade: expressions over axes and derived values. */
  readonly set: ReadonlyMap<string, Expression>;
  /** By parameter of the machine or the mapping. */
  readonly param: ReadonlyMap<string, Expression>;
  /** By gate. */
  readonly density: ReadonlyMap<string, Expression>;
  /** Formats of tensors by name. */
  readonly format: ReadonlyMap<string, Choice>;
  readonly model: 'analytic' | 'cycle';
  readonly accounting: string | undefined;
  /** What a search is for, where the mapping is `auto`. */
  readonly objective: Objective | undefined;
  /** Columns of the table, as paths in a report: `latency_s`, `utilization.Array2D`. */
  readonly metrics: readonly Written[];
  /** Conditions over axes, derived values and metrics: where one does not hold the row says `excluded`. */
  readonly constraints: readonly Written[];
  /** What is better: metrics with their direction. */
  readonly objectives: readonly { readonly metric: Written; readonly goal: 'minimize' | 'maximize' }[];
};

/** An expression with the place of the name that it is given to. */
export type Expression = Written & { readonly key: Span };

/** What is used at every point, or the axis that says which. */
export type Choice =
  | { readonly kind: 'fixed'; readonly value: Written }
  | { readonly kind: 'axis'; readonly axis: Written };

export type AxisTree =
  | { readonly kind: 'axis'; readonly axis: Axis }
  /** All combinations; the last changes fastest. */
  | { readonly kind: 'product'; readonly parts: readonly AxisTree[] }
  /** The first of each, then the second of each; all are equally long. */
  | { readonly kind: 'zip'; readonly parts: readonly AxisTree[] };

export type Axis = { readonly name: Written; readonly values: AxisValues };

export type AxisValues =
  | { readonly kind: 'texts'; readonly texts: readonly Written[] }
  | {
      readonly kind: 'numbers';
      readonly dimension: Dimension;
      /** In base units, in the order of the axis. Empty: only samples are drawn, from the interval. */
      readonly numbers: Float64Array;
      /** What a sample is drawn from in place of the numbers. */
      readonly interval: Interval | undefined;
    };

/** All numbers between two ends, in base units, evenly or on a log scale; `whole`: only whole ones. */
export type Interval = {
  readonly from: number;
  readonly to: number;
  readonly scale: 'linear' | 'log';
  readonly whole: boolean;
};

export const samplingMethods = ['grid', 'random', 'latin-hypercube', 'sobol'] as const;

export type Sampling =
  /** All combinations. */
  | { readonly method: 'grid' }
  | {
      readonly method: Exclude<(typeof samplingMethods)[number], 'grid'>;
      readonly points: number;
      readonly seed: number;
    };
