import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Database, limitMemory, openDatabase, quoteName, quoteText } from './duckdb.ts';
import { differences, type Identity } from './identity.ts';
import { joined } from './range-set.ts';
import { openStoreForReading } from './read-store.ts';
import { without } from './shard.ts';
import { createTables, orFileDiagnostic } from './store-tables.ts';
import type { Range } from './table.ts';
import { writeWhole } from './whole-file.ts';

/** A store that is one of several of a sweep, with its ranges that are done. */
type Part = { readonly path: string; readonly identity: Identity; readonly done: readonly Range[] };

export type Merged = { readonly identity: Identity; readonly done: readonly Range[] };

/**
 * Joins stores of one sweep, such as those of its shards, to a new one. Errors: `other-sweep` with what differs,
 * `unlike-rows` with the first point of which two stores say different things, `store-exists`, and those of
 * `openStoreForReading`; then there is no new store.
 */
export async function mergeStores(out: string, paths: readonly string[]): Promise<Result<Merged>> {
  const parts: Part[] = [];
  for (const path of paths) {
    const part = await readPart(path);
    if (!part.ok) return part;
    const unlike = differences((parts[0] ?? part.value).identity, part.value.identity);
    if (unlike.length > 0) {
      const message = `"${path}" is of another sweep than "${paths[0]}": ${unlike.join('; ')}`;
      return failure([diagnostic('other-sweep', message, undefined)]);
    }
    parts.push(part.value);
  }
  const { identity } = parts[0]!;
  return await writeWhole(out, 'new', (unfinished) =>
    orFileDiagnostic(out, async () => {
      const database = await openDatabase(unfinished, 'write');
      try {
        await createTables(database, identity);
        await limitMemory(database, 2 * identity.columns.length, 256);
        let done: readonly Range[] = [];
        for (const [i, part] of parts.entries()) {
          const added = await orFileDiagnostic(part.path, () => addPart(database, part, done, parts.slice(0, i)), out);
          if (!added.ok) return added;
          done = added.value;
        }
        return success({ identity, done });
      } finally {
        database.close();
      }
    }),
  );
}

async function readPart(path: string): Promise<Result<Part>> {
  const opened = await openStoreForReading(path);
  if (!opened.ok) return opened;
  const { identity, done, close } = opened.value;
  close();
  return success({ path, identity, done });
}

/** Adds the rows that are not there yet, and gives all ranges that are done then. */
async function addPart(
  database: Database,
  part: Part,
  done: readonly Range[],
  before: readonly Part[],
): Promise<Result<readonly Range[]>> {
  const clash = await unlikeRow(database, part, done, before);
  if (clash !== undefined) return failure([clash]);
  const gaps = without(part.done, done);
  await copyRows(database, part, gaps);
  return success(joined([...done, ...gaps]));
}

/** Runs statements with a part at hand as `part`. */
async function attached<T>({ connection }: Database, { path }: Part, run: () => Promise<T>): Promise<T> {
  await connection.run(`ATTACH ${quoteText(path)} AS part (READ_ONLY)`);
  try {
    return await run();
  } finally {
    await connection.run('DETACH part');
  }
}

const endOf = ({ first, count }: Range): number => first + count;

/** A statement's conditions are of so many ranges at a time. */
const rangesAtOnce = 64;

async function copyRows(database: Database, part: Part, gaps: readonly Range[]): Promise<void> {
  const { connection } = database;
  await attached(database, part, async () => {
    await connection.run('BEGIN');
    for (let i = 0; i < gaps.length; i += rangesAtOnce) {
      const some = gaps.slice(i, i + rangesAtOnce);
      const isIn = some.map((gap) => `point >= ${gap.first} AND point < ${endOf(gap)}`).join(' OR ');
      await connection.run(`INSERT INTO store.rows SELECT * FROM part.store.rows WHERE ${isIn}`);
      const values = some.map(({ first, count }) => `(${first}, ${count})`).join(', ');
      await connection.run(`INSERT INTO store.done VALUES ${values}`);
    }
    await connection.run('COMMIT');
  });
}

/** Points that are compared at once, so that two tables of them fit in memory. */
const pointsAtOnce = 2 ** 16;

/** The first point that is done in a part and before, and whose rows differ. */
async function unlikeRow(
  database: Database,
  part: Part,
  done: readonly Range[],
  before: readonly Part[],
): Promise<Diagnostic | undefined> {
  const both = without(part.done, without(part.done, done));
  if (both.length === 0) return undefined;
  const columns = part.identity.columns.map((c) => quoteName(c.name));
  const differs = ['point', ...columns].map((name) => `a.${name} IS DISTINCT FROM b.${name}`).join(' OR ');
  return await attached(database, part, async () => {
    for (const range of both)
      for (let { first } = range; first < endOf(range); first += pointsAtOnce) {
        const rows = (of: string): string =>
          `(FROM ${of} WHERE point >= ${first} AND point < ${Math.min(first + pointsAtOnce, endOf(range))})`;
        const found = await database.connection.runAndReadAll(
          `SELECT min(coalesce(a.point, b.point)) FROM ${rows('store.rows')} a FULL JOIN ${rows('part.store.rows')} b
           ON a.point = b.point WHERE ${differs}`,
        );
        const point = found.getRows()[0]![0];
        if (point === null || point === undefined) continue;
        const other = before.find((p) => p.done.some((r) => Number(point) >= r.first && Number(point) < endOf(r)));
        const message = `"${other?.path}" and "${part.path}" have different rows of point ${String(point)}`;
        const help = 'the same code gives the same rows: one of the files was changed, or written by another build';
        return diagnostic('unlike-rows', message, undefined, { help });
      }
    return undefined;
  });
}
