import { allRows } from './answer.ts';
import type { StoreReader } from './read-store.ts';

/** Points that are not ok for one reason. */
export type OutcomeCount = {
  readonly status: string;
  /** The code of the diagnostic; empty where a constraint does not hold. */
  readonly reason: string;
  readonly points: number;
  /** One of the diagnostics, and how many there are. */
  readonly example: string;
  readonly texts: number;
};

/** What became of points that are not ok, from the most frequent reason on. Throws the engine's error. */
export async function countOutcomes(store: StoreReader): Promise<readonly OutcomeCount[]> {
  const rows = await allRows(
    await store.ask(
      `SELECT status, coalesce(split_part(diagnostic, ':', 1), '') AS reason, count(*) AS n,
       coalesce(min(diagnostic), ''), count(DISTINCT diagnostic)
       FROM points WHERE status <> 'ok' GROUP BY status, reason ORDER BY n DESC, status, reason`,
    ),
  );
  return rows.map(([status, reason, points, example, texts]) => ({
    status: String(status),
    reason: String(reason),
    points: Number(points),
    example: String(example),
    texts: Number(texts),
  }));
}
