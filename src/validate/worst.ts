import type { Validation, ValidationFigure, ValidationRow, ValidationWorst } from '../report/validation.ts';

const boundText = ({ bound, mapping }: ValidationRow['runs'][number]): string =>
  bound === null
    ? ''
    : `${mapping} is bound by ${bound.kind} (${bound.resource} busy ${(bound.busy * 100).toFixed(0)}%)`;

/** The errors that are largest for their tolerance, of rows that are not set aside, with what is known of their cause. */
export function worstErrors(
  { figures, rows, rules }: Pick<Validation, 'figures' | 'rows' | 'rules'>,
  most: number,
): readonly ValidationWorst[] {
  const judged = figures.filter(
    (figure): figure is ValidationFigure & { tolerance: number } => figure.tolerance !== null,
  );
  const errors = rows
    .filter((row) => row.aside === null)
    .flatMap((row) =>
      judged.flatMap(({ name, tolerance }) => {
        const error = row.figures[name];
        return error === undefined ? [] : [{ row, name, error, size: Math.abs(error.error) / tolerance }];
      }),
    );
  return errors
    .filter(({ error }) => Math.abs(error.error) >= 1e-9)
    .sort((a, b) => b.size - a.size)
    .slice(0, most)
    .map(({ row, name, error }) => {
      const known = error.rule === null ? row.runs.map(boundText) : [rules[error.rule] ?? error.rule];
      const causes = [...known, row.note ?? ''].filter((cause) => cause !== '');
      return {
        row: row.row,
        series: row.series,
        label: row.label,
        figure: name,
        error,
        likely_cause: causes.length === 0 ? null : causes.join('; '),
      };
    });
}
