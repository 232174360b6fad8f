import type { Worker } from 'bullmq';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Executor } from './executor.ts';
import {
  getTexts,
  type Job,
  present,
  putRows,
  queueName,
  sayPresent,
  sweepsKey,
  workerMember,
  workersKey,
} from './queue-keys.ts';
import type { Connection } from './redis.ts';
import { packRows } from './rows-bytes.ts';
import type { SweepTexts } from './sweep-texts.ts';
import type { Range } from './table.ts';

export type WorkerOptions = {
  /** SHA-256 of the code that evaluates. */
  readonly code: string;
  readonly threads: number;
  /** Evaluates a sweep of these texts, in so many threads. */
  readonly startPool: (texts: SweepTexts) => Promise<Executor>;
  /** After so long without a word from a worker, others take up what it had. */
  readonly lock_s: number;
  /** It ends when there has been nothing to do for so long. */
  readonly idle_s?: number;
  /** Ends the worker after the batches that it has. */
  readonly signal: AbortSignal;
  readonly onDone?: (range: Range, seconds: number) => void;
  /** Told what went wrong where others go on: that a batch took longer than its lock, that one failed. */
  readonly onMishap?: (message: string) => void;
};

/** A batch of which so many workers have died is not given out again. */
const mostDeaths = 10;

/** Threads of each sweep that batches have come of. */
function openPools({ redis }: Connection, startPool: WorkerOptions['startPool']) {
  const pools = new Map<string, Promise<Executor>>();
  return {
    of: async (sweep: string): Promise<Executor> => {
      const texts = pools.has(sweep) ? undefined : await getTexts(redis, sweep);
      const pool = pools.get(sweep) ?? (texts === undefined ? undefined : startPool(texts));
      if (pool === undefined) throw new Error('the texts of the sweep are no longer in Redis');
      pools.set(sweep, pool);
      return pool;
    },
    stop: async (): Promise<void> => {
      for (const pool of pools.values()) await (await pool).stop();
    },
  };
}

/**
 * Takes ranges from a queue and evaluates them, until it is told to end, or is idle for too long. Failures: `bad-queue` once
 * Redis has been away for too long, `other-code` if the sweeps that are run there are of other code.
 */
export async function workOnQueue(connection: Connection, options: WorkerOptions): Promise<Result<void>> {
  const { redis, unlessGone } = connection;
  const { code, threads } = options;
  const foreign = await unlessGone(otherCode(connection, code));
  if (!foreign.ok) return foreign;
  if (foreign.value !== undefined) return foreign.value;
  const pools = openPools(connection, options.startPool);
  let underWay = 0;
  let idleSince = performance.now();
  const work = async ({ sweep, range }: Job): Promise<number> => {
    underWay++;
    try {
      const evaluated = await (await pools.of(sweep)).evaluate(range);
      if (!evaluated.ok) throw new Error(evaluated.diagnostics[0]!.message);
      const { rows, seconds } = evaluated.value;
      await putRows(redis, { sweep, range }, await packRows(rows));
      options.onDone?.(range, seconds);
      return seconds;
    } finally {
      underWay--;
      idleSince = performance.now();
    }
  };
  const worker = await startWorker(connection, work, options);
  const member = workerMember(threads);
  const here = (): Promise<void> => sayPresent(redis, workersKey(code), member);
  const result = await new Promise<Result<void>>((resolve, reject) => {
    options.signal.addEventListener('abort', () => resolve(success(undefined)));
    if (options.signal.aborted) resolve(success(undefined));
    connection.whenGone(resolve);
    here().catch(reject);
    connection.beat(async () => {
      await here();
      if (underWay > 0) return;
      const foreign = await otherCode(connection, code);
      if (foreign !== undefined) resolve(foreign);
      const idle_s = (performance.now() - idleSince) / 1000;
      if (idle_s > (options.idle_s ?? Number.POSITIVE_INFINITY)) resolve(success(undefined));
    });
  });
  // Of a connection that is away, closing it never ends, unless by force.
  if (result.ok) await unlessGone(worker.close().then(() => redis.zrem(workersKey(code), member)));
  else await worker.close(true);
  await pools.stop();
  return result;
}

async function startWorker(
  { redis }: Connection,
  work: (job: Job) => Promise<number>,
  { code, threads, lock_s, onMishap }: WorkerOptions,
): Promise<Worker<Job, number>> {
  const { Worker } = await import('bullmq');
  const worker: Worker<Job, number> = new Worker(queueName(code), ({ data }) => work(data), {
    connection: redis,
    concurrency: threads,
    lockDuration: 1000 * lock_s,
    stalledInterval: 500 * lock_s,
    maxStalledCount: mostDeaths,
  });
  worker.on('failed', (_, error) => onMishap?.(error.message));
  worker.on('error', (error) => {
    // While Redis is away, redis.ts waits for it.
    if (redis.status === 'ready') onMishap?.(error.message);
  });
  return worker;
}

/** A failure if sweeps are run on this queue and all are of other code. */
async function otherCode({ redis, url }: Connection, code: string): Promise<Result<never> | undefined> {
  const codes = await present(redis, sweepsKey);
  const [other] = codes;
  if (other === undefined || codes.includes(code)) return undefined;
  const message = `the sweep on ${url} is of other code (${other.slice(0, 12)}) than this worker (${code.slice(0, 12)})`;
  return failure([diagnostic('other-code', message, undefined, { help: 'all hosts need the same build of attnsim' })]);
}
