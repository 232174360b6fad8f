import type { RunFigures } from './figures.ts';
import { inputsOf, type OpenSubject, type Subjects } from './open-subjects.ts';
import { openRows, type RowWriter } from './rows.ts';
import type { Space } from './space.ts';
import { type Refusal, refusal } from './subject.ts';
import { type Column, outcomeColumns, type Range, type Rows, type Status } from './table.ts';

/** Writes the values of a point, axes and derived values; false: it is not in the space. */
type Read = (point: number, into: Float64Array) => boolean;

/**
 * Evaluates the points of a range, one after the other. A row depends on its point alone. What can be done at once is: a
 * promise for every point would take longer than a compiled mapping.
 */
export function rangeEvaluator(
  space: Space,
  columns: readonly Column[],
  subjects: Subjects,
): (range: Range, read: Read) => Promise<Rows> {
  const { constraints } = space;
  const formulas = inputsOf(space).map(({ run }) => run);
  const inputs = new Float64Array(formulas.length);
  const firstMetric = columns.findIndex(({ role }) => role === 'metric');
  const firstOutcome = columns.length - outcomeColumns.length;
  const texts = space.axes.map(({ values }) => (values.kind === 'texts' ? values.texts.map((t) => t.text) : undefined));
  /** Axes, derived values, and metrics for the constraints. */
  const values = new Float64Array(firstOutcome);

  const writeOutcome = (row: RowWriter, status: Status, diagnostic?: string): void => {
    row.setText(firstOutcome, status);
    if (diagnostic !== undefined) row.setText(firstOutcome + 1, diagnostic);
  };
  const writeFigures = (row: RowWriter, { figures }: OpenSubject, found: RunFigures): void => {
    for (let i = 0; i < figures.length; i++) {
      const figure = figures[i];
      const column = firstMetric + i;
      values[column] = Number.NaN;
      if (figure === undefined) continue;
      if (figure.type === 'text') row.setText(column, figure.read(found));
      else {
        values[column] = figure.read(found);
        row.setNumber(column, values[column]!);
      }
    }
  };
  const writePoint = (row: RowWriter, point: number): void => {
    row.begin(point);
    for (let c = 0; c < firstMetric; c++) {
      const names = texts[c];
      if (names === undefined) row.setNumber(c, values[c]!);
      else row.setText(c, names[values[c]!]!);
    }
  };
  const write = (row: RowWriter, subject: OpenSubject, found: RunFigures | Refusal): void => {
    if ('refused' in found) {
      writeOutcome(row, 'failed', found.refused);
      return;
    }
    writeFigures(row, subject, found);
    let isWanted = true;
    for (const { holds } of constraints) isWanted &&= holds(values);
    writeOutcome(row, isWanted ? 'ok' : 'excluded');
  };

  return async (range, read) => {
    const row = openRows(columns, range);
    for (let point = range.first; point < range.first + range.count; point++) {
      if (!read(point, values)) continue;
      writePoint(row, point);
      const known = subjects.at(values);
      const subject = 'then' in known ? await known : known;
      if (!subject.ok) {
        writeOutcome(row, 'failed', refusal(subject.diagnostics).refused);
        continue;
      }
      for (let i = 0; i < formulas.length; i++) inputs[i] = formulas[i]!(values);
      const found = subject.value.evaluate(inputs);
      write(row, subject.value, 'then' in found ? await found : found);
    }
    return row.rows();
  };
}
