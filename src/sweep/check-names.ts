import { functionNames } from '../arch/functions.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Span } from '../source.ts';
import { units } from '../units.ts';
import { axesOf } from './axis-tree.ts';
import type { Axis, Choice, Experiment, Written } from './experiment.ts';
import { type FigurePath, figurePath } from './figures.ts';
import { outcomeColumns, tableColumns } from './table.ts';

/**
 * Checks what needs no expression to be read: names that are given, and names that stand for an axis or a metric.
 * `unread` has those of axes whose values are wrong.
 */
export function checkNames(experiment: Experiment, unread: ReadonlySet<string>, diagnostics: Diagnostic[]): void {
  const axes = axesOf(experiment.axes);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(experiment.name.text)) {
    const message = `"${experiment.name.text}" cannot name an experiment: small letters, digits and single dashes can`;
    diagnostics.push(diagnostic('bad-name', message, experiment.name.span));
  }
  const named = [...axes.map(({ name }) => name), ...derivedNames(experiment)];
  for (const name of named) checkReserved(name, diagnostics);
  checkMetrics(experiment, diagnostics);
  checkColumns([...named, ...experiment.metrics], diagnostics);
  for (const [what, choice] of choicesOf(experiment))
    if (choice.kind === 'fixed' || !unread.has(choice.axis.text)) checkChoice(what, choice, axes, diagnostics);
}

const derivedNames = ({ derived }: Experiment): readonly Written[] =>
  [...derived].map(([text, { key }]) => ({ text, span: key }));

/** All choices of an experiment, with what they choose; formats are not files. */
function choicesOf(experiment: Experiment): readonly (readonly [string, Choice])[] {
  const { cascade, hardware, mapping, workload, format } = experiment;
  return [
    ['cascade', cascade],
    ['hardware', hardware],
    ['mapping', mapping],
    ...(workload === undefined ? [] : [['workload', workload] as const]),
    ...[...format.values()].map((choice) => ['format', choice] as const),
  ];
}

/** Words of conditions, and what the parser takes for values. */
const reserved: ReadonlySet<string> = new Set(
  'and or not xor mod to in true false null undefined NaN Infinity end'.split(' '),
);

/** Columns that every table has; the table does not tell the case of names. */
const ownColumns: ReadonlySet<string> = new Set([...tableColumns, ...outcomeColumns.map(({ name }) => name)]);

function checkReserved({ text, span }: Written, diagnostics: Diagnostic[]): void {
  const what = units.has(text)
    ? 'a unit'
    : functionNames.has(text)
      ? 'a function'
      : reserved.has(text)
        ? 'a word with a meaning of its own'
        : ownColumns.has(text.toLowerCase())
          ? 'a column that every table has'
          : undefined;
  if (what !== undefined)
    diagnostics.push(diagnostic('bad-name', `"${text}" is ${what}, so it cannot name an axis or a value`, span));
}

function checkMetrics({ metrics, objectives }: Experiment, diagnostics: Diagnostic[]): void {
  const types = new Map<string, FigurePath['type']>();
  for (const metric of metrics) {
    const path = figurePath(metric);
    if ('bind' in path) types.set(path.name, path.type);
    else diagnostics.push(path);
  }
  const known = metrics.map(({ text }) => text);
  for (const { metric, goal } of objectives) {
    const { text, span } = metric;
    if (!known.includes(text)) {
      const help = didYouMean(text, known);
      diagnostics.push(diagnostic('unknown-name', `"${text}" is none of the metrics`, span, { help }));
    } else if (types.get(text) === 'text')
      diagnostics.push(diagnostic('wrong-type', `"${text}" is a text, which cannot be ${goal}d`, span));
  }
}

/** Each is a column of the table, and databases do not tell the case of names. */
function checkColumns(names: readonly Written[], diagnostics: Diagnostic[]): void {
  const seen = new Map<string, Span>();
  for (const { text, span } of names) {
    const folded = text.toLowerCase();
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, span);
    else
      diagnostics.push(
        diagnostic('duplicate-name', `there is already a column "${text}" (case does not count)`, span, {
          related: [{ span: first, message: 'first named here' }],
        }),
      );
  }
}

function checkChoice(what: string, choice: Choice, axes: readonly Axis[], diagnostics: Diagnostic[]): void {
  if (choice.kind === 'fixed') {
    if (what !== 'format') checkInside(choice.value, diagnostics);
    return;
  }
  const { text, span } = choice.axis;
  const axis = axes.find(({ name }) => name.text === text);
  const known = axes.flatMap(({ name, values }) => (values.kind === 'texts' ? [name.text] : []));
  if (axis === undefined)
    diagnostics.push(diagnostic('unknown-axis', `there is no axis "${text}"`, span, { help: didYouMean(text, known) }));
  else if (axis.values.kind === 'numbers')
    diagnostics.push(diagnostic('wrong-type', `"${what}" needs an axis of texts, but "${text}" has numbers`, span));
  else if (what !== 'format') for (const value of axis.values.texts) checkInside(value, diagnostics);
}

/** A file of an experiment lies in its folder or below it. Links are followed, and checked, where it is opened. */
function checkInside({ text, span }: Written, diagnostics: Diagnostic[]): void {
  const outside = /^([\\/~]|[A-Za-z]:)|\\/.test(text) || text.split('/').includes('..');
  if (outside)
    diagnostics.push(
      diagnostic('outside-folder', `"${text}" is not a path inside the folder of the experiment`, span, {
        help: 'copy the file beside the experiment and write its name',
      }),
    );
}
