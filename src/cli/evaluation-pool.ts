import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result } from '../diagnostic.ts';
import { packageFile } from '../files.ts';
import { type Library, openLibrary, openStopwatch, type Stopwatch } from '../validate/library.ts';
import { memoized } from '../validate/memoized.ts';
import type { Evaluation, Outcome, Run } from '../validate/suite.ts';

/** What a worker is sent, and what it answers; it has one task at a time. */
export type Task =
  | { readonly run: Run; readonly evaluation: Evaluation }
  | { readonly run: Run; readonly parameters: Readonly<Record<string, string>> };
export type Answer = Result<Outcome> | Result<number>;

type Pending = {
  readonly task: Task;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

/** A library whose runs are evaluated by as many workers as there are cores; results do not depend on how many. */
export type Pool = { readonly library: Library; readonly stopwatch: Stopwatch; readonly stop: () => Promise<void> };

/** Workers start with the first runs that they are needed for. */
export function startPool(workers = availableParallelism()): Pool {
  // From the sources, as in tests, there is no file that a worker could load.
  if (import.meta.url.endsWith('.ts'))
    return { library: openLibrary(packageFile), stopwatch: openStopwatch(packageFile), stop: async () => {} };
  const waiting: Pending[] = [];
  const idle: Worker[] = [];
  const all: Worker[] = [];
  const assign = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) {
      idle.push(worker);
      return;
    }
    worker.removeAllListeners();
    worker.once('message', (answer: Answer) => {
      next.resolve(answer);
      assign(worker);
    });
    worker.once('error', next.reject);
    worker.postMessage(next.task);
  };
  const enqueue = (task: Task): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ task, resolve, reject });
      const free = idle.pop();
      if (free !== undefined) assign(free);
      else if (all.length < workers) {
        const worker = new Worker(new URL('./evaluation-worker.js', import.meta.url));
        all.push(worker);
        assign(worker);
      }
    });
  const evaluate = memoized((key) => enqueue(JSON.parse(key) as Task) as Promise<Result<Outcome>>);
  return {
    library: { evaluate: (run, evaluation) => evaluate(JSON.stringify({ run, evaluation })) },
    stopwatch: { seconds: (run, parameters) => enqueue({ run, parameters }) as Promise<Result<number>> },
    stop: async () => {
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}
