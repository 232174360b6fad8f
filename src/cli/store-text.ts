import type { Layout } from '../layout.ts';
import { renderPairs, renderTable } from '../report/table.ts';
import { allRows } from '../sweep/answer.ts';
import { specHash } from '../sweep/identity.ts';
import type { StoreReader } from '../sweep/read-store.ts';
import { pointsIn, without } from '../sweep/shard.ts';
import { type Range, statuses } from '../sweep/table.ts';

/** What a store holds, and what of. */
export type StoreSummary = {
  readonly sweep: string;
  readonly points: number;
  readonly points_done: number;
  readonly missing: readonly Range[];
  readonly rows: Readonly<Record<string, number>>;
  readonly objectives: StoreReader['identity']['objectives'];
  readonly columns: StoreReader['identity']['columns'];
  readonly spec_hash: string;
  readonly code_hash: string;
  readonly texts: Readonly<Record<string, string>>;
};

export async function summarizeStore(store: StoreReader): Promise<StoreSummary> {
  const { name, points, objectives, columns, code, texts } = store.identity;
  const counted = await allRows(await store.ask('SELECT status, count(*) FROM points GROUP BY status'));
  const count = (status: string): number => Number(counted.find(([s]) => s === status)?.[1] ?? 0);
  return {
    sweep: name,
    points,
    points_done: pointsIn(store.done),
    missing: without([{ first: 0, count: points }], store.done),
    rows: Object.fromEntries(statuses.map((status) => [status, count(status)])),
    objectives,
    columns,
    spec_hash: specHash(store.identity),
    code_hash: code,
    texts,
  };
}

const mostRanges = 5;

/** "points 7, 10 to 19, 30 to 39" */
export function rangesText(ranges: StoreSummary['missing']): string {
  const text = ({ first, count }: Range): string => (count === 1 ? `${first}` : `${first} to ${first + count - 1}`);
  const shown = ranges.slice(0, mostRanges).map(text);
  const more = ranges.length > mostRanges ? ` and ${ranges.length - mostRanges} more ranges` : '';
  return `points ${shown.join(', ')}${more}`;
}

export function storeText(summary: StoreSummary, layout: Layout): string {
  const { sweep, points, points_done, missing, rows, objectives, columns, spec_hash, code_hash } = summary;
  const all = Object.values(rows).reduce((a, b) => a + b, 0);
  const absent = points_done - all;
  const pairs: [string, string][] = [
    ['sweep', sweep],
    ['points', `${points}, of which ${points_done} are done`],
    ...(missing.length === 0 ? [] : [['missing', rangesText(missing)] as [string, string]]),
    [
      'rows',
      `${all}: ${Object.entries(rows)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ')}${absent === 0 ? '' : `; ${absent} points are not in the space`}`,
    ],
    ['objectives', objectives.map((o) => `${o.goal} ${o.metric}`).join(', ') || 'none'],
    ['spec hash', spec_hash],
    ['code hash', code_hash],
  ];
  const titles = [{ title: 'column' }, { title: 'type' }, { title: 'role' }];
  const table = [
    ['point', 'number', 'key'],
    ...columns.map((c) => [c.name, c.type, c.role]),
    ['spec_hash', 'text', 'hash'],
    ['code_hash', 'text', 'hash'],
  ];
  return `${renderPairs(pairs, layout)}\nColumns of "points":\n${renderTable(titles, table, { ...layout, indent: '  ' })}`;
}
