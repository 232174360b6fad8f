import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Layout } from '../layout.ts';
import { durationText, engineering } from '../report/quantity-text.ts';
import { renderTable } from '../report/table.ts';
import { wrapSentence } from '../wrap-text.ts';
import type { OpenSweep } from './open-sweep.ts';
import { permuted } from './permutation.ts';
import { type Cells, outcomeColumns, type Rows, type Status, statuses } from './table.ts';

/** What became of some points of a sweep. */
export type Trial = {
  /** Points that were looked at. */
  readonly tried: number;
  /** Of these, points that were evaluated: those that are in the space. */
  readonly evaluated: number;
  readonly rows: Readonly<Record<Status, number>>;
  /** Why points failed: what is alike but for numbers is told once, with one that was met. The most frequent first. */
  readonly failures: readonly { readonly code: string; readonly example: string; readonly rows: number }[];
  /** Metrics that no point that is not failed had. */
  readonly unknown: readonly string[];
  /** For a point, once what points share is there; undefined: too few were evaluated. */
  readonly seconds: number | undefined;
};

/** Seconds after which no more points are begun, and points that are enough. */
const enough = { seconds: 2, points: 50_000 };
/** Points are taken in runs of neighbours, which share most, as they do in a sweep: so many of them, of at most so many points. */
const runs = { least: 64, longest: 4096 };
/** Points between looks at the clock: 1 to begin with, since one may take as long as all should, then twice as many, at most so many. */
const longestPart = 512;

/** Evaluates points spread over a sweep, each at most once, for a second or two. */
export async function tryPoints(sweep: OpenSweep): Promise<Trial> {
  const length = Math.max(1, Math.min(runs.longest, Math.floor(sweep.points / runs.least)));
  const count = Math.ceil(sweep.points / length);
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const rows: Rows[] = [];
  const paces: { readonly points: number; readonly seconds: number }[] = [];
  let tried = 0;
  let evaluated = 0;
  const isEnough = (): boolean => elapsed() >= enough.seconds || evaluated >= enough.points;
  for (let i = 0; i < count && !isEnough(); i++) {
    const first = permuted(i, count, 0) * length;
    const end = Math.min(first + length, sweep.points);
    for (let at = first, size = 1; at < end && !isEnough(); size = Math.min(2 * size, longestPart)) {
      const before = elapsed();
      const part = { first: at, count: Math.min(size, end - at) };
      const found = await sweep.evaluate(part);
      rows.push(found);
      paces.push({ points: found.points.length, seconds: elapsed() - before });
      at += part.count;
      tried += part.count;
      evaluated += found.points.length;
    }
  }
  // The first runs read texts and compile mappings.
  const steady = paces.slice(Math.floor(paces.length / 2));
  const [points, seconds] = [steady.reduce((n, p) => n + p.points, 0), steady.reduce((n, p) => n + p.seconds, 0)];
  const ended = rows.flatMap((r) => outcomesOf(sweep, r));
  const endedAs = (status: Status): number => ended.filter((e) => e.status === status).length;
  return {
    tried,
    evaluated,
    rows: { ok: endedAs('ok'), excluded: endedAs('excluded'), failed: endedAs('failed') },
    failures: groupFailures(ended.flatMap(({ diagnostic: told }) => told ?? [])),
    unknown: unknownMetrics(sweep, rows),
    seconds: points > 0 ? seconds / points : undefined,
  };
}

type Outcome = { readonly status: Status; readonly diagnostic: string | undefined };

function outcomesOf({ columns }: OpenSweep, rows: Rows): readonly Outcome[] {
  const first = columns.length - outcomeColumns.length;
  const textAt = (column: number, row: number): string | undefined => {
    const cells = rows.columns[column]!;
    return 'codes' in cells ? cells.texts[cells.codes[row]!] : undefined;
  };
  return [...rows.points.keys()].map((row) => ({
    status: statuses.find((s) => s === textAt(first, row))!,
    diagnostic: textAt(first + 1, row),
  }));
}

function groupFailures(told: readonly string[]): Trial['failures'] {
  const groups = new Map<string, { readonly code: string; readonly example: string; rows: number }>();
  for (const text of told) {
    const alike = text.replaceAll(/\d+(\.\d+)?( [KMGT]?i?B)?/g, '#');
    const [code = ''] = text.split(':');
    const group = groups.get(alike) ?? { code, example: text.slice(code.length + 2), rows: 0 };
    group.rows++;
    groups.set(alike, group);
  }
  return [...groups.values()].sort((a, b) => b.rows - a.rows);
}

function unknownMetrics({ columns }: OpenSweep, rows: readonly Rows[]): readonly string[] {
  const hasValue = (cells: Cells): boolean =>
    'codes' in cells ? cells.codes.some((c) => c >= 0) : cells.some((n) => !Number.isNaN(n));
  const status = columns.length - outcomeColumns.length;
  const hasRun = rows.some((r) => {
    const cells = r.columns[status]!;
    return 'codes' in cells && cells.codes.some((c) => cells.texts[c] !== 'failed');
  });
  if (!hasRun) return [];
  return columns.flatMap(({ name, role }, c) =>
    role === 'metric' && !rows.some((r) => hasValue(r.columns[c]!)) ? [name] : [],
  );
}

/** What seems to be wrong with the sweep as a whole: metrics that no machine has, or no point that is legal. */
export const doubts = (
  { experiment }: OpenSweep,
  { unknown, evaluated, rows, failures }: Trial,
): readonly Diagnostic[] => [
  ...experiment.metrics
    .filter(({ text }) => unknown.includes(text))
    .map(({ text, span }) =>
      diagnostic('unknown-metric', `none of ${evaluated} points that were tried has a "${text}"`, span, {
        severity: 'warning',
        help: 'its level or unit is none of the machines: "attnsim show MACHINE" has the names',
      }),
    ),
  ...(evaluated > 0 && rows.failed === evaluated
    ? [
        diagnostic('empty-space', `none of ${evaluated} points that were tried can be run`, experiment.name.span, {
          severity: 'warning',
          help: `${failures[0]!.code}: ${failures[0]!.example}`,
        }),
      ]
    : []),
];

const mostFailures = 5;

/** A trial for people; `threads` is how many would evaluate the sweep. */
export function describeTrial(sweep: OpenSweep, trial: Trial, threads: number, layout: Layout): string {
  const { tried, evaluated, rows, failures, seconds } = trial;
  if (evaluated === 0) return '';
  const line = (text: string): string => wrapSentence(text, { ...layout, indent: '  ' });
  const counts = statuses.filter((s) => rows[s] > 0).map((s) => `${rows[s]} ${s}`);
  const lines = [
    `\n${line(`of ${evaluated} point${evaluated === 1 ? '' : 's'} that ${evaluated === 1 ? 'was' : 'were'} tried, ${counts.join(', ')}`)}`,
  ];
  if (failures.length > 0)
    lines.push(
      renderTable(
        [{ title: 'failed', align: 'right' }, { title: 'why' }, { title: 'for example', wrap: true }],
        failures.slice(0, mostFailures).map((f) => [String(f.rows), f.code, f.example]),
        { ...layout, indent: '  ' },
      ),
    );
  if (seconds !== undefined) {
    const points = (sweep.points * evaluated) / tried;
    const all = (seconds * points) / Math.min(threads, Math.ceil(points));
    const thread = threads === 1 ? 'one thread' : `${threads} threads`;
    lines.push(`\n${line(`${engineering(seconds, 's')} a point: about ${durationText(all)} for all on ${thread}`)}`);
  }
  return lines.join('');
}
