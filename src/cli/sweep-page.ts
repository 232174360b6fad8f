import { basename } from 'node:path';
import { failure, type Result, success } from '../diagnostic.ts';
import type { Tornado } from '../figures/tornado.ts';
import { writeTextFile } from '../files.ts';
import type { SweepPageColumn } from '../page/sweep-data.ts';
import type { SweepPageInputs, SweepRows } from '../page/sweep-page.ts';
import type { Identity } from '../sweep/identity.ts';
import { type NumberedRows, okRows, type RankedRows, rankRows, statementRows } from '../sweep/numbered-rows.ts';
import { countOutcomes } from '../sweep/outcome-counts.ts';
import type { StoreReader } from '../sweep/read-store.ts';
import { type SampledRows, sampleRows } from '../sweep/sampled-rows.ts';
import { pageScript } from './page-script.ts';
import { summarizeStore } from './store-text.ts';

/** Rows of a page, and bytes that it has at most: a page of many columns has fewer rows. */
const mostRows = 20_000;
const mostBytes = 1.9e6;

export type SweepPageOptions = {
  /** The store, and the page to be written. */
  readonly file: string;
  readonly html: string;
  /** Checked; absent: the rows that are ok. */
  readonly statement: string | undefined;
  readonly sensitivity: Tornado | undefined;
};

/** Writes the page of a sweep, or of what a statement gives of it. Throws the engine's error. Error: `unwritable-file`. */
export async function writeSweepPage(
  store: StoreReader,
  { file, html, statement, sensitivity }: SweepPageOptions,
): Promise<Result<void>> {
  const { sweepPage } = await import('../page/sweep-page.ts');
  const { sweep, points, points_done, rows: counted } = await summarizeStore(store);
  const rows = statement === undefined ? await okRows(store) : await statementRows(store, statement);
  const ranks = await rankRows(store, rows, store.identity.objectives);
  const [outcomes, script] = [await countOutcomes(store), await pageScript('sweep')];
  const summary: SweepPageInputs['summary'] = {
    name: sweep,
    points,
    done: points_done,
    statuses: { ok: counted['ok'] ?? 0, excluded: counted['excluded'] ?? 0, failed: counted['failed'] ?? 0 },
    rows: ranks.numbers.length,
    isStatement: statement !== undefined,
    objectives: ranks.objectives.map((o) => o.metric),
    front: ranks.front.length,
  };
  for (let limit = mostRows; ; ) {
    const sampled = await sampleRows(store, rows, ranks, limit);
    const shown = shownRows(store.identity, rows, ranks, sampled);
    const page = await sweepPage(
      { summary, rows: { file: basename(file), statement, ...shown }, outcomes, sensitivity },
      script,
    );
    const size = Buffer.byteLength(page);
    if (size > mostBytes && limit > 1) {
      limit = Math.floor(Math.min(limit, sampled.places.length) * Math.min(0.9, mostBytes / size));
      continue;
    }
    const wrong = await writeTextFile(html, page);
    return wrong === undefined ? success(undefined) : failure([wrong]);
  }
}

/** Rows by their place on the page. */
function shownRows(
  identity: Identity,
  { columns }: NumberedRows,
  { objectives, front, best }: RankedRows,
  sampled: SampledRows,
): Omit<SweepRows, 'file' | 'statement'> {
  const rowAt = new Map([...sampled.places].map((place, row) => [place, row]));
  return {
    columns: sampled.columns.map((column) => ({ ...column, role: roleOf(identity, column.name) })),
    rows: sampled.places.length,
    objectives: objectives.map(({ metric, goal }) => ({ column: columns.findIndex((c) => c.name === metric), goal })),
    front: [...front].flatMap((place) => rowAt.get(place) ?? []),
    best: best.map((place) => (place === undefined ? undefined : rowAt.get(place))),
  };
}

function roleOf(identity: Identity, name: string): SweepPageColumn['role'] {
  if (name === 'point') return 'number';
  const role = identity.columns.find((c) => c.name === name)?.role;
  return role === 'parameter' ? 'axis' : role === 'metric' ? 'metric' : 'other';
}
