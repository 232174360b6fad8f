import type { Redis } from 'ioredis';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';

/** A connection to Redis that is made again when it breaks. */
export type Connection = {
  readonly redis: Redis;
  /** Without the password. */
  readonly url: string;
  /** What a promise gives, or a failure once Redis refuses it, or has been away for too long. */
  readonly unlessGone: <T>(promise: Promise<T>) => Promise<Result<T>>;
  /** Tells that Redis refuses what is asked every second, or has been away for too long. */
  readonly whenGone: (tell: (gone: Result<never>) => void) => void;
  /** Does something every second until the connection is closed; it is given the number of the second. */
  readonly beat: (pulse: (beat: number) => Promise<void>) => void;
  /** To be called when nothing waits for Redis any more. */
  readonly close: () => void;
};

const badQueue = (message: string, help?: string): Diagnostic => diagnostic('bad-queue', message, undefined, { help });

const help = 'a queue is redis://HOST:PORT or redis://:PASSWORD@HOST:PORT/DATABASE; "redis-server" starts one';

/** The URL of a queue, as one may print it. Error: `bad-queue`. */
function readUrl(text: string): Result<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return failure([badQueue(`the queue "${text}" is no URL`, help)]);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return failure([badQueue(`the queue has the protocol "${url.protocol}", not "redis:" or "rediss:"`, help)]);
  if (url.hostname === '') return failure([badQueue(`the queue "${text}" names no host`, help)]);
  if (!/^(\/\d*)?$/.test(url.pathname))
    return failure([badQueue(`"${url.pathname.slice(1)}" is no number of a database`, help)]);
  if (url.password !== '') url.password = '***';
  return success(url.href);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ECONNRESET: 'it hangs up',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}

/** Seconds that the first connection may take. */
const connect_s = 10;

/** Connects to the Redis of a queue, which may later be away for `patience_s` seconds. Error: `bad-queue`. */
export async function connectRedis(text: string, patience_s: number): Promise<Result<Connection>> {
  const read = readUrl(text);
  if (!read.ok) return read;
  const url = read.value;
  const { Redis } = await import('ioredis');
  const redis = new Redis(text, {
    lazyConnect: true,
    connectTimeout: connect_s * 1000,
    // Commands wait until Redis is back; it is `gone` that ends the waiting.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    return failure([badQueue(`cannot reach the queue ${url}: ${reasonOf(lastError ?? error)}`, help)]);
  }
  return success(watch(redis, url, patience_s));
}

const pulse_ms = 1000;

/** Keeps an eye on a connection. */
function watch(redis: Redis, url: string, patience_s: number): Connection {
  let timer: NodeJS.Timeout | undefined;
  let beating: NodeJS.Timeout | undefined;
  let closed = false;
  let gone: Diagnostic | undefined;
  // Not a promise to race with, which would remember every race for as long as the connection lives.
  const waiting = new Set<(failed: Result<never>) => void>();
  const give = (reason: Diagnostic): void => {
    gone ??= reason;
    for (const tell of waiting) tell(failure([gone]));
  };
  const refused = (error: unknown): Diagnostic => badQueue(`the queue ${url} refuses: ${(error as Error).message}`);
  redis.on('close', () => {
    const help = 'start it again, and the workers; the sweep goes on with --resume';
    const reason = badQueue(`the queue ${url} has been away for ${patience_s} s`, help);
    timer ??= setTimeout(() => give(reason), patience_s * 1000);
  });
  redis.on('ready', () => {
    clearTimeout(timer);
    timer = undefined;
  });
  return {
    redis,
    url,
    whenGone: (tell) => {
      waiting.add(tell);
      if (gone !== undefined) tell(failure([gone]));
    },
    unlessGone: <T>(promise: Promise<T>) =>
      new Promise<Result<T>>((resolve, reject) => {
        if (gone !== undefined) resolve(failure([gone]));
        waiting.add(resolve);
        promise
          .then(
            (value) => resolve(success(value)),
            (error) => (isReply(error) ? resolve(failure([refused(error)])) : reject(error)),
          )
          .finally(() => waiting.delete(resolve));
      }),
    beat: (pulse) => {
      let beats = 0;
      const next = async (): Promise<void> => {
        try {
          await pulse(beats++);
          if (!closed) beating = setTimeout(next, pulse_ms);
        } catch (error) {
          if (!closed) give(refused(error));
        }
      };
      beating = setTimeout(next, pulse_ms);
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      clearTimeout(beating);
      redis.removeAllListeners('close');
      redis.disconnect();
    },
  };
}

/** An answer of Redis that is an error, as when its memory is full. */
const isReply = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';
