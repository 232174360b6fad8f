import { failure, type Result } from '../diagnostic.ts';
import { engineError, fileDiagnostic } from '../sweep/duckdb.ts';
import { openStoreForReading, type StoreReader } from '../sweep/read-store.ts';
import { type Statement, statementMistake } from '../sweep/statement.ts';
import type { TableFile } from '../sweep/table-file.ts';
import { watchInterrupt } from './interrupt.ts';
import { exitCodes, refuse, type Terminal } from './terminal.ts';

/**
 * Opens a store, does with it what a command is for, and closes it; Ctrl-C ends that. What is wrong is printed; gives the
 * exit code.
 */
export async function withStore(
  path: string,
  out: TableFile | undefined,
  terminal: Terminal,
  use: (store: StoreReader) => Promise<Result<unknown>>,
): Promise<number> {
  const opened = await openStoreForReading(path, out);
  if (!opened.ok) return refuse(terminal, opened.diagnostics);
  const store = opened.value;
  const { signal, forget } = watchInterrupt();
  signal.addEventListener('abort', store.interrupt);
  try {
    const used = await use(store);
    // What was interrupted says so; nobody need be told.
    if (signal.aborted) return exitCodes.interrupted;
    return used.ok ? exitCodes.done : refuse(terminal, used.diagnostics);
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    const file = fileDiagnostic(path, error);
    if (file === undefined) throw error;
    return refuse(terminal, [file]);
  } finally {
    forget();
    store.close();
  }
}

/** What goes wrong while a statement of a user's runs, told at its place. */
export async function asking<T>(path: string, statement: Statement, run: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await run();
  } catch (error) {
    const isAboutMemory = engineError(error)?.type === 'Out of Memory';
    const file = isAboutMemory ? undefined : fileDiagnostic(path, error);
    return file === undefined ? statementMistake(error, statement) : failure([file]);
  }
}
