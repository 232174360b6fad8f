/**
 * The table that a sweep fills: one row a point, keyed by the point's number in the space. Rows are made and handed on
 * by column, in arrays that can be sent between threads and hosts.
 */

/** A column of the table: what it holds, and why it is there. */
export type Column = {
  readonly name: string;
  readonly type: 'number' | 'text';
  readonly role: 'parameter' | 'metric' | 'outcome';
};

/** Points `first` to `first + count - 1` of a space. */
export type Range = { readonly first: number; readonly count: number };

/** Rows of the points of a range that are in the space, in rising order, by column in the order of the table. */
export type Rows = {
  readonly range: Range;
  /** The number of each row's point. */
  readonly points: Float64Array;
  readonly columns: readonly Cells[];
};

/** Values of one column: numbers, NaN where there is none, or texts as positions in a list, -1 where there is none. */
export type Cells = Float64Array | { readonly texts: readonly string[]; readonly codes: Int32Array };

/** What every table has after its parameters and metrics. */
export const outcomeColumns: readonly Column[] = [
  // ok: legal, and within the constraints; excluded: legal, but a constraint does not hold; failed: see `diagnostic`
  { name: 'status', type: 'text', role: 'outcome' },
  { name: 'diagnostic', type: 'text', role: 'outcome' },
];

/**
 * Names that a table has besides its columns. The engine does not tell `m` from `M`, so neither may columns differ from
 * each other or from these in case alone.
 */
export const tableColumns = ['point', 'spec_hash', 'code_hash'] as const;

export const statuses = ['ok', 'excluded', 'failed'] as const;
export type Status = (typeof statuses)[number];
