import type { Queue } from 'bullmq';
import { type Job, jobId, keepTexts, now_s, queueName, rowsKey } from './queue-keys.ts';
import type { Connection } from './redis.ts';
import { without } from './shard.ts';
import type { SweepTexts } from './sweep-texts.ts';
import type { Range } from './table.ts';

/** A sweep that is given out. */
export type QueuedSweep = {
  /** The same for sweeps whose rows are the same: of their texts and their code. */
  readonly key: string;
  /** SHA-256 of the code that evaluates. */
  readonly code: string;
  readonly texts: SweepTexts;
};

type Finished = 'completed' | { readonly failed: string };

/** The jobs of a sweep. All but `close` wait for as long as Redis is away. */
export type SweepJobs = {
  /** Gives a range out, if it is not given out already, and waits until a worker is done with it. */
  readonly finish: (range: Range) => Promise<Finished>;
  /** Gives out again what is waited for and is not there any more. */
  readonly remind: () => Promise<void>;
  /** Ranges that an earlier run has given out; of points that are not in `left`, and what failed, is removed. */
  readonly givenOut: (left: readonly Range[]) => Promise<readonly Range[]>;
  /** Removes a job and its rows. */
  readonly remove: (range: Range) => Promise<void>;
  /** Seconds that a worker took. */
  readonly seconds: (range: Range) => Promise<number | undefined>;
  readonly close: () => Promise<void>;
};

type Waiting = {
  readonly range: Range;
  readonly resolve: (finished: Finished) => void;
  readonly reject: (error: unknown) => void;
};

/** Opens the queue of a sweep's code. */
export async function openJobs({ redis }: Connection, { key, code, texts }: QueuedSweep): Promise<SweepJobs> {
  const { Queue, QueueEvents } = await import('bullmq');
  const lastEventId = `${await now_s(redis)}000-0`;
  const queue: Queue<Job, number> = new Queue(queueName(code), { connection: redis });
  const events = new QueueEvents(queueName(code), { connection: redis, lastEventId });
  // These are of the connection, which redis.ts watches.
  queue.on('error', () => {});
  events.on('error', () => {});

  const waiting = new Map<string, Waiting>();
  const tell = (id: string, finished: Finished): void => {
    waiting.get(id)?.resolve(finished);
    waiting.delete(id);
  };
  events.on('completed', ({ jobId }) => tell(jobId, 'completed'));
  events.on('failed', ({ jobId, failedReason }) => tell(jobId, { failed: failedReason }));

  const idOf = (range: Range): string => jobId({ sweep: key, range });
  const giveOut = async (range: Range): Promise<void> => {
    await keepTexts(redis, key, texts);
    await queue.add('evaluate', { sweep: key, range }, { jobId: idOf(range) });
    const job = await queue.getJob(idOf(range));
    if (job?.finishedOn === undefined) return;
    tell(idOf(range), job.failedReason === undefined ? 'completed' : { failed: job.failedReason });
  };
  const remove = async (range: Range): Promise<void> => {
    await queue.remove(idOf(range));
    await redis.del(rowsKey({ sweep: key, range }));
  };
  return {
    finish: (range) =>
      new Promise((resolve, reject) => {
        waiting.set(idOf(range), { range, resolve, reject });
        giveOut(range).catch(reject);
      }),
    remind: async () => {
      for (const { range } of waiting.values()) await giveOut(range);
    },
    givenOut: async (left) => {
      const all = await queue.getJobs(['waiting', 'active', 'completed', 'failed']);
      const jobs = all.filter(({ data }) => data.sweep === key);
      const wanted = jobs.filter((j) => j.failedReason === undefined && without([j.data.range], left).length === 0);
      for (const job of jobs) if (!wanted.includes(job)) await remove(job.data.range);
      return wanted.map(({ data }) => data.range);
    },
    remove,
    seconds: async (range) => (await queue.getJob(idOf(range)))?.returnvalue,
    close: async () => {
      await Promise.all([events.close(), queue.close()]);
    },
  };
}
