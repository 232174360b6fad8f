import { packageFile } from '../files.ts';
import { openLibrary, openStopwatch } from '../validate/library.ts';
import type { Answer, Task } from './evaluation-pool.ts';

// Loaded by evaluation-pool.ts, one in each thread.
const library = openLibrary(packageFile);
const stopwatch = openStopwatch(packageFile);

export const answer = (task: Task): Promise<Answer> =>
  'evaluation' in task ? library.evaluate(task.run, task.evaluation) : stopwatch.seconds(task.run, task.parameters);
