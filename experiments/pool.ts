import { Worker } from 'node:worker_threads';
import { execute, type Job, keyOf, type Outcome } from './job.ts';

export type Outcomes = ReadonlyMap<string, Outcome>;

/** What a worker is sent, and what it answers. */
export type Task = { readonly index: number; readonly job: Job };
export type Answer = { readonly index: number; readonly outcome: Outcome };

/** Simulations first: the longest should not be the last to begin. */
const isSimulated = ({ model }: Job): number => (model === 'cycle' ? 1 : 0);

/** Every job once, by its key. Outcomes do not depend on the number of workers; with none, this thread does it all. */
export async function executeAll(jobs: readonly Job[], workers: number): Promise<Outcomes> {
  const unique = [...new Map(jobs.map((job) => [keyOf(job), job])).values()];
  const outcomes = new Array<Outcome>(unique.length);
  if (workers === 0) for (const [i, job] of unique.entries()) outcomes[i] = await execute(job);
  else {
    const tasks = unique
      .map((job, index): Task => ({ index, job }))
      .sort((a, b) => isSimulated(b.job) - isSimulated(a.job));
    await Promise.all(Array.from({ length: workers }, () => work(tasks, outcomes)));
  }
  return new Map(unique.map((job, i) => [keyOf(job), outcomes[i]!]));
}

/** One worker takes tasks until none is left. */
function work(tasks: Task[], outcomes: Outcome[]): Promise<void> {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  return new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const task = tasks.shift();
      if (task === undefined) resolve();
      else worker.postMessage(task);
    };
    worker.on('message', ({ index, outcome }: Answer) => {
      outcomes[index] = outcome;
      next();
    });
    worker.on('error', reject);
    next();
  }).finally(() => worker.terminate());
}
