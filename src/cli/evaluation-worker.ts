import { parentPort } from 'node:worker_threads';
import { packageFile } from '../files.ts';
import { openLibrary } from '../validate/library.ts';
import type { Answer, Task } from './evaluation-pool.ts';

// Loaded by evaluation-pool.ts, one in each thread.
const library = openLibrary(packageFile);
parentPort!.on('message', async ({ run, evaluation }: Task) => {
  const answer: Answer = await library.evaluate(run, evaluation);
  parentPort!.postMessage(answer);
});
