import type { SweepColumn } from './sweep-column.ts';
import type { SweepPageColumn, SweepPageObjective } from './sweep-data.ts';

/** What a page shows before anyone chooses: columns by position. */
export type SweepView = {
  readonly x: number | undefined;
  readonly y: number | undefined;
  readonly colour: number | undefined;
  /** Those that have an axis side by side. */
  readonly axes: readonly number[];
};

/** A described and unpacked column. */
export type ViewColumn = SweepColumn & Pick<SweepPageColumn, 'name' | 'unit' | 'role'>;

/** More axes than these are not told apart; texts of more values are not listed. */
const mostAxes = 14;
export const mostListed = 24;

const varies = ({ values }: ViewColumn): boolean => values.length > 1;

/** The first two objectives, coloured by the axis that tells most of them; axes and objectives side by side. */
export function usualView(columns: readonly ViewColumn[], objectives: readonly SweepPageObjective[]): SweepView {
  const all = columns.map((_, c) => c);
  const of = (...roles: readonly ViewColumn['role'][]) => all.filter((c) => roles.includes(columns[c]!.role));
  const goals = objectives.map((o) => o.column);
  const numbers = [...new Set([...goals, ...of('metric'), ...of('axis', 'other'), ...of('number')])].filter(
    (c) => columns[c]!.kind === 'number',
  );
  const [x, y = x] = [...numbers.filter((c) => goals.includes(c) || varies(columns[c]!)), ...numbers];
  const candidates = of('axis', 'other').filter((c) => varies(columns[c]!) && c !== x && c !== y);
  const listed = candidates.filter((c) => columns[c]!.kind === 'number' || columns[c]!.values.length <= mostListed);
  const told = [x, y].flatMap((c) => (c === undefined ? [] : [columns[c]!]));
  const telling = (c: number): number => told.reduce((sum, column) => sum + tellingShare(columns[c]!, column), 0);
  const [colour] = listed.map((c) => ({ c, share: telling(c) })).sort((a, b) => b.share - a.share);
  const shown = goals.length > 0 ? goals : numbers.filter((c) => columns[c]!.role !== 'number' && varies(columns[c]!));
  return {
    x,
    y,
    colour: colour?.c,
    axes: [...new Set([...listed, ...shown])].sort((a, b) => a - b).slice(0, mostAxes),
  };
}

/** Numbers of more values are taken together, as many in each of so many groups. */
const mostGroups = 16;

/**
 * How much of the variance of a column, ranked, is between the groups that another one makes of its rows: from 0 to 1
 * (the correlation ratio, eta squared).
 */
export function tellingShare(by: SweepColumn, of: SweepColumn): number {
  const groups = Math.min(by.values.length, mostGroups);
  const [counts, sums] = [new Float64Array(groups), new Float64Array(groups)];
  let [count, sum, squares] = [0, 0, 0];
  for (let row = 0; row < of.codes.length; row++) {
    const [rank, code] = [of.codes[row]!, by.codes[row]!];
    if (rank === of.values.length || code === by.values.length) continue;
    const group = Math.floor((code * groups) / by.values.length);
    counts[group]!++;
    sums[group]! += rank;
    count++;
    sum += rank;
    squares += rank * rank;
  }
  const mean = sum / count;
  const total = squares - count * mean * mean;
  if (!(total > 0)) return 0;
  let between = 0;
  for (let g = 0; g < groups; g++) if (counts[g]! > 0) between += counts[g]! * (sums[g]! / counts[g]! - mean) ** 2;
  return between / total;
}
