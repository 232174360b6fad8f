import { type Result, success } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import { quoteName } from './duckdb.ts';
import type { Identity, Objective } from './identity.ts';
import { paretoFront, signed } from './pareto.ts';
import type { StoreReader } from './read-store.ts';
import { type Statement, statementOf, textOf } from './statement.ts';

/** The point and all columns, without the hashes, which are the same for all. */
export const columnList = ({ columns }: Identity): string =>
  ['point', ...columns.map((c) => quoteName(c.name))].join(', ');

/** From the best on; points that are alike by their number. */
const order = (objectives: readonly Objective[]): string =>
  [...objectives.map(({ metric, goal }) => quoteName(metric) + (goal === 'maximize' ? ' DESC' : '')), 'point'].join(
    ', ',
  );

/** Points that are ok, have all objectives, and for which a condition of a user's holds. */
function candidates(selected: string, objectives: readonly Objective[], where: Source, after = ''): Statement {
  const known = objectives.map(({ metric }) => ` AND ${quoteName(metric)} IS NOT NULL`).join('');
  // A condition may end with a comment.
  return statementOf(where, `SELECT ${selected} FROM points WHERE status = 'ok'${known} AND (`, `\n)${after}`);
}

/** The statement that gives the best points; to be checked, since the condition is a user's. */
export const bestPoints = (identity: Identity, objective: Objective, where: Source, top: number): Statement =>
  candidates(columnList(identity), [objective], where, ` ORDER BY ${order([objective])} LIMIT ${top}`);

/** A front, and what it is the front of. */
export type Front = {
  readonly objectives: readonly Objective[];
  /** Objectives of all candidates, by objective. */
  readonly values: readonly Float64Array[];
  /** Which of the candidates are in the front, by the first objective. */
  readonly positions: Uint32Array;
  /** Gives the rows of the front from the best by the first objective on. */
  readonly statement: string;
};

/** The points that no other beats, in all objectives at once. Errors: `bad-query` of the condition. */
export async function findFront(
  store: StoreReader,
  objectives: readonly Objective[],
  where: Source,
): Promise<Result<Front>> {
  const names = objectives.map(({ metric }) => quoteName(metric));
  const asked = candidates(['point', ...names].join(', '), objectives, where);
  const checked = await store.check(asked);
  if (!checked.ok) return checked;
  const [points, ...values] = await store.askNumbers(textOf(asked));
  const positions = paretoFront(signed(objectives, values));
  await store.choose(Float64Array.from(positions, (i) => points![i]!));
  const rows = `SELECT ${columnList(store.identity)} FROM points SEMI JOIN chosen USING (point)`;
  const statement = `${rows} ORDER BY ${order(objectives)}`;
  return success({ objectives, values, positions, statement });
}
