import type { Layout } from '../layout.ts';
import { renderPairs } from '../report/table.ts';
import { allRows } from '../sweep/answer.ts';
import { bestPoints } from '../sweep/best-points.ts';
import type { Objective } from '../sweep/identity.ts';
import type { StoreReader } from '../sweep/read-store.ts';
import { textOf } from '../sweep/statement.ts';
import { outcomeColumns } from '../sweep/table.ts';
import { wrapSentence } from '../wrap-text.ts';
import { figureText, rowData } from './answer-text.ts';
import { conditionOf, objectiveText } from './store-options.ts';
import { type StoreSummary, summarizeStore } from './store-text.ts';

/** What became of a sweep: what its table has, why points failed, and the best one. */
export type SweepSummary = Pick<StoreSummary, 'sweep' | 'points' | 'points_done' | 'missing' | 'rows'> & {
  readonly table: string;
  /** The most frequent ones. */
  readonly diagnostics: readonly { readonly diagnostic: string; readonly rows: number }[];
  /** By the first objective; null if there is none, or no point that is ok. */
  readonly best: (Objective & { readonly point: Readonly<Record<string, unknown>> }) | null;
};

const mostDiagnostics = 5;

/** The same for the same table. */
export async function summarizeSweep(path: string, store: StoreReader): Promise<SweepSummary> {
  const { sweep, points, points_done, missing, rows } = await summarizeStore(store);
  const told = await allRows(
    await store.ask(
      `SELECT diagnostic, count(*) AS n FROM points WHERE status = 'failed' GROUP BY diagnostic
       ORDER BY n DESC, diagnostic LIMIT ${mostDiagnostics}`,
    ),
  );
  const diagnostics = told.map(([diagnostic, n]) => ({ diagnostic: String(diagnostic), rows: Number(n) }));
  return { sweep, table: path, points, points_done, missing, rows, diagnostics, best: await bestOf(store) };
}

async function bestOf(store: StoreReader): Promise<SweepSummary['best']> {
  const [objective] = store.identity.objectives;
  if (objective === undefined) return null;
  const answer = await store.ask(textOf(bestPoints(store.identity, objective, conditionOf(undefined), 1)));
  const [row] = await allRows(answer);
  return row === undefined ? null : { ...objective, point: rowData(answer, row) };
}

const whole = (count: number): string => count.toLocaleString('en-US');

export function sweepText(summary: SweepSummary, layout: Layout): string {
  const { sweep, table, points, points_done, rows, diagnostics, best } = summary;
  const outside = points_done - Object.values(rows).reduce((a, b) => a + b, 0);
  const pairs: (readonly [string, string])[] = [
    ...Object.entries(rows).map(([status, count]) => [status, whole(count)] as const),
    ...diagnostics.map((d) => ['', `${whole(d.rows)} x ${d.diagnostic}`] as const),
    ...(outside > 0 ? [['not in the space', whole(outside)] as const] : []),
    ...(points_done < points ? [['not evaluated', whole(points - points_done)] as const] : []),
  ];
  const parts = [`${sweep}: ${whole(points_done)} of ${whole(points)} points\n`];
  parts.push(renderPairs(pairs, { ...layout, indent: '  ' }));
  if (best !== null) {
    const cells = Object.entries(best.point).filter(([name]) => !outcomeColumns.some((c) => c.name === name));
    const texts = cells.map(([name, value]) => [name, figureText(value as string | number | null)] as const);
    parts.push(
      `${wrapSentence(`The point with ${objectiveText(best)}:`, layout)}${renderPairs(texts, { ...layout, indent: '  ' })}`,
    );
  }
  parts.push(wrapSentence(`"${table}" has the table; "attnsim query", "best" and "pareto" ask it`, layout));
  return parts.join('');
}
