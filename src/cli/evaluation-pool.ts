import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Result } from '../diagnostic.ts';
import { packageFile } from '../files.ts';
import { type Library, openLibrary, openStopwatch, type Stopwatch } from '../validate/library.ts';
import { memoized } from '../validate/memoized.ts';
import type { Evaluation, Outcome, Run } from '../validate/suite.ts';

/** What a thread is given, and what it answers. */
export type Task =
  | { readonly run: Run; readonly evaluation: Evaluation }
  | { readonly run: Run; readonly parameters: Readonly<Record<string, string>> };
export type Answer = Result<Outcome> | Result<number>;

/** A library whose runs are evaluated by as many threads as there are cores; results do not depend on how many. */
export type Pool = { readonly library: Library; readonly stopwatch: Stopwatch; readonly stop: () => Promise<void> };

/** Threads start with the first runs that they are needed for. */
export function startPool(workers = availableParallelism()): Pool {
  // From the sources, as in tests, there is no file that a worker could load.
  if (import.meta.url.endsWith('.ts'))
    return { library: openLibrary(packageFile), stopwatch: openStopwatch(packageFile), stop: async () => {} };
  const pool = new Piscina<Task, Answer>({
    filename: new URL('./evaluation-worker.js', import.meta.url).href,
    name: 'answer',
    minThreads: 0,
    maxThreads: workers,
    // What a thread knows of runs before serves others.
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const evaluate = memoized((key) => pool.run(JSON.parse(key) as Task) as Promise<Result<Outcome>>);
  return {
    library: { evaluate: (run, evaluation) => evaluate(JSON.stringify({ run, evaluation })) },
    stopwatch: { seconds: (run, parameters) => pool.run({ run, parameters }) as Promise<Result<number>> },
    stop: () => pool.destroy(),
  };
}
