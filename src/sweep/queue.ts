import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { InternalError } from '../invariant.ts';
import type { Evaluated, Executor } from './executor.ts';
import { openJobs, type QueuedSweep, type SweepJobs } from './queue-jobs.ts';
import { present, rowsKey, sayPresent, sweepsKey, threadsOf, workersKey } from './queue-keys.ts';
import type { Connection } from './redis.ts';
import { unpackRows } from './rows-bytes.ts';
import type { Column, Range } from './table.ts';

/** Workers that take ranges from a queue. */
export type QueueExecutor = Executor & {
  /** Threads of the workers that are there now. */
  readonly threads: () => number;
};

/** What was given out is looked after every so many seconds. */
const remind_s = 5;

/**
 * Workers that take ranges from a queue, on any number of hosts. A range that is asked for again, be it by another process,
 * is evaluated once: its rows wait in Redis until they are in a store. What Redis loses is given out again. `left` are the
 * points that are not in the store. Failures: `bad-queue` once Redis has been away for too long, `lost-workers`.
 */
export async function openQueue(
  connection: Connection,
  sweep: QueuedSweep & { readonly columns: readonly Column[] },
  left: readonly Range[],
): Promise<Result<QueueExecutor>> {
  const { redis, unlessGone } = connection;
  const opened = await unlessGone(openJobs(connection, sweep));
  if (!opened.ok) return opened;
  const jobs = opened.value;
  let threads = 0;
  const pulse = async (beat: number): Promise<void> => {
    await sayPresent(redis, sweepsKey, sweep.code);
    threads = (await present(redis, workersKey(sweep.code))).reduce((sum, member) => sum + threadsOf(member), 0);
    if (beat % remind_s === 0) await jobs.remind();
  };
  const stop = async (): Promise<void> => {
    await unlessGone(redis.zrem(sweepsKey, sweep.code));
    // Of a connection that is away, closing it never ends.
    await unlessGone(jobs.close());
  };
  const begun = await unlessGone(pulse(0).then(() => jobs.givenOut(left)));
  if (!begun.ok) {
    await stop();
    return begun;
  }
  connection.beat(pulse);
  return success({
    threads: () => threads,
    parallelism: () => Math.max(1, threads),
    underWay: begun.value,
    evaluate: (range) => evaluate(connection, jobs, sweep.key, sweep.columns, range),
    stop,
  });
}

async function evaluate(
  { redis, unlessGone }: Connection,
  jobs: SweepJobs,
  sweep: string,
  columns: readonly Column[],
  range: Range,
): Promise<Result<Evaluated>> {
  for (;;) {
    const finished = await unlessGone(jobs.finish(range));
    if (!finished.ok) return finished;
    if (finished.value !== 'completed') return failed(range, finished.value.failed);
    const found = await unlessGone(Promise.all([redis.getBuffer(rowsKey({ sweep, range })), jobs.seconds(range)]));
    if (!found.ok) return found;
    const [packed, seconds] = found.value;
    if (packed !== null && seconds !== undefined) {
      const rows = await unpackRows(packed, range, columns);
      return success({ rows, seconds, stored: () => unlessGone(jobs.remove(range)) });
    }
    // Another process has taken the rows, or Redis has lost them.
    const removed = await unlessGone(jobs.remove(range));
    if (!removed.ok) return removed;
  }
}

/** What a batch that failed means; a bug of ours throws. */
function failed(range: Range, reason: string): Result<never> {
  if (!reason.includes('stalled')) throw new InternalError(`a worker: ${reason}`);
  const last = range.first + range.count - 1;
  const message = `every worker that took points ${range.first} to ${last} was gone before it was done with them`;
  const help = 'they may need more memory than their hosts have: fewer threads (--jobs) need less';
  return failure([diagnostic('lost-workers', message, undefined, { help })]);
}
