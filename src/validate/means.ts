import type { Validation, ValidationGroup, ValidationMean, ValidationRow } from '../report/validation.ts';

type Means = Readonly<Record<string, ValidationMean>>;

/** By figure, over rows that are not set aside. */
function meansOf(rows: readonly ValidationRow[]): Means {
  const means: Record<string, ValidationMean> = {};
  for (const row of rows) {
    if (row.aside !== null) continue;
    for (const [name, { error }] of Object.entries(row.figures)) {
      const before = means[name];
      const points = (before?.points ?? 0) + 1;
      const sum = (before?.mean_absolute_error ?? 0) * (points - 1) + Math.abs(error);
      const worst = before === undefined || Math.abs(error) > Math.abs(before.worst_error);
      means[name] = {
        points,
        mean_absolute_error: sum / points,
        worst_error: worst ? error : before.worst_error,
        worst_label: worst ? row.label : before.worst_label,
      };
    }
  }
  return means;
}

/** Rows with the same key together, in the order in which the keys come first. */
function together<T>(rows: readonly ValidationRow[], keyOf: (row: ValidationRow) => T): Map<T, ValidationRow[]> {
  const parts = new Map<T, ValidationRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [row]);
    else part.push(row);
  }
  return parts;
}

const hasMeans = (means: Means): boolean => Object.keys(means).length > 0;

export function seriesMeans(rows: readonly ValidationRow[]): Validation['series'] {
  const series = [...together(rows, (row) => row.series)].map(([name, part]) => [name, meansOf(part)] as const);
  return Object.fromEntries(series.filter(([, means]) => hasMeans(means)));
}

/** For each list of names: the rows that have them all, by what they say there, in the order of the words. */
export function groupMeans(
  rows: readonly ValidationRow[],
  meansBy: readonly (readonly string[])[],
): readonly ValidationGroup[] {
  return meansBy.flatMap((names) => {
    const having = rows.filter((row) => names.every((name) => Object.hasOwn(row.groups, name)));
    const parts = together(having, (row) => JSON.stringify(names.map((name) => [name, row.groups[name]])));
    return [...parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => ({ of: Object.fromEntries(JSON.parse(key)), figures: meansOf(part) }))
      .filter(({ figures }) => hasMeans(figures));
  });
}
