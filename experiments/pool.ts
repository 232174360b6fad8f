import { Worker } from 'node:worker_threads';
import type { Kind } from './kind.ts';

/** By the keys of their jobs. */
export type Outcomes<O> = ReadonlyMap<string, O>;

/** What a worker is sent, and what it answers. */
export type Task<J = unknown> = { readonly index: number; readonly job: J };
export type Answer<O = unknown> = { readonly index: number; readonly outcome: O };

/** Every job once. Outcomes do not depend on the number of workers; with none, this thread does it all. */
export async function executeAll<J, O>(kind: Kind<J, O>, jobs: readonly J[], workers: number): Promise<Outcomes<O>> {
  const unique = [...new Map(jobs.map((job) => [kind.keyOf(job), job])).values()];
  const outcomes = new Array<O>(unique.length);
  if (workers === 0) for (const [i, job] of unique.entries()) outcomes[i] = await kind.execute(job);
  else {
    const rank = ({ job }: Task<J>): number => (kind.isLong(job) ? 1 : 0);
    const tasks = unique.map((job, index): Task<J> => ({ index, job })).sort((a, b) => rank(b) - rank(a));
    await Promise.all(Array.from({ length: workers }, () => work(kind.name, tasks, outcomes)));
  }
  return new Map(unique.map((job, i) => [kind.keyOf(job), outcomes[i]!]));
}

/** One worker takes tasks until none is left. */
function work<J, O>(kind: string, tasks: Task<J>[], outcomes: O[]): Promise<void> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: kind });
  return new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const task = tasks.shift();
      if (task === undefined) resolve();
      else worker.postMessage(task);
    };
    worker.on('message', ({ index, outcome }: Answer<O>) => {
      outcomes[index] = outcome;
      next();
    });
    worker.on('error', reject);
    next();
  }).finally(() => worker.terminate());
}
