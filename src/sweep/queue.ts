import type { Queue } from 'bullmq';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { InternalError } from '../invariant.ts';
import type { Evaluated, Executor } from './executor.ts';
import {
  type Job,
  jobId,
  keepTexts,
  now_s,
  present,
  queueName,
  rowsKey,
  sayPresent,
  sweepsKey,
  threadsOf,
  workersKey,
} from './queue-keys.ts';
import type { Connection } from './redis.ts';
import { unpackRows } from './rows-bytes.ts';
import type { SweepTexts } from './sweep-texts.ts';
import type { Column, Range } from './table.ts';

/** A sweep that is given out. */
export type QueuedSweep = {
  /** The same for sweeps whose rows are the same: of their texts and their code. */
  readonly key: string;
  /** SHA-256 of the code that evaluates. */
  readonly code: string;
  readonly texts: SweepTexts;
  readonly columns: readonly Column[];
};

/** Workers that take ranges from a queue. */
export type QueueExecutor = Executor & {
  /** Threads of the workers that are there now. */
  readonly threads: () => number;
};

/** What was given out is looked after every so many seconds. */
const remind_s = 5;

type Finished = 'completed' | { readonly failed: string };
type Waiting = {
  readonly range: Range;
  readonly resolve: (finished: Finished) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Workers that take ranges from a queue, on any number of hosts. A range that is asked for again, be it by another process,
 * is evaluated once: its rows wait in Redis until they are in a store. What Redis loses is given out again. Failures:
 * `bad-queue` once Redis has been away for too long, `lost-workers`.
 */
export async function openQueue(connection: Connection, sweep: QueuedSweep): Promise<Result<QueueExecutor>> {
  const { redis, unlessGone } = connection;
  const { Queue, QueueEvents } = await import('bullmq');
  const now = await unlessGone(now_s(redis));
  if (!now.ok) return now;
  const queue: Queue<Job> = new Queue(queueName(sweep.code), { connection: redis });
  const events = new QueueEvents(queueName(sweep.code), { connection: redis, lastEventId: `${now.value}000-0` });
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
  const giveOut = async (range: Range): Promise<void> => {
    const job = { sweep: sweep.key, range };
    const id = jobId(job);
    await keepTexts(redis, sweep.key, sweep.texts);
    await queue.add('evaluate', job, { jobId: id });
    const found = await queue.getJob(id);
    if (found?.finishedOn === undefined) return;
    tell(id, found.failedReason === undefined ? 'completed' : { failed: found.failedReason });
  };
  const finish = (range: Range): Promise<Finished> =>
    new Promise((resolve, reject) => {
      waiting.set(jobId({ sweep: sweep.key, range }), { range, resolve, reject });
      giveOut(range).catch(reject);
    });
  const remove = async (job: Job): Promise<void> => {
    await queue.remove(jobId(job));
    await redis.del(rowsKey(job));
  };

  let threads = 0;
  const pulse = async (beat: number): Promise<void> => {
    await sayPresent(redis, sweepsKey, sweep.code);
    threads = (await present(redis, workersKey(sweep.code))).reduce((sum, member) => sum + threadsOf(member), 0);
    if (beat % remind_s > 0) return;
    for (const { range } of waiting.values()) await giveOut(range);
  };
  /** What an earlier run has given out. */
  const givenOut = async (): Promise<readonly Range[]> => {
    await pulse(0);
    const all = await queue.getJobs(['waiting', 'active', 'completed', 'failed']);
    const jobs = all.filter(({ data }) => data.sweep === sweep.key);
    const failed = jobs.filter(({ failedReason }) => failedReason !== undefined);
    for (const { data } of failed) await remove(data);
    return jobs.filter((job) => !failed.includes(job)).map(({ data }) => data.range);
  };
  const stop = async (): Promise<void> => {
    await unlessGone(redis.zrem(sweepsKey, sweep.code));
    // Of a connection that is away, closing it never ends.
    await unlessGone(Promise.all([events.close(), queue.close()]));
  };
  const underWay = await unlessGone(givenOut());
  if (!underWay.ok) {
    await stop();
    return underWay;
  }
  connection.beat(pulse);

  const evaluate = async (range: Range): Promise<Result<Evaluated>> => {
    const job = { sweep: sweep.key, range };
    for (;;) {
      const finished = await unlessGone(finish(range));
      if (!finished.ok) return finished;
      if (finished.value !== 'completed') return failed(range, finished.value.failed);
      const found = await unlessGone(Promise.all([redis.getBuffer(rowsKey(job)), queue.getJob(jobId(job))]));
      if (!found.ok) return found;
      const [packed, done] = found.value;
      if (packed !== null && done !== undefined) {
        const rows = await unpackRows(packed, range, sweep.columns);
        return success({ rows, seconds: done.returnvalue as number, stored: () => unlessGone(remove(job)) });
      }
      // Another process has taken the rows, or Redis has lost them.
      const removed = await unlessGone(remove(job));
      if (!removed.ok) return removed;
    }
  };
  return success({
    threads: () => threads,
    parallelism: () => Math.max(1, threads),
    underWay: underWay.value,
    evaluate,
    stop,
  });
}

/** What a batch that failed means; a bug of ours throws. */
function failed(range: Range, reason: string): Result<never> {
  if (!reason.includes('stalled')) throw new InternalError(`a worker: ${reason}`);
  const last = range.first + range.count - 1;
  const message = `every worker that took points ${range.first} to ${last} was gone before it was done with them`;
  const help = 'they may need more memory than their hosts have: fewer threads (--jobs) need less';
  return failure([diagnostic('lost-workers', message, undefined, { help })]);
}
