import { columnList } from './best-points.ts';
import { quoteName } from './duckdb.ts';
import type { Objective } from './identity.ts';
import { paretoFront, signed } from './pareto.ts';
import type { StoreReader } from './read-store.ts';
import { outcomeColumns } from './table.ts';

/** Rows that can be taken by number: of a sweep those that are ok, or those that a statement gives. */
export type NumberedRows = {
  /** What stands behind FROM, and the column that numbers its rows. */
  readonly from: string;
  readonly number: string;
  /** Without those that number or tell outcomes of rows that are all ok. */
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
};

/** Which of some rows are best. Rows are known by their place in the order of their numbers. */
export type RankedRows = {
  /** The number of each row, rising. */
  readonly numbers: Float64Array;
  readonly objectives: readonly Objective[];
  /** Rows that no other beats in all objectives, rising; of one objective all that are best. */
  readonly front: Uint32Array;
  /** By objective the first row that is best; undefined where no row has a number. */
  readonly best: readonly (number | undefined)[];
};

/** The rows of a sweep that are ok, by point. */
export async function okRows(store: StoreReader): Promise<NumberedRows> {
  const { identity } = store;
  const shown = identity.columns.filter((c) => !outcomeColumns.some((o) => o.name === c.name));
  return {
    from: `(SELECT ${columnList(identity)} FROM points WHERE status = 'ok')`,
    number: 'point',
    columns: [
      { name: 'point', isNumber: true },
      ...shown.map(({ name, type }) => ({ name, isNumber: type === 'number' })),
    ],
  };
}

/** What a statement gives, in the order of all its columns, whatever order it comes in. It was checked. Throws the engine's error. */
export async function statementRows(store: StoreReader, statement: string): Promise<NumberedRows> {
  await store.keep(statement);
  const { columns } = await store.ask('FROM kept LIMIT 0');
  const [number, ...others] = columns;
  return { from: 'kept', number: number!.name, columns: others };
}

/** Ranks rows by those objectives that they have; rows that say of themselves that they are not ok are never best. */
export async function rankRows(
  store: StoreReader,
  { from, number, columns }: NumberedRows,
  wanted: readonly Objective[],
): Promise<RankedRows> {
  const objectives = wanted.filter(({ metric }) => columns.some((c) => c.name === metric && c.isNumber));
  const hasStatus = columns.some((c) => c.name === 'status' && !c.isNumber);
  const values = objectives.map(({ metric }) =>
    hasStatus ? `CASE WHEN status = 'ok' THEN ${quoteName(metric)} END` : quoteName(metric),
  );
  const name = quoteName(number);
  const [numbers, ...figures] = await store.askNumbers(
    `SELECT ${[name, ...values].join(', ')} FROM ${from} ORDER BY ${name}`,
  );
  const lessIsBetter = signed(objectives, figures);
  return {
    numbers: numbers!,
    objectives,
    front: objectives.length === 0 ? new Uint32Array() : paretoFront(lessIsBetter).sort(),
    best: lessIsBetter.map(firstLeast),
  };
}

function firstLeast(values: Float64Array): number | undefined {
  let found: number | undefined;
  for (let i = 0; i < values.length; i++)
    if (!Number.isNaN(values[i]!) && (found === undefined || values[i]! < values[found]!)) found = i;
  return found;
}
