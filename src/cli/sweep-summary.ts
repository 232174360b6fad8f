import { significant } from '../report/quantity-text.ts';
import { renderPairs } from '../report/table.ts';
import { allRows } from '../sweep/answer.ts';
import { quoteName } from '../sweep/duckdb.ts';
import type { Objective } from '../sweep/identity.ts';
import { openStoreForReading, type StoreReader } from '../sweep/read-store.ts';
import { pointsIn } from '../sweep/shard.ts';
import { type Status, statuses } from '../sweep/table.ts';
import { exitCodes, refuse, type Terminal } from './terminal.ts';

/** What became of a sweep: printed, and with `--json` as it is. */
export type SweepSummary = {
  readonly name: string;
  readonly table: string;
  /** Points of the space, and those that are evaluated. */
  readonly points: number;
  readonly done: number;
  /** Rows by status; points that are not in the space have none. */
  readonly rows: Readonly<Record<Status, number>>;
  /** The most frequent ones. */
  readonly diagnostics: readonly { readonly diagnostic: string; readonly rows: number }[];
  /** By the first objective; null if there is none. */
  readonly best: { readonly objective: Objective; readonly row: Readonly<Record<string, unknown>> } | null;
};

const mostDiagnostics = 5;

async function summarize(path: string, reader: StoreReader): Promise<SweepSummary> {
  const { identity, done } = reader;
  const ask = async (statement: string) => allRows(await reader.ask(statement));
  const counted = new Map((await ask('SELECT status, count(*) FROM points GROUP BY status')) as [string, number][]);
  const told = await ask(
    `SELECT diagnostic, count(*) AS n FROM points WHERE status = 'failed' GROUP BY diagnostic
     ORDER BY n DESC, diagnostic LIMIT ${mostDiagnostics}`,
  );
  return {
    name: identity.name,
    table: path,
    points: identity.points,
    done: pointsIn(done),
    rows: Object.fromEntries(statuses.map((status) => [status, counted.get(status) ?? 0])) as Record<Status, number>,
    diagnostics: told.map(([diagnostic, rows]) => ({ diagnostic: String(diagnostic), rows: Number(rows) })),
    best: await bestOf(reader),
  };
}

async function bestOf(reader: StoreReader): Promise<SweepSummary['best']> {
  const [objective] = reader.identity.objectives;
  if (objective === undefined) return null;
  const metric = quoteName(objective.metric);
  const { columns, rows } = await reader.ask(
    `SELECT * FROM points WHERE status = 'ok' AND ${metric} IS NOT NULL
     ORDER BY ${metric} ${objective.goal === 'minimize' ? 'ASC' : 'DESC'}, point LIMIT 1`,
  );
  const [row] = await allRows({ columns, rows });
  if (row === undefined) return null;
  return { objective, row: Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])) };
}

const whole = (count: number): string => count.toLocaleString('en-US');

function summaryText({ name, table, points, done, rows, diagnostics, best }: SweepSummary, width?: number): string {
  const inSpace = statuses.reduce((sum, status) => sum + rows[status], 0);
  const outside = done - inSpace;
  const pairs: (readonly [string, string])[] = [
    ...statuses.map((status) => [status, whole(rows[status])] as const),
    ...diagnostics.map((d) => ['', `${whole(d.rows)} x ${d.diagnostic}`] as const),
    ...(outside > 0 ? [['not in the space', whole(outside)] as const] : []),
    ...(done < points ? [['not evaluated', whole(points - done)] as const] : []),
  ];
  const lines = [`${name}: ${whole(done)} of ${whole(points)} points\n`, renderPairs(pairs, { indent: '  ', width })];
  if (best !== null) {
    const { metric, goal } = best.objective;
    const cells = Object.entries(best.row).map(([column, value]) => [column, cellText(value)] as const);
    lines.push(`${goal === 'minimize' ? 'least' : 'greatest'} ${metric}\n`);
    lines.push(
      renderPairs(
        cells.filter(([, text]) => text !== ''),
        { indent: '  ', width },
      ),
    );
  }
  lines.push(`"${table}" has the table: attnsim query, best and pareto ask it\n`);
  return lines.join('');
}

const cellText = (value: unknown): string =>
  value === null ? '' : typeof value === 'number' ? significant(value, 6) : String(value);

/** Says what a table has. */
export async function printSweepSummary(
  path: string,
  { json }: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const reader = await openStoreForReading(path);
  if (!reader.ok) return refuse(terminal, reader.diagnostics);
  try {
    const summary = await summarize(path, reader.value);
    terminal.out(json === true ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary, terminal.width));
    return exitCodes.done;
  } finally {
    reader.value.close();
  }
}
