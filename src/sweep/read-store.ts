import { resolve } from 'node:path';
import { type Result, success } from '../diagnostic.ts';
import { invariant } from '../invariant.ts';
import { type Answer, answer, numberColumns } from './answer.ts';
import { type Database, limitMemory, openDatabase, quoteText } from './duckdb.ts';
import type { Identity } from './identity.ts';
import { checkStatement, type Statement } from './statement.ts';
import { findStore } from './store.ts';
import { orFileDiagnostic, readTables } from './store-tables.ts';
import type { Range } from './table.ts';
import { copyOptions, type TableFile } from './table-file.ts';
import { unfinishedName, writeWhole } from './whole-file.ts';

/** A store that is open for reading. Several may read it at a time, and none while a sweep writes it. */
export type StoreReader = {
  readonly identity: Identity;
  /** Ranges that are done, in order, joined where they touch. */
  readonly done: readonly Range[];
  /** Whether a statement asks for rows and does nothing else. Error: `bad-query` with its place. */
  readonly check: (statement: Statement) => Promise<Result<void>>;
  /** The rows of a statement. Throws the engine's error. */
  readonly ask: (statement: string) => Promise<Answer>;
  /** The same by column, where all are numbers; NaN where there is none. */
  readonly askNumbers: (statement: string) => Promise<readonly Float64Array[]>;
  /** Writes them to the file that the store was opened with. Throws the engine's error. Error: `unwritable-file`. */
  readonly write: (statement: string) => Promise<Result<void>>;
  /**
   * Makes a table `kept` of what a checked statement gives, in the order of all its columns, before which a column
   * numbers its rows. Throws the engine's error.
   */
  readonly keep: (statement: string) => Promise<void>;
  /** Makes a table `chosen` of these points for statements to come, in place of the one before. */
  readonly choose: (points: Float64Array) => Promise<void>;
  /** Ends what is asked for: it throws. */
  readonly interrupt: () => void;
  readonly close: () => void;
};

/**
 * Opens a store so that statements of anyone can be run: they can write nothing but `out`, if there is one, see no other
 * file, load nothing, and change no setting. Errors: `unreadable-file`, `not-a-store`, `damaged-store`, `store-version`,
 * `store-in-use`.
 */
export async function openStoreForReading(path: string, out?: TableFile): Promise<Result<StoreReader>> {
  const found = await findStore(path);
  if (!found.ok) return found;
  const unfinished = out === undefined ? undefined : unfinishedName(out.path);
  return await orFileDiagnostic(path, async () => {
    const database = await openDatabase(path, out === undefined ? 'read' : 'export');
    try {
      const kept = await readTables(database, path);
      if (kept.ok) {
        await limitMemory(database, kept.value.identity.columns.length, 512);
        await seal(database, unfinished);
        return success(openReader(path, database, kept.value, out, unfinished));
      }
      database.close();
      return kept;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

async function seal({ connection }: Database, writable: string | undefined): Promise<void> {
  if (writable !== undefined) await connection.run(`SET allowed_paths = [${quoteText(resolve(writable))}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

function openReader(
  path: string,
  database: Database,
  { identity, done }: { readonly identity: Identity; readonly done: readonly Range[] },
  out: TableFile | undefined,
  unfinished: string | undefined,
): StoreReader {
  const { connection, duckdb } = database;
  return {
    identity,
    done,
    check: (statement) => checkStatement(duckdb, connection, statement),
    ask: (statement) => answer(duckdb, connection, statement),
    askNumbers: (statement) => numberColumns(connection, statement),
    write: async (statement) => {
      invariant(out !== undefined && unfinished !== undefined, 'the store was opened with a file to write');
      const options = `${copyOptions(out.format, identity)}, USE_TMP_FILE false`;
      const copy = `COPY (FROM query(${quoteText(statement)})) TO ${quoteText(resolve(unfinished))} (${options})`;
      return await writeWhole(
        out.path,
        'replace',
        () =>
          orFileDiagnostic(
            path,
            async () => {
              await connection.run(copy);
              return success(undefined);
            },
            out.path,
          ),
        unfinished,
      );
    },
    keep: async (statement) => {
      const rows = `SELECT * FROM query(${quoteText(statement)}) ORDER BY ALL`;
      await connection.run(
        `CREATE TEMP TABLE kept AS SELECT row_number() OVER () AS "row of the answer", * FROM (${rows})`,
      );
    },
    choose: async (points) => {
      await connection.run('CREATE OR REPLACE TEMP TABLE chosen (point BIGINT)');
      const appender = await connection.createAppender('chosen', 'main', 'temp');
      for (const point of points) {
        appender.appendBigInt(BigInt(point));
        appender.endRow();
      }
      appender.closeSync();
    },
    interrupt: () => connection.interrupt(),
    close: database.close,
  };
}
