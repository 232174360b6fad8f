import { randomUUID } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Diagnostic, type DiagnosticCode, diagnostic } from '../diagnostic.ts';

/** The module, which takes a while to load: only whoever opens a store waits for it. */
export type DuckDB = typeof import('@duckdb/node-api');

/** A database file that is open, in this process alone. */
export type Database = {
  readonly duckdb: DuckDB;
  readonly connection: DuckDBConnection;
  readonly close: () => void;
};

/** Nothing is ever fetched from a network. Errors come as JSON, with their place in the statement. */
const common = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  errors_as_json: 'true',
};

/** Until it is known how many columns there are: see `limitMemory`. */
const atFirst = { ...common, memory_limit: '2 GB' };

/**
 * Appending needs one thread; the others are for whoever evaluates. Fewer checkpoints are faster, and a log of 64 MB is
 * read in no time.
 */
const forWriting = { ...atFirst, threads: '1', checkpoint_threshold: '64MB' };

/** What does not fit in memory goes to the system's folder for such files: that of the store may be read-only. */
const forReading = (threads: number): Record<string, string> => ({
  ...atFirst,
  access_mode: 'READ_ONLY',
  threads: String(threads),
  temp_directory: join(tmpdir(), `attnsim-${randomUUID()}`),
  max_temp_directory_size: '16 GB',
});

const settings = {
  read: () => forReading(Math.min(4, availableParallelism())),
  // A file is written as quickly by one thread as by several, in half the memory.
  export: () => forReading(1),
  write: () => forWriting,
};

/** Opens a database file, but to `write` it only to be read. Throws the engine's error: see `engineError`. */
export async function openDatabase(path: string, mode: keyof typeof settings): Promise<Database> {
  const duckdb = await import('@duckdb/node-api');
  const instance = await duckdb.DuckDBInstance.create(path, settings[mode]());
  try {
    const connection = await instance.connect();
    return {
      duckdb,
      connection,
      close: () => {
        connection.closeSync();
        instance.closeSync();
      },
    };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** The engine keeps what it has read or written up to its limit, and needs a block of 256 KiB a column and more. */
export async function limitMemory({ connection }: Database, columns: number, least_mb: number): Promise<void> {
  await connection.run(`SET memory_limit = '${least_mb + columns} MB'`);
}

/** A name in a statement: names of columns may have dots. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in a statement. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What the engine says of an error, and where in the statement if it knows: an offset in bytes of UTF-8. */
export type EngineError = {
  /** Such as `Binder`; undefined of errors of opening. */
  readonly type: string | undefined;
  readonly message: string;
  readonly position: number | undefined;
};

/** Undefined if an error is none of the engine's. */
export function engineError(error: unknown): EngineError | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const json = /\{"exception_type".*\}/s.exec(text)?.[0];
  const [, opening] = /^\w+(?: \w+)? Error: (.*)/s.exec(text) ?? [];
  if (json === undefined)
    return opening === undefined ? undefined : { type: undefined, message: opening, position: undefined };
  const { exception_type, exception_message, position } = JSON.parse(json) as Readonly<Record<string, string>>;
  return {
    type: exception_type,
    message: exception_message ?? text,
    position: position === undefined ? undefined : Number(position),
  };
}

type Reason = {
  readonly says: RegExp;
  readonly code: DiagnosticCode;
  readonly message: (path: string, match: RegExpExecArray) => string;
  readonly help?: string;
};

const cannotWrite = (path: string, why: string): string => `cannot write "${path}": ${why}`;

/** Errors of the engine that are about the file, not about a statement. */
const reasons: readonly Reason[] = [
  {
    says: /set lock on file.*?(?:\(PID (\d+)\)|$)/s,
    code: 'store-in-use',
    message: (path, [, pid]) => `"${path}" is in use${pid === undefined ? '' : ` by process ${pid}`}`,
    help: 'wait until that is done, or end it: what it has stored stays',
  },
  {
    says: /not a valid DuckDB database file/,
    code: 'not-a-store',
    message: (path) => `"${path}" is not a store of a sweep`,
  },
  {
    says: /database file with version number (\d+)/,
    code: 'store-version',
    message: (path, [, version]) => `"${path}" is a DuckDB file of version ${version}, which this one cannot read`,
    help: 'read it with the version of attnsim that wrote it, or begin a new sweep with another file',
  },
  {
    says: /corrupt|checksum|not read enough bytes|replaying WAL|deserializ/i,
    code: 'damaged-store',
    message: (path) => `"${path}" is damaged: what was written is not what is read`,
    help: 'nothing in it was changed; take it from a copy, or begin the sweep anew with another file',
  },
  {
    says: /no space left|file too large|quota|out of disk|disk is full/i,
    code: 'unwritable-file',
    message: (path) => cannotWrite(path, 'no space is left'),
    help: 'nothing that was there before is lost: make room, and go on',
  },
  {
    says: /could not allocate|failed to (?:allocate|pin)/,
    code: 'unwritable-file',
    message: (path) => cannotWrite(path, 'it takes more memory than the engine is given'),
    help: 'a table of fewer columns takes less',
  },
  {
    says: /permission denied|read-only file system/i,
    code: 'unwritable-file',
    message: (path) => cannotWrite(path, 'permission denied'),
  },
];

/** Errors of these types quote what a user wrote. */
const aboutStatements: ReadonlySet<string> = new Set([
  'Binder',
  'Catalog',
  'Conversion',
  'Invalid Input',
  'Out of Range',
  'Parser',
  'Permission',
]);

/** Tells an error of the engine about a file that it reads or one that it writes; undefined if it is none that we know. */
export function fileDiagnostic(read: string, error: unknown, written: string = read): Diagnostic | undefined {
  const said = engineError(error);
  if (said === undefined || aboutStatements.has(said.type ?? '')) return undefined;
  for (const reason of reasons) {
    const match = reason.says.exec(said.message);
    if (match === null) continue;
    const path = reason.code === 'unwritable-file' ? written : read;
    return diagnostic(reason.code, reason.message(path, match), undefined, { help: reason.help });
  }
  return undefined;
}
