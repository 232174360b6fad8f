import type { Diagnostic } from '../../src/diagnostic.ts';
import { openQueue } from '../../src/sweep/queue.ts';
import { workOnQueue } from '../../src/sweep/queue-worker.ts';
import { type Connection, connectRedis } from '../../src/sweep/redis.ts';
import { must } from '../mapper/inputs.ts';
import { dyingWorker } from '../sweep/dying-worker.ts';
import { inThisThread, madeTexts, openMade } from '../sweep/made.ts';
import { startRedis } from '../sweep/redis-server.ts';

/** A queue that is connected to; or what happens on one that a Redis of the case has. */
type QueueCase = { readonly connect: string } | { readonly worker: 'of other code' | 'dies' };

const made = { points: 4 };
const sweep = { key: 'made', code: 'a'.repeat(64), texts: madeTexts(made) };

async function happen(what: 'of other code' | 'dies', connection: Connection): Promise<readonly Diagnostic[]> {
  const { columns } = await openMade(made);
  const queue = must(await openQueue(connection, { ...sweep, columns }, [{ first: 0, count: 4 }]));
  const dying = what === 'dies' ? dyingWorker(connection, sweep.code) : undefined;
  const signal = new AbortController().signal;
  const other = { code: 'b'.repeat(64), threads: 1, lock_s: 1, signal };
  const result =
    what === 'dies'
      ? await queue.evaluate({ first: 0, count: 4 })
      : await workOnQueue(connection, { ...other, startPool: async () => inThisThread(await openMade(made)) });
  await queue.stop();
  await dying?.close(true);
  return result.ok ? [] : result.diagnostics;
}

/** The Redis of a case is shown as `redis://localhost`, since it listens at any port. */
export async function findInQueue({ text }: { readonly text: string }): Promise<readonly Diagnostic[]> {
  const given = JSON.parse(text) as QueueCase;
  if ('connect' in given) {
    const connected = await connectRedis(given.connect, 1);
    return connected.ok ? [] : connected.diagnostics;
  }
  const server = await startRedis();
  const connection = must(await connectRedis(server.url, 1));
  const found = await happen(given.worker, connection);
  connection.close();
  await server.stop();
  return found.map((d) => ({ ...d, message: d.message.replaceAll(server.url, 'redis://localhost') }));
}
