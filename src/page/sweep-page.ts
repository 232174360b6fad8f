import type { Tornado } from '../figures/tornado.ts';
import { tornadoFigure } from '../figures/tornado-figure.ts';
import { type DataTable, numberCell, tableHtml } from './data-table.ts';
import { figuresHtml, usualWidths } from './figure-html.ts';
import { type Html, html } from './html.ts';
import { pageText, type Section } from './page.ts';
import { type Cells, packColumn, roundedDigits, unpackColumn, valueAt } from './sweep-column.ts';
import type { SweepPageColumn, SweepPageData, SweepPageObjective } from './sweep-data.ts';
import { shownText, unitOf } from './sweep-quantity.ts';
import { sweepStyle } from './sweep-style.ts';
import { type SweepSummary, sweepSentences } from './sweep-summary.ts';

/** Rows of a sweep as they are written to a page. */
export type SweepRows = {
  readonly file: string;
  readonly statement: string | undefined;
  readonly columns: readonly { readonly name: string; readonly role: SweepPageColumn['role']; readonly cells: Cells }[];
  /** How many of them are on the page. */
  readonly rows: number;
  readonly objectives: readonly SweepPageObjective[];
  /** Rows of the page that no other beats, and by objective the first that is best. */
  readonly front: readonly number[];
  readonly best: readonly (number | undefined)[];
};

export type SweepPageInputs = {
  readonly summary: SweepSummary;
  readonly rows: SweepRows;
  /** Points that are not ok, by reason. */
  readonly outcomes: readonly {
    readonly status: string;
    readonly reason: string;
    readonly points: number;
    readonly example: string;
    readonly texts: number;
  }[];
  readonly sensitivity: Tornado | undefined;
};

/** The page of a sweep: one HTML file that needs nothing else, `script` its script. */
export async function sweepPage(
  { summary, rows, outcomes, sensitivity }: SweepPageInputs,
  script: string,
): Promise<string> {
  const columns = rows.columns.map(
    ({ name, role, cells }): SweepPageColumn => ({
      name,
      role,
      unit: unitOf(name),
      ...packColumn(cells, role === 'number' ? 'exact' : 'rounded'),
    }),
  );
  const data: SweepPageData = {
    kind: 'sweep',
    file: rows.file,
    ...(rows.statement === undefined ? {} : { statement: rows.statement }),
    columns,
    rows: rows.rows,
    count: summary.rows,
    objectives: rows.objectives,
    front: rows.front,
    ...(sensitivity === undefined ? {} : { sensitivity }),
  };
  return pageText({
    title: rows.statement === undefined ? `Sweep ${summary.name}` : `Rows of ${summary.name}`,
    subject: rows.statement === undefined ? rows.file : `${rows.file}: ${rows.statement}`,
    lead: lead(summary, data, rows.best),
    sections: [...views(data), ...outcomeSection(outcomes), ...(await sensitivitySection(sensitivity))],
    style: sweepStyle,
    data,
    script,
  });
}

function lead(summary: SweepSummary, { columns, rows, objectives }: SweepPageData, best: SweepRows['best']): Html {
  const rounded = columns.some((c) => c.digits !== undefined);
  const precision = rounded
    ? ` Where a column has more than 1,000 different numbers, the page has ${roundedDigits} digits of them.`
    : '';
  const tiles = objectives.flatMap(({ column, goal }, i) => {
    const row = best[i];
    if (row === undefined) return [];
    const { name, unit } = columns[column]!;
    const value = valueAt(unpackColumn(columns[column]!), row) as number;
    return [
      html`<li><span>${goal === 'minimize' ? 'least' : 'most'} ${name}</span><b>${shownText(value, unit)}</b><span>${axesText(columns, row)}</span></li>\n`,
    ];
  });
  return html`<p class="lead" id="summary">${sweepSentences(summary, rows).join(' ')}${precision}</p>
${tiles.length === 0 ? undefined : html`<ul class="tiles" aria-label="Best rows">\n${tiles}</ul>\n`}`;
}

/** "PES = 128, BUFFER = 4 Mi": what is varied, as far as it varies. */
function axesText(columns: readonly SweepPageColumn[], row: number): string {
  const axes = columns.filter((c) => c.role === 'axis' && c.values.length > 1);
  return axes
    .map((packed) => {
      const value = valueAt(unpackColumn(packed), row);
      return `${packed.name} = ${typeof value === 'number' ? shownText(value, packed.unit) : (value ?? 'none')}`;
    })
    .join(', ');
}

function views(data: SweepPageData): readonly Section[] {
  const noScript = html`<noscript><p>The plots and the selection need JavaScript; nothing is loaded for it.</p></noscript>`;
  return [
    {
      id: 'points',
      title: 'Points',
      body: html`${noScript}<p class="hint">Drag across the plot, along an axis below, or type a range: all views show the rows that are within all ranges.</p>
<div class="controls actions" id="view"></div>
<div class="views"><div id="scatter" class="scatter"></div>
<div id="selection-sum" class="sum"></div></div>
<h3>Axes side by side</h3>
<div id="parallel" class="scroll" role="region" aria-label="Axes side by side" tabindex="0"></div>
`,
    },
    { id: 'ranges', title: 'Ranges', body: html`<div id="range-list" class="ranges"></div>\n` },
    { id: 'rows-section', title: 'Rows', body: html`<div id="row-table">${tableHtml(frontTable(data))}</div>\n` },
  ];
}

const numberText = ({ role, unit }: SweepPageColumn, value: number): string =>
  role === 'number' ? String(value) : shownText(value, unit);

/** Rows that a page without script has. */
const mostStatic = 40;

function frontTable({ columns, front, rows }: SweepPageData): DataTable {
  const shown =
    front.length > 0 ? front.slice(0, mostStatic) : Array.from({ length: Math.min(rows, mostStatic) }, (_, i) => i);
  const unpacked = columns.map((column) => unpackColumn(column));
  return {
    title: front.length > 0 ? `${shown.length} of ${front.length} rows of the front` : `The first ${shown.length} rows`,
    columns: columns.map(({ name, unit, kind }) => ({
      title: unit === '' ? name : `${name} (${unit})`,
      numeric: kind === 'number',
    })),
    rows: shown.map((row) =>
      unpacked.map((column, c) => {
        const value = valueAt(column, row);
        return column.kind === 'number'
          ? numberCell(value as number | undefined, (number) => numberText(columns[c]!, number), '')
          : String(value ?? '');
      }),
    ),
  };
}

function outcomeSection(outcomes: SweepPageInputs['outcomes']): readonly Section[] {
  if (outcomes.length === 0) return [];
  const table: DataTable = {
    title: 'Points that are not ok, by reason',
    columns: [{ title: 'status' }, { title: 'reason' }, { title: 'points', numeric: true }, { title: 'such as' }],
    rows: outcomes.map(({ status, reason, points, example, texts }) => [
      status,
      reason === '' ? 'a constraint does not hold' : reason,
      numberCell(points, (n) => n.toLocaleString('en-US')),
      texts > 1 ? `${example} (${texts.toLocaleString('en-US')} different ones)` : example,
    ]),
  };
  return [{ id: 'outcomes', title: 'Left out', body: tableHtml(table) }];
}

async function sensitivitySection(tornado: Tornado | undefined): Promise<readonly Section[]> {
  if (tornado === undefined) return [];
  const figure = tornadoFigure(tornado, { width: usualWidths.wide });
  return [
    {
      id: 'sensitivity',
      title: 'What to change first',
      body: await figuresHtml([{ id: 'sensitivity', wide: true, figure }]),
    },
  ];
}
