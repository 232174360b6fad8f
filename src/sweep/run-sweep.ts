import { type Result, success } from '../diagnostic.ts';
import { openBatches } from './batches.ts';
import type { Evaluated, Executor } from './executor.ts';
import { without } from './shard.ts';
import type { Range, Rows } from './table.ts';

/** Where rows go. */
export type Sink = { readonly append: (rows: Rows) => Promise<Result<void>> };

export type RunOptions = {
  /** Ends the run: rows that are there are still stored, what is under way is given up. */
  readonly signal?: AbortSignal;
  /** Told of rows that are in the store. */
  readonly onStored?: (rows: Rows) => void;
};

/**
 * Evaluates ranges of points and stores their rows, in whatever order they come. So many batches are under way that each
 * worker has one and the next one; one that waits for the store counts, so that rows never pile up. Throws what the
 * executor throws; a failure is one of the store or of the executor. After each of these, too, the store can be resumed.
 */
export async function runSweep(
  ranges: readonly Range[],
  executor: Executor,
  store: Sink,
  options: RunOptions = {},
): Promise<Result<'done' | 'stopped'>> {
  const batches = openBatches(without(ranges, executor.underWay));
  const begun = [...executor.underWay];
  // The store takes one batch after another.
  let storing: Promise<Result<void>> = Promise.resolve(success(undefined));
  const appendInTurn = (rows: Rows): Promise<Result<void>> => {
    storing = storing.then((before) => (before.ok ? store.append(rows) : before));
    return storing;
  };
  const keep = async ({ rows, seconds, stored }: Evaluated): Promise<Result<void>> => {
    batches.measured(rows.range, seconds);
    const appended = await appendInTurn(rows);
    if (!appended.ok) return appended;
    options.onStored?.(rows);
    return stored === undefined ? appended : await stored();
  };
  const ended = new Promise<Result<'done' | 'stopped'>>((resolve, reject) => {
    let underWay = 0;
    let open = true;
    const end = (result: Result<'done' | 'stopped'>): void => {
      open = false;
      resolve(result);
    };
    const work = async (range: Range): Promise<void> => {
      const evaluated = await executor.evaluate(range);
      // The store may be closed by now.
      if (!open) return;
      const kept = evaluated.ok ? await keep(evaluated.value) : evaluated;
      underWay--;
      if (kept.ok) fill();
      else end(kept);
    };
    const fill = (): void => {
      while (open && underWay < 2 * executor.parallelism()) {
        const range = begun.shift() ?? batches.next(executor.parallelism());
        if (range === undefined) break;
        underWay++;
        work(range).catch((error) => {
          open = false;
          reject(error);
        });
      }
      if (open && underWay === 0) end(success('done'));
    };
    options.signal?.addEventListener('abort', () => end(success('stopped')));
    if (options.signal?.aborted === true) end(success('stopped'));
    fill();
  });
  try {
    return await ended;
  } finally {
    await storing;
  }
}
