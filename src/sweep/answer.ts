import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBResult,
  DuckDBType,
  DuckDBValue,
  DuckDBValueConverter,
  Json,
} from '@duckdb/node-api';
import { type DuckDB, quoteText } from './duckdb.ts';

/** A value, as JSON has it; infinite numbers are texts. */
export type Cell = Json | null;

/** Some rows of an answer. To make them costs more than to count them. */
export type Part = { readonly count: number; readonly rows: () => readonly (readonly Cell[])[] };

/** Columns of what was asked for, and its rows, a few thousand at a time. */
export type Answer = {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly parts: AsyncIterable<Part>;
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
  // As part of another statement it can only be one that asks for rows, and its columns have different names.
  const result = await connection.stream(`FROM query(${quoteText(statement)})`);
  const types = result.columnTypes();
  // Whole numbers would be texts, however small.
  const convert = (value: DuckDBValue, type: DuckDBType): Cell =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value))
      ? Number(value)
      : duckdb.JsonDuckDBValueConverter(value, type, convert);
  return {
    columns: result.columnNames().map((name, i) => ({ name, isNumber: isNumber(duckdb, types[i]!) })),
    parts: partsOf(result, convert),
  };
}

async function* partsOf(result: DuckDBResult, convert: DuckDBValueConverter<Json>): AsyncIterable<Part> {
  for await (const chunk of chunksOf(result)) yield { count: chunk.rowCount, rows: () => chunk.convertRows(convert) };
}

async function* chunksOf(result: DuckDBResult): AsyncIterable<DuckDBDataChunk> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** All rows of an answer: for those that are known to be few. */
export async function allRows({ parts }: Answer): Promise<readonly (readonly Cell[])[]> {
  const all: (readonly Cell[])[] = [];
  for await (const { rows } of parts) for (const row of rows()) all.push(row);
  return all;
}

/** Columns of numbers of a statement, NaN where there is none. Throws the engine's error. */
export async function numberColumns(connection: DuckDBConnection, statement: string): Promise<readonly Float64Array[]> {
  const result = await connection.stream(statement);
  const parts: Float64Array[][] = result.columnNames().map(() => []);
  for await (const chunk of chunksOf(result)) {
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
