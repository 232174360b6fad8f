import type { DuckDBAppender, DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDB } from './duckdb.ts';
import type { Cells, Column, Range, Rows } from './table.ts';

/** The engine's largest chunk. */
const chunkRows = 2048;

/** Position of the first row whose point is not before `point`. */
function rowOf(points: Float64Array, point: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]! < point) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writePoints(chunk: DuckDBDataChunk, points: Float64Array, from: number): void {
  const vector = chunk.getColumnVector(0);
  for (let i = 0; i < chunk.rowCount; i++) vector.setItem(i, BigInt(points[from + i]!));
  vector.flush();
}

function writeCells(chunk: DuckDBDataChunk, column: number, cells: Cells, from: number): void {
  const vector = chunk.getColumnVector(column);
  const count = chunk.rowCount;
  if (cells instanceof Float64Array)
    for (let i = 0; i < count; i++) {
      const value = cells[from + i]!;
      vector.setItem(i, Number.isNaN(value) ? null : value);
    }
  else
    for (let i = 0; i < count; i++) {
      const code = cells.codes[from + i]!;
      vector.setItem(i, code < 0 ? null : cells.texts[code]!);
    }
  vector.flush();
}

/** Appends the rows of a range; they may be of more points than that. */
export function appendRows(
  duckdb: DuckDB,
  appender: DuckDBAppender,
  columns: readonly Column[],
  rows: Rows,
  range: Range,
): void {
  const types = [duckdb.BIGINT, ...columns.map(({ type }) => (type === 'number' ? duckdb.DOUBLE : duckdb.VARCHAR))];
  const end = rowOf(rows.points, range.first + range.count);
  for (let from = rowOf(rows.points, range.first); from < end; from += chunkRows) {
    const chunk = duckdb.DuckDBDataChunk.create(types, Math.min(chunkRows, end - from));
    writePoints(chunk, rows.points, from);
    for (const [i, cells] of rows.columns.entries()) writeCells(chunk, i + 1, cells, from);
    appender.appendDataChunk(chunk);
  }
}
