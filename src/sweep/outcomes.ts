import { invariant } from '../invariant.ts';
import type { OpenSweep } from './open-sweep.ts';
import { type Cells, outcomeColumns } from './table.ts';

/** What became of a point that may lie beside the grid. */
export type Outcome =
  /** `excluded`: a constraint does not hold. Figures by metric of the experiment; NaN where there is none. */
  | { readonly kind: 'found'; readonly excluded: boolean; readonly figures: readonly number[] }
  | { readonly kind: 'missing'; readonly reason: string };

/** Evaluates points, given by their axes in base units. */
export async function outcomesAt(sweep: OpenSweep, points: readonly ArrayLike<number>[]): Promise<readonly Outcome[]> {
  const { columns, points: numbers } = await sweep.evaluateAt(points);
  const rows = new Map([...numbers].map((point, row) => [point, row]));
  const first = sweep.columns.length - outcomeColumns.length;
  const metrics = sweep.columns.flatMap(({ role }, c) => (role === 'metric' ? [columns[c]!] : []));
  return points.map((point, i): Outcome => {
    const row = rows.get(i);
    if (row === undefined) return { kind: 'missing', reason: `not in the space: ${brokenCondition(sweep, point)}` };
    const [status, reason] = [first, first + 1].map((c) => textAt(columns[c]!, row));
    return status === 'failed'
      ? { kind: 'missing', reason: reason! }
      : {
          kind: 'found',
          excluded: status === 'excluded',
          figures: metrics.map((cells) => ('codes' in cells ? Number.NaN : cells[row]!)),
        };
  });
}

const textAt = (cells: Cells, row: number): string | undefined =>
  'codes' in cells ? cells.texts[cells.codes[row]!] : undefined;

/** The first condition of `where` that does not hold. */
function brokenCondition({ space, experiment }: OpenSweep, point: ArrayLike<number>): string {
  const values = new Float64Array(space.axes.length + space.derived.size);
  values.set(point);
  space.complete(values);
  const broken = space.where.findIndex(({ holds }) => !holds(values));
  invariant(broken >= 0, 'a condition excludes what is outside of the space');
  return `"${experiment.where[broken]!.text}" does not hold`;
}
