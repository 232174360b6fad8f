import { parentPort } from 'node:worker_threads';
import { packageFile } from '../files.ts';
import { openLibrary, openStopwatch } from '../validate/library.ts';
import type { Answer, Task } from './evaluation-pool.ts';

// Loaded by evaluation-pool.ts, one in each thread.
const library = openLibrary(packageFile);
const stopwatch = openStopwatch(packageFile);
parentPort!.on('message', async (task: Task) => {
  const answer: Answer = await ('evaluation' in task
    ? library.evaluate(task.run, task.evaluation)
    : stopwatch.seconds(task.run, task.parameters));
  parentPort!.postMessage(answer);
});
