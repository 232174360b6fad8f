import { type Result, success } from '../diagnostic.ts';
import { cascadeFigure } from '../figures/cascade-figure.ts';
import type { LabelledReport } from '../figures/labelled-report.ts';
import { loopTreeFigure } from '../figures/loop-tree-figure.ts';
import type { TimelineData } from '../figures/timeline-data.ts';
import { plainText } from '../report/quantity-text.ts';
import type { Report } from '../report/report.ts';
import { type EinsumOperators, keyNumbers, runSentences } from '../report/sentences.ts';
import { type Placement, placeTexts } from '../simulate.ts';
import { codeHtml } from './code.ts';
import { type Control, controlsOf } from './control.ts';
import { valueText } from './control-values.ts';
import { type DataTable, tableHtml } from './data-table.ts';
import { diagramHtml, figuresHtml, usualWidths } from './figure-html.ts';
import { type Html, html } from './html.ts';
import { pageText, type Section } from './page.ts';
import { runFigures } from './run-figures.ts';
import { runTables, sourcesTable } from './run-tables.ts';
import { evaluateChanged, placementInputs, type WhatIfInputs } from './what-if.ts';

/** A run as it is written to a page. */
export type Run = {
  /** One a model that was asked for; the last is what the page is of. */
  readonly reports: readonly Report[];
  readonly inputs: WhatIfInputs;
  /** What `attnsim run` was called with, but sizes, parameters, the model and where to write to. */
  readonly words: readonly string[];
  /** The name of the file that the words name, where the mapping was searched and is in no file yet. */
  readonly found: string | undefined;
  /** What units and ports do; undefined where no operations were kept. */
  readonly timeline: TimelineData | undefined;
};

/** What the script of the page has to know. */
export type RunPageData = {
  readonly kind: 'run';
  readonly runs: readonly LabelledReport[];
  /** The closed form of the same run, which questions are compared with. */
  readonly closed: Report;
  readonly inputs: WhatIfInputs;
  readonly words: readonly string[];
  readonly controls: readonly Control[];
  readonly timeline: TimelineData | undefined;
};

const modelText = { analytic: 'closed form', cycle: 'simulated' } as const;

const operatorsOf = ({ placed }: Placement): EinsumOperators =>
  new Map(placed.workload.einsums.map((e) => [e.name, e.operations.map((o) => o.operator)]));

function lead(report: Report, placement: Placement): Html {
  const tiles = keyNumbers(report).map(
    ({ name, value, note }) => html`<li><span>${name}</span><b>${value}</b><span>${note}</span></li>\n`,
  );
  const sentences = runSentences(report, operatorsOf(placement)).join(' ');
  return html`<p class="lead" id="summary">${sentences}</p>\n<ul class="tiles" aria-label="Key numbers">\n${tiles}</ul>\n`;
}

const namedNumbers = (title: string, table: { readonly [name: string]: number }): Html | undefined =>
  Object.keys(table).length === 0
    ? undefined
    : tableHtml({
        title,
        columns: [{ title: 'name' }, { title: 'value', numeric: true }],
        rows: Object.entries(table).map(([name, value]) => [name, { text: plainText(value), value }]),
      });

const machineTable = (controls: readonly Control[]): DataTable => ({
  title: 'Parameters of the machine',
  columns: [{ title: 'name' }, { title: 'value', numeric: true }, { title: 'what it is' }],
  rows: controls
    .filter(({ of }) => of === 'machine')
    .map(({ name, value, dimension, note }) => [name, { text: valueText(value, dimension), value }, note ?? '']),
});

async function texts(
  inputs: WhatIfInputs,
  { placed, mapping }: Placement,
  report: Report,
  controls: readonly Control[],
): Promise<Html> {
  const { workload, machine } = placed;
  return html`<h3>Mapping ${report.mapping}</h3>
${await diagramHtml('loop-tree', (width) => loopTreeFigure(mapping, { width, placed }))}
${codeHtml(inputs.mapping.text, `Mapping ${report.mapping}`)}
${namedNumbers('Parameters of the mapping', report.mapping_parameters)}
<h3>Cascade ${report.cascade}</h3>
${await diagramHtml('cascade', (width) => cascadeFigure(workload, { width }))}
${codeHtml(inputs.cascade.text, `Cascade ${report.cascade}`)}
${namedNumbers('Sizes', report.workload)}
<h3>Machine ${report.hardware}</h3>
<p>${machine.description}</p>
${tableHtml(machineTable(controls))}`;
}

const whatIf = (found: string | undefined): Html =>
  html`${
    found === undefined
      ? undefined
      : html`<p>The mapping was searched for this run. The command below reads it from a file: save its text as <code>${found}</code>.</p>`
  }<div id="what-if" class="whatif"><noscript><p>Moving sizes and parameters needs the script of this page.</p></noscript></div>\n`;

/**
 * The text of an HTML file of one run: what it comes to, figures, tables, its texts and sources, and what would be if.
 * Errors: those of its closed form.
 */
export async function runPage(
  { reports, inputs, words, found, timeline }: Run,
  script: string,
): Promise<Result<string>> {
  const closed = await evaluateChanged(inputs, { sizes: [], parameters: [] });
  if (!closed.ok) return closed;
  const placement = await placeTexts(placementInputs(inputs));
  if (!placement.ok) return placement;
  const controls = await controlsOf(inputs, placement.value);
  if (!controls.ok) return controls;
  const report = reports.at(-1)!;
  const runs = reports.map((r) => ({ report: r, label: reports.length === 1 ? r.mapping : modelText[r.model] }));
  const data: RunPageData = {
    kind: 'run',
    runs,
    closed: closed.value,
    inputs,
    words,
    controls: controls.value,
    timeline,
  };
  const figures = runFigures(data, (wide) => ({ width: wide ? usualWidths.wide : usualWidths.narrow }));
  const sections: Section[] = [
    { id: 'figures', title: 'Figures', body: await figuresHtml(figures) },
    { id: 'questions', title: 'What if', body: whatIf(found) },
    { id: 'tables', title: 'Tables', body: html`<div class="tables">${runTables(report).map(tableHtml)}</div>\n` },
    { id: 'texts', title: 'What was run', body: await texts(inputs, placement.value, report, controls.value) },
    { id: 'sources', title: 'Assumptions', body: tableHtml(sourcesTable(report)) },
  ];
  const text = pageText({
    title: `${report.cascade} on ${report.hardware}`,
    subject: `mapping ${report.mapping}, ${reports.map((r) => modelText[r.model]).join(' and ')}`,
    lead: lead(report, placement.value),
    sections: sections.filter(({ body }) => body.markup !== ''),
    data,
    script,
  });
  return success(text);
}
