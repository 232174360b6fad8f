import type { DuckDBConnection, DuckDBType, DuckDBValue, Json } from '@duckdb/node-api';
import type { DuckDB } from './duckdb.ts';

/** Columns of what was asked for, and its rows, a few thousand at a time. Infinite numbers are texts. */
export type Answer = {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: AsyncIterable<readonly (readonly (Json | null)[])[]>;
};

const isNumber = ({ DuckDBTypeId: id }: DuckDB, { typeId }: DuckDBType): boolean =>
  [
    id.TINYINT,
    id.SMALLINT,
    id.INTEGER,
    id.BIGINT,
    id.HUGEINT,
    id.UTINYINT,
    id.USMALLINT,
    id.UINTEGER,
    id.UBIGINT,
    id.UHUGEINT,
    id.FLOAT,
    id.DOUBLE,
    id.DECIMAL,
  ].some((number) => number === typeId);

/** Runs a statement that was checked. Throws the engine's error, then and when rows are taken. */
export async function answer(duckdb: DuckDB, connection: DuckDBConnection, statement: string): Promise<Answer> {
  const result = await connection.stream(statement);
  const types = result.columnTypes();
  // Whole numbers would be texts, however small.
  const convert = (value: DuckDBValue, type: DuckDBType): Json | null =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value))
      ? Number(value)
      : duckdb.JsonDuckDBValueConverter(value, type, convert);
  return {
    columns: result.columnNames().map((name, i) => ({ name, isNumber: isNumber(duckdb, types[i]!) })),
    rows: result.yieldConvertedRows(convert),
  };
}

/** All rows of an answer: for those that are known to be few. */
export async function allRows({ rows }: Answer): Promise<readonly (readonly (Json | null)[])[]> {
  const all: (readonly (Json | null)[])[] = [];
  for await (const some of rows) all.push(...some);
  return all;
}

/** Columns of numbers of a statement, NaN where there is none. Throws the engine's error. */
export async function numberColumns(connection: DuckDBConnection, statement: string): Promise<readonly Float64Array[]> {
  const result = await connection.stream(statement);
  const parts: Float64Array[][] = result.columnNames().map(() => []);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [c, column] of parts.entries()) {
      const values = new Float64Array(chunk.rowCount);
      chunk.visitColumnValues(c, (value, i) => {
        values[i] = value === null ? Number.NaN : Number(value);
      });
      column.push(values);
    }
  }
  return parts.map((column) => {
    const all = new Float64Array(column.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const values of column) {
      all.set(values, at);
      at += values.length;
    }
    return all;
  });
}
