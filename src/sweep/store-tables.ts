import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Database, fileDiagnostic, quoteName, quoteText } from './duckdb.ts';
import { type Identity, identityText, specHash } from './identity.ts';
import { joined } from './range-set.ts';
import type { Column, Range } from './table.ts';

/** Counts up when tables change: a store of another format is refused. */
const format = 1;

const typeOf = ({ type }: Column): string => (type === 'number' ? 'DOUBLE' : 'VARCHAR');

/** Rows have no hashes: they are the same for all, so the view adds them. An index on points would double what appending costs. */
const tables = (identity: Identity): readonly string[] => [
  'CREATE SCHEMA store',
  'CREATE TABLE store.identity (format INTEGER, identity VARCHAR)',
  'CREATE TABLE store.done ("first" BIGINT, "count" BIGINT)',
  `CREATE TABLE store.rows (${[
    'point BIGINT NOT NULL',
    ...identity.columns.map((c) => `${quoteName(c.name)} ${typeOf(c)}`),
  ].join(', ')})`,
  `CREATE VIEW points AS SELECT *, ${quoteText(specHash(identity))} AS spec_hash, ${quoteText(identity.code)} AS code_hash
   FROM store.rows`,
  `INSERT INTO store.identity VALUES (${format}, ${quoteText(identityText(identity))})`,
];

/** Makes the tables of a store in an empty database. Throws the engine's error. */
export async function createTables({ connection }: Database, identity: Identity): Promise<void> {
  for (const statement of ['BEGIN', ...tables(identity), 'COMMIT']) await connection.run(statement);
}

/** What a store belongs to, and its ranges that are done. Errors: `not-a-store`, `store-version`. */
export async function readTables(
  { connection }: Database,
  path: string,
): Promise<Result<{ readonly identity: Identity; readonly done: readonly Range[] }>> {
  const found = await connection.runAndReadAll(
    "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'store' AND table_name = 'identity'",
  );
  if (Number(found.getRows()[0]![0]) === 0)
    return failure([diagnostic('not-a-store', `"${path}" is a database, but not a store of a sweep`, undefined)]);
  const kept = await connection.runAndReadAll('SELECT format, identity FROM store.identity');
  const [version, text] = kept.getRows()[0] ?? [];
  if (version !== format) {
    const message = `"${path}" is a store of format ${String(version)}, and this version of attnsim has format ${format}`;
    const help = 'read it with the version of attnsim that wrote it, or begin a new sweep with another file';
    return failure([diagnostic('store-version', message, undefined, { help })]);
  }
  const rows = (await connection.runAndReadAll('SELECT "first", "count" FROM store.done')).getRows();
  const done = joined(rows.map(([first, count]) => ({ first: Number(first), count: Number(count) })));
  return success({ identity: JSON.parse(String(text)) as Identity, done });
}

/** Runs what the engine may refuse for reasons of a file that it reads or writes. Other errors are thrown. */
export async function orFileDiagnostic<T>(
  read: string,
  run: () => Promise<Result<T>>,
  written: string = read,
): Promise<Result<T>> {
  try {
    return await run();
  } catch (error) {
    const found = fileDiagnostic(read, error, written);
    if (found === undefined) throw error;
    return failure([found]);
  }
}
