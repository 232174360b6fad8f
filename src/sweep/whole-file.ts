import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diagnostic, failure, type Result } from '../diagnostic.ts';
import { makeFolder, systemReason } from '../files.ts';

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** What the engine of a database has logged and not yet written into its file. */
const logOf = (path: string): string => `${path}.wal`;

const somethingAt = (path: string): Result<never> =>
  failure([
    diagnostic('store-exists', `there is a file "${path}" already, and nothing is overwritten`, undefined, {
      help: 'resume the sweep that it belongs to, name another file, or remove it',
    }),
  ]);

const unwritable = (path: string, error: unknown): Result<never> =>
  failure([diagnostic('unwritable-file', `cannot write "${path}": ${systemReason(error)}`, undefined)]);

/** Another name beside a file, which nothing has. */
export const unfinishedName = (path: string): string => `${path}.${randomUUID()}`;

/**
 * Writes a file as a whole or not at all: under another name beside it, which it gets when all is written. Makes the
 * folders above it. Errors: those of `write`, `unwritable-file`, and `store-exists` where it must be `new` and is not.
 */
export async function writeWhole<T>(
  path: string,
  mode: 'new' | 'replace',
  write: (unfinished: string) => Promise<Result<T>>,
  unfinished: string = unfinishedName(path),
): Promise<Result<T>> {
  if (mode === 'new') for (const file of [path, logOf(path)]) if (await exists(file)) return somethingAt(file);
  try {
    await makeFolder(dirname(path));
    // The engine's own reasons are less clear.
    await (await open(unfinished, 'wx')).close();
    await rm(unfinished);
  } catch (error) {
    return unwritable(path, error);
  }
  try {
    const written = await write(unfinished);
    if (!written.ok) return written;
    const moved = await move(unfinished, path, mode);
    return moved ?? written;
  } finally {
    for (const file of [unfinished, logOf(unfinished)]) await rm(file, { force: true });
  }
}

async function move(unfinished: string, path: string, mode: 'new' | 'replace'): Promise<Result<never> | undefined> {
  try {
    // Fails if another process was quicker.
    if (mode === 'new') await (await open(path, 'wx')).close();
  } catch {
    return somethingAt(path);
  }
  try {
    await rename(unfinished, path);
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
}
