import { availableParallelism } from 'node:os';
import { type Result, success } from '../../diagnostic.ts';
import { codeHash } from '../../sweep/identify.ts';
import { startPool } from '../../sweep/pool.ts';
import { workOnQueue } from '../../sweep/queue-worker.ts';
import { connectRedis } from '../../sweep/redis.ts';
import { readCount } from '../choices.ts';
import { watchInterrupt } from '../interrupt.ts';
import { exitCodes, refuse, sayUnless, type Terminal } from '../terminal.ts';

export type WorkerOptions = {
  readonly queue: string;
  readonly jobs?: string;
  readonly idle?: string;
  readonly lock: string;
  readonly patience: string;
};

/** `attnsim worker --queue URL`: evaluates what sweeps have put into a queue, until it is told to end. */
export async function worker(options: WorkerOptions, terminal: Terminal): Promise<number> {
  const jobs = options.jobs === undefined ? success(availableParallelism()) : readCount('--jobs', options.jobs);
  const idle: Result<number | undefined> =
    options.idle === undefined ? success(undefined) : readCount('--idle', options.idle);
  const lock = readCount('--lock', options.lock);
  const patience = readCount('--patience', options.patience);
  if (!jobs.ok || !idle.ok || !lock.ok || !patience.ok) {
    const wrong = [jobs, idle, lock, patience].flatMap((r) => (r.ok ? [] : r.diagnostics));
    return refuse(terminal, wrong, exitCodes.usageWrong);
  }
  const connection = await connectRedis(options.queue, patience.value);
  if (!connection.ok) return refuse(terminal, connection.diagnostics);
  const { url, close } = connection.value;
  const interrupt = watchInterrupt();
  const say = sayUnless(false, terminal);
  const threads = jobs.value;
  say(`takes batches from ${url}, ${threads} at a time; Ctrl-C ends it after those that it has\n`);
  let batches = 0;
  let points = 0;
  try {
    const ended = await workOnQueue(connection.value, {
      code: await codeHash(),
      threads,
      startPool: (texts) => startPool(texts, threads),
      lock_s: lock.value,
      ...(idle.value === undefined ? {} : { idle_s: idle.value }),
      signal: interrupt.signal,
      onDone: ({ count }) => {
        batches++;
        points += count;
        terminal.progress?.(`${points} points in ${batches} batches`);
      },
      onMishap: (message) => terminal.error(`${message}\n`),
    });
    terminal.progress?.('');
    say(`evaluated ${points} points in ${batches} batches\n`);
    return ended.ok ? exitCodes.done : refuse(terminal, ended.diagnostics);
  } finally {
    interrupt.forget();
    close();
  }
}
