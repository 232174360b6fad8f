import type { Tornado } from '../figures/tornado.ts';
import type { PackedColumn } from './sweep-column.ts';

export type SweepPageColumn = PackedColumn & {
  readonly name: string;
  /** Empty: it has none, or nobody knows. */
  readonly unit: string;
  /** `number`: which row it is; `other`: neither varied nor evaluated. */
  readonly role: 'number' | 'axis' | 'metric' | 'other';
};

/** A column in which less, or more, is better. */
export type SweepPageObjective = { readonly column: number; readonly goal: 'minimize' | 'maximize' };

/** What the script of a sweep's page has to know. */
export type SweepPageData = {
  readonly kind: 'sweep';
  /** Name of the store's file. */
  readonly file: string;
  /** What gave the rows; absent: they are those of the sweep that are ok. */
  readonly statement?: string;
  readonly columns: readonly SweepPageColumn[];
  /** How many are on the page, and of how many. */
  readonly rows: number;
  readonly count: number;
  readonly objectives: readonly SweepPageObjective[];
  /** Rows that no other beats in all objectives. */
  readonly front: readonly number[];
  readonly sensitivity?: Tornado;
};
