import { type Layout, unpainted } from '../layout.ts';
import { wrapSentence } from '../wrap-text.ts';
import { engineering, plainText } from './quantity-text.ts';
import { type Cell, type Column, renderTable } from './table.ts';
import type { Validation, ValidationError, ValidationFigure, ValidationRow } from './validation.ts';

/** A value with its unit: energies in joules, times in seconds, shares with four digits. */
function valueText(value: number, { unit, error }: ValidationFigure): string {
  if (error === 'absolute') return value.toFixed(4);
  if (unit === 'pJ') return engineering(value * 1e-12, 'J');
  if (unit === 'ms') return engineering(value * 1e-3, 's');
  return unit === 'mm2' ? `${plainText(value)} mm2` : engineering(value, unit);
}

/** "equal", "+0.04%", of shares "-0.0012". */
function errorText(error: number, figure: ValidationFigure): string {
  if (Math.abs(error) < 1e-9) return 'equal';
  const sign = error < 0 ? '-' : '+';
  if (figure.error === 'absolute') return `${sign}${Math.abs(error) < 5e-5 ? '<0.0001' : Math.abs(error).toFixed(4)}`;
  const percent = Math.abs(error) * 100;
  if (percent < 5e-4) return `${sign}<0.001%`;
  return `${sign}${percent < 1 ? Number(percent.toPrecision(2)) : percent.toFixed(1)}%`;
}

/** An error and what is said of it: beyond its tolerance it stands out, unless a rule explains it. */
function judged(error: ValidationError, figure: ValidationFigure): Cell {
  const { within, rule } = error;
  const text = errorText(error.error, figure);
  if (within !== false) return text;
  return { text: `${text} ${rule ?? '!'}`, tone: rule === null ? 'bad' : 'warning' };
}

const right = (title: string): Column => ({ title, align: 'right' });

/** The points of a series, a row each, and the error of every figure that they state; of a single one its values too. */
function seriesTable(validation: Validation, series: string, layout: Layout): string {
  const rows = validation.rows.filter((row) => row.series === series);
  const isPredicted = (row: ValidationRow, f: ValidationFigure): boolean => Object.hasOwn(row.predicted, f.name);
  const isStated = (row: ValidationRow): boolean => Object.keys(row.figures).length > 0;
  // Of rows that state nothing, all that is predicted is shown.
  const figures = validation.figures.filter(
    (f) =>
      !f.detail && rows.some((row) => Object.hasOwn(row.figures, f.name) || (!isStated(row) && isPredicted(row, f))),
  );
  const hasValues = validation.figures.length === 1;
  const cellsOf = (row: ValidationRow, figure: ValidationFigure): readonly Cell[] => {
    const error = row.figures[figure.name];
    const predicted = row.predicted[figure.name];
    const value = predicted === undefined ? '-' : valueText(predicted, figure);
    const errorCell = error === undefined ? '-' : judged(error, figure);
    if (hasValues) return [error === undefined ? '-' : valueText(error.published, figure), value, errorCell];
    return [error === undefined && !isStated(row) ? value : errorCell];
  };
  const cells = (row: ValidationRow): Cell[] => [
    row.label,
    ...(row.failed === null ? figures.flatMap((f) => cellsOf(row, f)) : [{ text: 'failed', tone: 'bad' } as const]),
    ...(row.aside === null ? [] : [`not in the means: ${row.aside}`]),
  ];
  const titles = figures.flatMap((f) => (hasValues ? ['published', 'predicted', f.title] : [f.title]));
  const columns = [{ title: series }, ...titles.map(right)];
  const more = Math.max(...rows.map((row) => cells(row).length)) - columns.length;
  return renderTable([...columns, ...Array.from({ length: more }, () => ({ title: '' }))], rows.map(cells), layout);
}

/** Means of absolute errors: a series a row. */
function meansTable(validation: Validation, layout: Layout): string {
  const all = Object.entries(validation.series);
  const figures = validation.figures.filter((f) => !f.detail && all.some(([, means]) => Object.hasOwn(means, f.name)));
  if (all.length === 0) return '';
  const rows = all.map(([series, means]) => [
    series,
    ...figures.map((f) => {
      const mean = means[f.name];
      return mean === undefined ? '-' : errorText(mean.mean_absolute_error, f).replace('+', '');
    }),
  ]);
  return renderTable([{ title: 'mean absolute error' }, ...figures.map((f) => right(f.title))], rows, layout);
}

