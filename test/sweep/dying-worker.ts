import { Worker } from 'bullmq';
import { queueName } from '../../src/sweep/queue-keys.ts';
import type { Connection } from '../../src/sweep/redis.ts';

/** A worker that never says that it is still there, so that to the others it is dead; and again with what it had. */
export const dyingWorker = ({ redis }: Connection, code: string): Worker =>
  new Worker(queueName(code), () => new Promise(() => {}), {
    connection: redis,
    concurrency: 10,
    lockDuration: 50,
    stalledInterval: 50,
    skipLockRenewal: true,
    maxStalledCount: 2,
  });
