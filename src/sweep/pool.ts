import { success } from '../diagnostic.ts';
import { InternalError } from '../invariant.ts';
import type { Evaluated, Executor } from './executor.ts';
import type { SweepTexts } from './sweep-texts.ts';
import type { Range } from './table.ts';

export type PoolOptions = {
  /** What a thread loads: it exports `evaluate`. Only the build has one, from the sources no thread can be started. */
  readonly worker?: URL;
};

/** Threads that have had nothing to do for so long end. */
const idle_ms = 60_000;

/**
 * Threads of this process, started when they are needed; each opens the sweep once. A thread that ends before its batch
 * does is a bug of ours.
 */
export async function startPool(texts: SweepTexts, threads: number, options: PoolOptions = {}): Promise<Executor> {
  const { Piscina } = await import('piscina');
  const pool = new Piscina<Range, Evaluated>({
    filename: (options.worker ?? new URL('./pool-worker.js', import.meta.url)).href,
    name: 'evaluate',
    workerData: texts,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idle_ms,
  });
  // A thread that ends without a batch, as one that cannot be loaded, is told to those that wait for one.
  const waiting = new Set<(error: unknown) => void>();
  pool.on('error', (error) => {
    for (const reject of waiting) reject(error);
  });
  const run = (range: Range): Promise<Evaluated> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      pool
        .run(range)
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  return {
    parallelism: () => threads,
    underWay: [],
    evaluate: async (range) => {
      try {
        return success(await run(range));
      } catch (error) {
        throw new InternalError(`${place(range)}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    },
    stop: () => pool.destroy(),
  };
}

const place = ({ first, count }: Range): string =>
  count === 1 ? `evaluating point ${first}` : `evaluating points ${first} to ${first + count - 1}`;
