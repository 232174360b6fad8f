import type { Span } from '../source.ts';

/** A text of an experiment, with its place. */
export type Written = { readonly text: string; readonly span: Span };

/** A value as written in JSON: a plain number, or a text such as "400 GB/s" or "fusemax". */
export type WrittenValue = { readonly value: number | string; readonly span: Span };

/**
 * A design space as written: what varies, what is evaluated at each point, and which figures are wanted. Names of
 * axes and derived values are those of the experiment; `set`, `param` and the others say what they are to the pipeline.
 */
export type Experiment = {
  readonly name: string;
  readonly description: string;
  readonly axes: AxisTree;
  /** Expressions over axes and the derived values before them, by name. */
  readonly derived: ReadonlyMap<string, Written>;
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
  readonly set: ReadonlyMap<string, Written>;
  /** By parameter of the machine or the mapping. */
  readonly param: ReadonlyMap<string, Written>;
  /** By gate. */
  readonly density: ReadonlyMap<string, Written>;
  /** Formats of tensors by name. */
  readonly format: ReadonlyMap<string, Choice>;
  readonly model: 'analytic' | 'cycle';
  readonly accounting: string | undefined;
  /** What a search is for, where the mapping is `auto`. */
  readonly objective: string | undefined;
  /** Columns of the table, as paths in a report: `latency_s`, `utilization.Array2D`. */
  readonly metrics: readonly Written[];
  /** Conditions over axes, derived values and metrics: where one does not hold the row says `excluded`. */
  readonly constraints: readonly Written[];
  /** What is better: metrics with their direction. */
  readonly objectives: readonly { readonly metric: Written; readonly goal: 'minimize' | 'maximize' }[];
};

/** What is used at every point, or the axis that says which. */
export type Choice =
  | { readonly kind: 'fixed'; readonly value: Written }
  | { readonly kind: 'axis'; readonly axis: Written };

export type AxisTree =
  | { readonly kind: 'axis'; readonly axis: Axis }
  /** All combinations; the last changes fastest. */
  | { readonly kind: 'product'; readonly parts: readonly AxisTree[]; readonly span: Span }
  /** The first of each, then the second of each; all are equally long. */
  | { readonly kind: 'zip'; readonly parts: readonly AxisTree[]; readonly span: Span };

export type Axis = {
  readonly name: Written;
  readonly values:
    | { readonly kind: 'list'; readonly values: readonly WrittenValue[] }
    | {
        readonly kind: 'range';
        readonly from: WrittenValue;
        readonly to: WrittenValue;
        /** What is between: steps that are added, factors that are multiplied, or so many values, evenly or on a log scale. */
        readonly by:
          | { readonly kind: 'step' | 'factor'; readonly value: WrittenValue }
          | {
              readonly kind: 'count';
              readonly count: number;
              readonly scale: 'linear' | 'log';
              readonly whole: boolean;
            };
      };
};

export type Sampling =
  | { readonly method: 'grid' }
  | { readonly method: 'random' | 'latin-hypercube' | 'sobol'; readonly points: number; readonly seed: number };
