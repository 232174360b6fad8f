import type { Table } from './named-table.ts';
export const validationSchemaName = 'attnsim-validation/1';

/** A figure that is compared. An error is predicted / published - 1, or, if absolute, predicted - published. */
export type ValidationFigure = {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly error: 'relative' | 'absolute';
  /** A part of another figure, which the tables for people leave out. */
  readonly detail: boolean;
  /** Largest error with this model; null where the figure is shown and not judged. */
  readonly tolerance: number | null;
};

/** `within` is null where the figure is not judged. */
export type ValidationError = {
  readonly published: number;
  readonly predicted: number;
  readonly error: number;
  readonly within: boolean | null;
  /** The rule by which the published number is known to be another; null: none is known. */
  readonly rule: string | null;
};

/** The busiest resource, the share of the run in which it is busy, and what that makes of the run. */
export type ValidationBound = {
  readonly resource: string;
  readonly kind: 'compute' | 'bandwidth' | 'latency';
  readonly busy: number;
};

export type ValidationRow = {
  /** Its name in the file of points. */
  readonly row: string;
  readonly series: string;
  readonly label: string;
  /** What was run for it; their times, bytes and energies are added. */
  readonly runs: readonly {
    readonly cascade: string;
    readonly hardware: string;
    readonly mapping: string;
    readonly workload: string | null;
    readonly sizes: Table<number>;
    /** Of tensors, where they are not those of the cascade. */
    readonly formats: Table<string>;
    /** Of selections by value. */
    readonly densities: Table<number>;
    readonly parameters: Table<string>;
    /** What limits it; null if it could not be run. */
    readonly bound: ValidationBound | null;
  }[];
  /** What it is, by the names that means are taken over. */
  readonly groups: Table<string>;
  /** By figure, whether it is published or not. Empty if it could not be run. */
  readonly predicted: Table<number>;
  /** By figure that is published. Empty if it could not be run. */
  readonly figures: Table<ValidationError>;
  /** Why it is in no mean; null: it is. */
  readonly aside: string | null;
  /** What its source says besides. */
  readonly note: string | null;
  /** Why it could not be run; null if it was. */
  readonly failed: string | null;
};

export type ValidationMean = {
  readonly points: number;
  readonly mean_absolute_error: number;
  /** With its sign. */
  readonly worst_error: number;
  readonly worst_label: string;
};

/** Means over the rows that are the same in what `of` names; over all if it names nothing. */
export type ValidationGroup = { readonly of: Table<string>; readonly figures: Table<ValidationMean> };

/** One of the errors that are largest for their tolerance. */
export type ValidationWorst = {
  readonly row: string;
  readonly series: string;
  readonly label: string;
  readonly figure: string;
  readonly error: ValidationError;
  /** The rule that explains it, or what the prediction is bound by, and what the source notes. */
  readonly likely_cause: string | null;
};

export type ValidationClaim = {
  readonly claim: string;
  readonly figure: string;
  readonly printed: number | null;
  readonly recomputed: number;
  /** The mean over the pairs of which both rows are among the points; null if there are none. */
  readonly given: { readonly pairs: number; readonly published: number; readonly predicted: number } | null;
  /** Over all pairs; null if one of them could not be run. */
  readonly predicted: number | null;
  readonly pairs: number;
};

/** Predictions beside published points: what `attnsim validate --json` prints. `docs/validation.md` says what it means. */
export type Validation = {
  readonly schema: typeof validationSchemaName;
  readonly suite: string;
  readonly points: string;
  readonly model: 'analytic' | 'cycle';
  readonly energy_accounting: string;
  readonly figures: readonly ValidationFigure[];
  /** Name of the groups that a plot of the first figure tells apart; null: the series. */
  readonly plot_by: string | null;
  /** Ways in which the published model is known to count otherwise. */
  readonly rules: Table<string>;
  readonly rows: readonly ValidationRow[];
  /** By series and figure. */
  readonly series: Table<Table<ValidationMean>>;
  readonly groups: readonly ValidationGroup[];
  readonly worst: readonly ValidationWorst[];
  readonly claims: readonly ValidationClaim[];
  /** Errors above their tolerance that no rule explains, and rows that could not be run. */
  readonly beyond_tolerance: number;
  readonly failed: number;
};
