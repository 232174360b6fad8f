import type { LabelledReport } from '../figures/labelled-report.ts';
import { type ComparedRun, changeText, compareWith, comparisonSentences, differingInputs } from '../report/compared.ts';
import { bytesText, countText, engineering, percentText, rateText, significant } from '../report/quantity-text.ts';
import { type DataTable, numberCell, tableHtml } from './data-table.ts';
import { figuresHtml, usualWidths } from './figure-html.ts';
import { html } from './html.ts';
import { pageText, type Section } from './page.ts';
import { runFigures } from './run-figures.ts';
import { runTables, sourcesTable } from './run-tables.ts';

/** What the script of the page has to know. */
export type ComparisonPageData = {
  readonly kind: 'comparison';
  readonly runs: readonly LabelledReport[];
  /** Position of the run that the others are compared with. */
  readonly baseline: number;
};

const runsTable = (runs: readonly ComparedRun[]): DataTable => ({
  title: 'Runs, and their differences to the baseline',
  columns: [
    { title: 'run' },
    ...['time', 'speed-up', 'cycles', 'energy', 'change', 'bytes', 'change', 'performance', 'of the roof'].map(
      (title) => ({ title, numeric: true }),
    ),
    { title: 'limited by' },
  ],
  rows: runs.map(({ label, report, isBaseline, speedup, energy_change, traffic_change, traffic_bytes }) => {
    const { roofline, bound, latency_cycles } = report;
    return [
      isBaseline ? `${label} (baseline)` : label,
      numberCell(report.latency_s, (s) => engineering(s, 's')),
      numberCell(speedup, (x) => `${significant(x)} x`),
      numberCell(latency_cycles, (n) => countText(n, '').trim()),
      numberCell(report.energy_j, (j) => engineering(j, 'J')),
      numberCell(energy_change, changeText),
      numberCell(traffic_bytes, bytesText),
      numberCell(traffic_change, changeText),
      numberCell(roofline?.achieved_ops_per_s, (v) => rateText(v, 'FLOP/s')),
      numberCell(
        roofline === null ? undefined : roofline.achieved_ops_per_s / roofline.attainable_ops_per_s,
        percentText,
      ),
      latency_cycles === 0 ? '-' : `${bound.resource} (${bound.kind})`,
    ];
  }),
});

const differences = (runs: readonly LabelledReport[]): DataTable => ({
  title: 'What is not the same in all runs, in base units (B, s, cycle, pJ, mm)',
  columns: [{ title: 'name' }, ...runs.map(({ label }) => ({ title: label }))],
  rows: differingInputs(runs).map(({ name, values }) => [name, ...values.map((value) => value ?? '-')]),
});

/** The text of an HTML file of several runs: which is best at what, figures and tables of all. */
export async function comparisonPage(
  runs: readonly LabelledReport[],
  baseline: number,
  script: string,
): Promise<string> {
  const compared = compareWith(runs, baseline);
  const data: ComparisonPageData = { kind: 'comparison', runs, baseline };
  const figures = runFigures(data, (wide) => ({ width: wide ? usualWidths.wide : usualWidths.narrow }));
  const machines = new Map(runs.map(({ report }) => [JSON.stringify(report.sources), report]));
  const apart = differences(runs);
  const sections: readonly Section[] = [
    {
      id: 'runs',
      title: 'Runs',
      body: html`${[runsTable(compared), apart].filter((t) => t.rows.length > 0).map(tableHtml)}`,
    },
    { id: 'figures', title: 'Figures', body: await figuresHtml(figures) },
    {
      id: 'tables',
      title: 'Tables of each run',
      body: html`${runs.map(
        ({ label, report }) =>
          html`<details><summary>${label}</summary><div class="tables">${runTables(report).map(tableHtml)}</div></details>\n`,
      )}`,
    },
    {
      id: 'sources',
      title: 'Assumptions',
      body: html`${[...machines.values()].map((r) => tableHtml(sourcesTable(r)))}`,
    },
  ];
  const names = [...new Set(runs.map(({ report }) => `${report.cascade} on ${report.hardware}`))];
  return pageText({
    title: `Comparison of ${runs.length} runs`,
    subject: names.join(', '),
    lead: html`<p class="lead" id="summary">${comparisonSentences(compared).join(' ')}</p>\n`,
    sections,
    data,
    script,
  });
}