/** Means over groups of rows: what they have in common, how many they are, and by figure the mean and the worst. */
function groupsTable({ groups, figures }: Validation, layout: Layout): string {
  const shown = figures.filter((f) => !f.detail && groups.some((g) => Object.hasOwn(g.figures, f.name)));
  const rows = groups.map(({ of, figures: means }) => {
    const names = Object.values(of).join(', ');
    const cells = shown.flatMap((f) => {
      const mean = means[f.name];
      if (mean === undefined) return ['-', '-', '-'];
      const size = errorText(mean.mean_absolute_error, f).replace('+', '');
      return [String(mean.points), size, errorText(mean.worst_error, f)];
    });
    return [names === '' ? 'all' : names, ...cells];
  });
  const columns = shown.flatMap((f) => [right('points'), right(f.title), right('worst')]);
  return renderTable([{ title: 'mean absolute error' }, ...columns], rows, layout);
}

/** The errors that are largest for their tolerance. */
function worstTable({ worst, figures }: Validation, layout: Layout): string {
  if (worst.length === 0) return '';
  const rows = worst.map(({ series, label, figure, error, likely_cause }) => {
    const of = figures.find((f) => f.name === figure)!;
    const values = [valueText(error.published, of), valueText(error.predicted, of)];
    return [`${series}, ${label}`, of.title, ...values, judged(error, of), likely_cause ?? ''];
  });
  const numbers = [right('published'), right('predicted'), right('error')];
  const columns = [{ title: 'worst' }, { title: 'figure' }, ...numbers, { title: 'likely cause', wrap: true }];
  return renderTable(columns, rows, layout);
}

function claimsTable(validation: Validation, layout: Layout): string {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '-' : value.toFixed(value < 2 ? 4 : 3);
  const rows = validation.claims.map((c) => [
    c.claim,
    c.printed === null ? '-' : String(c.printed),
    number(c.recomputed),
    number(c.predicted),
    c.given === null ? '-' : String(c.given.pairs),
    number(c.given?.published),
    number(c.given?.predicted),
  ]);
  const columns = [
    { title: 'mean over all pairs' },
    right('printed'),
    right('recomputed'),
    right('predicted'),
    right('given pairs'),
    right('published'),
    right('predicted'),
  ];
  return renderTable(columns, rows, layout);
}

/** What the rules mean that some error is explained by. */
function rulesText({ rows, rules }: Validation, layout: Layout): string {
  const errors = rows.flatMap((row) => Object.values(row.figures));
  const used = Object.entries(rules).filter(([name]) => errors.some((e) => e.rule === name && e.within === false));
  return used.map(([name, text]) => wrapSentence(`${name}: ${text}`, layout)).join('');
}

function toleranceText({ tolerance, error }: ValidationFigure): string {
  if (tolerance! < 1e-6) return 'none';
  return error === 'relative' ? `${Number((tolerance! * 100).toPrecision(3))}%` : String(tolerance);
}

function verdict(validation: Validation, layout: Layout): string {
  const counted = validation.rows.filter((row) => row.aside === null);
  const errors = counted.flatMap((row) => Object.values(row.figures)).filter((e) => e.within !== null);
  const all = errors.length;
  const { beyond_tolerance: beyond, failed } = validation;
  const tolerances = validation.figures
    .filter(
      (f) => f.tolerance !== null && !f.detail && validation.rows.some((row) => Object.hasOwn(row.figures, f.name)),
    )
    .map((f) => `${f.title} ${toleranceText(f)}`);
  const explained = errors.filter((e) => e.within === false && e.rule !== null).length;

  const aside = validation.rows.length - counted.length;
  const lines = [
    `${beyond} of ${all} errors are beyond tolerance${beyond > 0 ? ' (!)' : ''}: ${tolerances.join(', ')}`,
    ...(explained === 0 ? [] : [`${explained} more are explained by a rule`]),
    ...(aside === 0 ? [] : [`${aside} of ${validation.rows.length} points are in no mean`]),
    ...(failed === 0 ? [] : [`${failed} of ${validation.rows.length} points could not be run`]),
  ];
  const { paint = unpainted } = layout;
  const count = `${beyond} of ${all} errors`;
  const text = lines.map((line) => wrapSentence(line, layout)).join('');
  return text.replace(count, paint(count, beyond > 0 ? 'bad' : 'good'));
}

/** Every error, their means, the worst, and the published means beside those of the predictions. */
export function validationText(validation: Validation, layout: Layout = {}): string {
  const series = [...new Set(validation.rows.map((row) => row.series))];
  const head = `${validation.suite}, ${validation.model} model, ${validation.energy_accounting} accounting: ${validation.rows.length} points of ${validation.points}`;
  const parts = [
    wrapSentence(head, layout),
    ...series.map((s) => seriesTable(validation, s, layout)),
    meansTable(validation, layout),
    ...(validation.groups.length === 0 ? [] : [groupsTable(validation, layout)]),
    worstTable(validation, layout),
    ...(validation.claims.length === 0 ? [] : [claimsTable(validation, layout)]),
    rulesText(validation, layout),
    verdict(validation, layout),
  ];
  return parts.filter((part) => part !== '').join('\n');
}
