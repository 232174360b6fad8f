import type { Result } from '../diagnostic.ts';
import { columnList } from './best-points.ts';
import type { Identity } from './identity.ts';
import { openStoreForReading } from './read-store.ts';
import type { TableFile } from './table-file.ts';

/** All rows by point. */
export const wholeTable = (identity: Identity): string => `SELECT ${columnList(identity)} FROM points ORDER BY point`;

/**
 * Writes the table of a store into a file, whose name says its format: the same bytes for the same rows, in whatever
 * order they came. Errors: those of `openStoreForReading`, `unwritable-file`.
 */
export async function exportTable(path: string, out: TableFile): Promise<Result<void>> {
  const opened = await openStoreForReading(path, out);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    return await store.write(wholeTable(store.identity));
  } finally {
    store.close();
  }
}
