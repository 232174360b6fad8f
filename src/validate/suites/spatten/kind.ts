import { type Result, success } from '../../../diagnostic.ts';
import { type PointRow, type RowForm, readRow } from '../../points.ts';
import type { Figure, Outcome, Run } from '../../suite.ts';

/** A list of the file of points: what its rows say, and what runs for one. */
export type Kind = {
  readonly table: string;
  /** What runs for its rows. */
  readonly cascade: string;
  /** Fields that a row must have. */
  readonly required: readonly string[];
  readonly figures: readonly Figure[];
  /** JSON Schema of a row. */
  readonly schema: object;
  readonly read: (row: PointRow) => Result<Plan>;
};

export type Plan = {
  readonly series: string;
  readonly label: string;
  readonly runs: readonly Run[];
  readonly published: ReadonlyMap<string, number>;
};

/** A kind of rows of which each, once it has been read, says what runs. */
export function kindOf<Row extends object>(
  known: Pick<Kind, 'table' | 'cascade' | 'required' | 'figures'> & {
    /** JSON Schema of the fields that are no figures, by name. */
    readonly fields: Readonly<Record<string, object>>;
    readonly plan: (row: Row) => Omit<Plan, 'published'>;
  },
): Kind {
  const { table, cascade, required, fields, plan } = known;
  // Other kinds have other figures.
  const figures = known.figures.map(
    (figure): Figure => ({
      ...figure,
      read: (outcomes, subject) => (subject.runs[0]?.cascade === cascade ? figure.read(outcomes, subject) : undefined),
    }),
  );
  const amounts = Object.fromEntries(figures.map(({ name }) => [name, { type: 'number', exclusiveMinimum: 0 }]));
  const schema = { type: 'object', required, properties: { ...fields, ...amounts } };
  const form = { schema, unused: ['source', 'note'] } as RowForm;
  return {
    table,
    cascade,
    required,
    figures,
    schema,
    read: (row) => {
      const read = readRow<Row & Readonly<Record<string, number>>>(row, form);
      if (!read.ok) return read;
      const published = figures.flatMap(({ name }) => {
        const value = read.value[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      return success({ ...plan(read.value), published: new Map(published) }, read.warnings);
    },
  };
}

/** Rows of a trace that are alike: a row is one head of one layer in one step, for one query. */
export type Alike = {
  readonly keys: number;
  readonly values: number;
  readonly rows: number;
  /** Those of which the low bits of the keys are fetched as well. */
  readonly low_rows: number;
};

/** What a released workload has in it; -1 bits are none that are stated. */
export type Schedule = {
  readonly model: string;
  readonly key_bits: number;
  readonly value_bits: number;
  readonly alike: readonly Alike[];
};

export type Schedules = Readonly<Record<string, Schedule>>;

/** Dimensions of a head: those that the arrays are made for. */
export const head_size = 64;

export const count = (maximum: number): object => ({ type: 'integer', minimum: 1, maximum });

/** Of all runs together. */
export const busyCycles =
  (resource: string): Figure['read'] =>
  (outcomes) =>
    outcomes.reduce((sum, outcome) => sum + busyOf(outcome, resource), 0);

const busyOf = ({ metrics }: Outcome, resource: string): number => metrics.busy_cycles.get(resource)?.cycles ?? 0;
