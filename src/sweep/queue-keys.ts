import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SweepTexts } from './sweep-texts.ts';
import type { Range } from './table.ts';

/**
 * What is where in Redis. Jobs of BullMQ are in one queue for each version of the code, so that no worker gets a job that it
 * would do otherwise; a job is a range of a sweep. Texts and rows are values beside it.
 */
export const queueName = (code: string): string => `attnsim-${code.slice(0, 16)}`;

export type Job = { readonly sweep: string; readonly range: Range };

/** The same for the same range, so that what is given out twice is there once. */
export const jobId = ({ sweep, range }: Job): string => `${sweep}-${range.first}-${range.count}`;

const textsKey = (sweep: string): string => `attnsim:texts:${sweep}`;
export const rowsKey = (job: Job): string => `attnsim:rows:${jobId(job)}`;

/** Seconds after which Redis forgets texts and rows that nobody has asked for. */
const kept_s = 7 * 24 * 3600;

/** What is there now: each says so at least once in `seen_s` seconds. */
const seen_s = 15;

/** Workers of a version of the code, as "THREADS ID". */
export const workersKey = (code: string): string => `attnsim:workers:${code.slice(0, 16)}`;
/** Versions of the code of sweeps that are run. */
export const sweepsKey = 'attnsim:sweeps';

export const workerMember = (threads: number): string => `${threads} ${randomUUID()}`;
export const threadsOf = (member: string): number => Number(member.split(' ')[0]);

/** Seconds by the clock of Redis, which all hosts share. */
export const now_s = async (redis: Redis): Promise<number> => Number((await redis.time())[0]);

export async function sayPresent(redis: Redis, key: string, member: string): Promise<void> {
  await redis.zadd(key, await now_s(redis), member);
}

export async function present(redis: Redis, key: string): Promise<readonly string[]> {
  await redis.zremrangebyscore(key, '-inf', (await now_s(redis)) - seen_s);
  return await redis.zrange(key, 0, -1);
}

/** Sees to it that they are there. */
export async function keepTexts(redis: Redis, sweep: string, texts: SweepTexts): Promise<void> {
  const there = await redis.expire(textsKey(sweep), kept_s);
  if (there === 0) await redis.set(textsKey(sweep), JSON.stringify(texts), 'EX', kept_s);
}

/** Undefined once Redis has forgotten them. */
export async function getTexts(redis: Redis, sweep: string): Promise<SweepTexts | undefined> {
  const found = await redis.get(textsKey(sweep));
  return found === null ? undefined : (JSON.parse(found) as SweepTexts);
}

export async function putRows(redis: Redis, job: Job, packed: Buffer): Promise<void> {
  await redis.set(rowsKey(job), packed, 'EX', kept_s);
}
