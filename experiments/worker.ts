import { workerData } from 'node:worker_threads';
import { runs } from './job.ts';
import type { Kind } from './kind.ts';
import { searches } from './mapper/search-job.ts';
import { runsAndDraws } from './spatten/kind.ts';

// Loaded by pool.ts, one in each thread, with the name of a kind.
const { execute } = [runs, searches, runsAndDraws].find((kind) => kind.name === workerData) as Kind<unknown, unknown>;

export { execute };
