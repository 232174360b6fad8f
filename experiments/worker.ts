import { parentPort } from 'node:worker_threads';
import { execute } from './job.ts';
import type { Answer, Task } from './pool.ts';

// Loaded by pool.ts, one in each thread.
parentPort!.on('message', async ({ index, job }: Task) => {
  const answer: Answer = { index, outcome: await execute(job) };
  parentPort!.postMessage(answer);
});
