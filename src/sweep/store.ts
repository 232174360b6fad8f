import { stat } from 'node:fs/promises';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { systemReason } from '../files.ts';
import { invariant } from '../invariant.ts';
import { type Database, limitMemory, openDatabase } from './duckdb.ts';
import { differences, type Identity } from './identity.ts';
import { gapsIn, joined } from './range-set.ts';
import { appendRows } from './row-chunks.ts';
import { createTables, orFileDiagnostic, readTables } from './store-tables.ts';
import { type Range, type Rows, tableColumns } from './table.ts';
import { type TableFormat, tableFormats } from './table-file.ts';
import { writeWhole } from './whole-file.ts';

/** A file that keeps the rows of a sweep, open for writing in this process alone. */
export type Store = {
  /**
   * Appends rows and marks their range as done, in one transaction: both or neither, whatever happens; many rows go in
   * parts. Points that are done already are passed over, so rows may come twice. Calls wait for those before them.
   * Error: `unwritable-file`, as when the disk is full; then the store takes no more rows, and what was appended before
   * can be resumed.
   */
  readonly append: (rows: Rows) => Promise<Result<void>>;
  /** Ranges that are done, in order, joined where they touch. */
  readonly done: () => Promise<readonly Range[]>;
  readonly close: () => Promise<void>;
};

/** Columns that the engine cannot tell from one another. */
function columnClashes({ columns }: Identity): Result<void> {
  const seen = new Map<string, string>(tableColumns.map((name) => [name, name]));
  const clashes = columns.flatMap(({ name }) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (other === undefined) return [];
    const alike =
      other === name ? `two columns "${name}"` : `columns "${other}" and "${name}", which differ in case alone`;
    return [diagnostic('duplicate-name', `the table has ${alike}`, undefined, { help: 'name one of them otherwise' })];
  });
  return clashes.length > 0 ? failure(clashes) : success(undefined);
}

/** A file that says what it is not would be overwritten by a table of that name. */
function otherFormat(path: string, format: TableFormat): Result<never> {
  const message = `"${path}" would be a database, not ${format}`;
  const help = `name it ${path.slice(0, -format.length)}.duckdb; "attnsim query" writes ${format} files of it`;
  return failure([diagnostic('bad-choice', message, undefined, { help })]);
}

/**
 * Makes a store and opens it. The file is there as a whole or not at all. Errors: `store-exists`, `duplicate-name` of
 * columns, `bad-choice` of a name that ends as other tables do, `unwritable-file`.
 */
export async function createStore(path: string, identity: Identity): Promise<Result<Store>> {
  const clashes = columnClashes(identity);
  if (!clashes.ok) return clashes;
  const format = tableFormats.find((end) => path.endsWith(end));
  if (format !== undefined) return otherFormat(path, format);
  const made = await writeWhole(path, 'new', (unfinished) =>
    orFileDiagnostic(path, async () => {
      const database = await openDatabase(unfinished, 'write');
      try {
        await createTables(database, identity);
      } finally {
        database.close();
      }
      return success(undefined);
    }),
  );
  return made.ok ? resumeStore(path, identity) : made;
}

/** Errors: `unreadable-file`. */
export async function findStore(path: string): Promise<Result<void>> {
  const unreadable = (message: string): Result<never> => failure([diagnostic('unreadable-file', message, undefined)]);
  try {
    const found = await stat(path);
    if (found.isDirectory()) return unreadable(`"${path}" is a folder, not a file`);
    return found.isFile() ? success(undefined) : unreadable(`"${path}" is not a regular file`);
  } catch (error) {
    return unreadable(`cannot read "${path}": ${systemReason(error)}`);
  }
}

/**
 * Opens a store again. Errors: `unreadable-file`, `not-a-store`, `damaged-store`, `store-version`, `store-in-use`,
 * `unwritable-file`, and `other-sweep` with what has changed since it was made.
 */
export async function resumeStore(path: string, identity: Identity): Promise<Result<Store>> {
  const found = await findStore(path);
  if (!found.ok) return found;
  return await orFileDiagnostic(path, async () => {
    const database = await openDatabase(path, 'write');
    try {
      const kept = await readTables(database, path);
      const refused = kept.ok ? unlike(path, kept.value.identity, identity) : kept;
      if (kept.ok && refused.ok) {
        await limitMemory(database, identity.columns.length, 256);
        return success(openStore(path, database, identity, kept.value.done));
      }
      database.close();
      return refused as Result<never>;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function unlike(path: string, before: Identity, after: Identity): Result<void> {
  const changes = differences(before, after);
  if (changes.length === 0) return success(undefined);
  const message = `"${path}" belongs to another sweep: since it began, ${changes.join('; ')}`;
  const help = 'undo that to go on with it, or begin a new sweep with another file';
  return failure([diagnostic('other-sweep', message, undefined, { help })]);
}

/** A transaction of more would need more memory than the engine is given. */
const cellsAtOnce = 2 ** 21;

const partsOf = ({ first, count }: Range, most: number): readonly Range[] =>
  Array.from({ length: Math.ceil(count / most) }, (_, i) => ({
    first: first + i * most,
    count: Math.min(most, count - i * most),
  }));

function openStore(path: string, database: Database, identity: Identity, begun: readonly Range[]): Store {
  const { connection, duckdb } = database;
  let done = begun;
  /** What was begun last; every call waits for it. */
  let turn: Promise<Result<void>> = Promise.resolve(success(undefined));

  const write = async (rows: Rows, part: Range): Promise<void> => {
    await connection.run('BEGIN');
    const appender = await connection.createAppender('rows', 'store');
    appendRows(duckdb, appender, identity.columns, rows, part);
    appender.closeSync();
    await connection.run(`INSERT INTO store.done VALUES (${part.first}, ${part.count})`);
    await connection.run('COMMIT');
    done = joined([...done, part]);
  };

  const store = async (rows: Rows): Promise<Result<void>> => {
    invariant(rows.columns.length === identity.columns.length, 'rows have the columns of their table');
    const most = Math.ceil(cellsAtOnce / (identity.columns.length + 1));
    return await orFileDiagnostic(path, async () => {
      for (const gap of gapsIn(rows.range, done)) for (const part of partsOf(gap, most)) await write(rows, part);
      return success(undefined);
    });
  };

  return {
    append: (rows) => {
      turn = turn.then((before) => (before.ok ? store(rows) : before));
      return turn;
    },
    done: async () => {
      await turn;
      return done;
    },
    close: async () => {
      // Whoever appended is told of errors.
      await turn.catch(() => undefined);
      database.close();
    },
  };
}
