import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export type RedisServer = {
  readonly url: string;
  readonly redis: Redis;
  /** As when the machine is switched off: it keeps nothing. */
  readonly kill: () => Promise<void>;
  /** Again on the same port, empty. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** A Redis of its own, on loopback, without files. Needs the package redis-server of the distribution. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', words, { stdio: 'ignore', cwd: '/' });
    server = started;
    const failed = new Promise<never>((_, reject) => {
      started.on('error', () => reject(new Error('there is no redis-server: apt-get install redis-server')));
      started.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    });
    await Promise.race([failed, redis.ping()]);
    failed.catch(() => {});
  };
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server?.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url,
    redis,
    kill,
    start,
    stop: async () => {
      redis.disconnect();
      await kill();
    },
  };
}
