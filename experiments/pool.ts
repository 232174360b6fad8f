import { Piscina } from 'piscina';
import type { Kind } from './kind.ts';

/** By the keys of their jobs. */
export type Outcomes<O> = ReadonlyMap<string, O>;

/** Every job once. Outcomes do not depend on the number of workers; with none, this thread does it all. */
export async function executeAll<J, O>(kind: Kind<J, O>, jobs: readonly J[], workers: number): Promise<Outcomes<O>> {
  const unique = [...new Map(jobs.map((job) => [kind.keyOf(job), job])).values()];
  const outcomes = workers === 0 ? await inTurn(kind, unique) : await inThreads(kind, unique, workers);
  return new Map(unique.map((job, i) => [kind.keyOf(job), outcomes[i]!]));
}

async function inTurn<J, O>(kind: Kind<J, O>, jobs: readonly J[]): Promise<readonly O[]> {
  const outcomes: O[] = [];
  for (const job of jobs) outcomes.push(await kind.execute(job));
  return outcomes;
}

/** Long ones begin first. */
async function inThreads<J, O>(kind: Kind<J, O>, jobs: readonly J[], workers: number): Promise<readonly O[]> {
  const filename = new URL('./worker.js', import.meta.url).href;
  const pool = new Piscina<J, O>({ filename, name: 'execute', workerData: kind.name, maxThreads: workers });
  const outcomes = new Array<O>(jobs.length);
  const rank = (i: number): number => (kind.isLong(jobs[i]!) ? 1 : 0);
  const order = [...jobs.keys()].sort((a, b) => rank(b) - rank(a));
  try {
    await Promise.all(
      order.map(async (i) => {
        outcomes[i] = await pool.run(jobs[i]!);
      }),
    );
  } finally {
    await pool.destroy();
  }
  return outcomes;
}
