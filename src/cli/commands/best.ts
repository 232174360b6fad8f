import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { renderPairs } from '../../report/table.ts';
import { type Answer, allRows } from '../../sweep/answer.ts';
import { bestPoints } from '../../sweep/best-points.ts';
import type { Identity, Objective } from '../../sweep/identity.ts';
import { textOf } from '../../sweep/statement.ts';
import { outcomeColumns } from '../../sweep/table.ts';
import { wrapSentence } from '../../wrap-text.ts';
import { answerTable, figureText, inOnePart, rowData } from '../answer-text.ts';
import { readCount } from '../choices.ts';
import { conditionOf, objectiveText, readObjective } from '../store-options.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';
import { asking, withStore } from '../with-store.ts';

export type BestOptions = {
  readonly file: string;
  readonly by?: string;
  readonly maximize?: boolean;
  readonly where?: string;
  readonly top: string;
  readonly json?: boolean;
};

/** `attnsim best FILE`: the points of a sweep that are best by an objective, with all that the table says of them. */
export async function best(options: BestOptions, terminal: Terminal): Promise<number> {
  const top = readCount('--top', options.top);
  if (!top.ok) return refuse(terminal, top.diagnostics, exitCodes.usageWrong);
  return await withStore(options.file, undefined, terminal, async (store) => {
    const objective = chooseObjective(store.identity, options);
    if (!objective.ok) return objective;
    const statement = bestPoints(store.identity, objective.value, conditionOf(options.where), top.value);
    const checked = await store.check(statement);
    if (!checked.ok) return checked;
    return await asking(options.file, statement, async () =>
      print(await store.ask(textOf(statement)), objective.value, options, terminal),
    );
  });
}

function chooseObjective(identity: Identity, { by, maximize }: BestOptions): Result<Objective> {
  const [first] = identity.objectives;
  if (by === undefined && first === undefined)
    return failure([
      diagnostic('missing-argument', 'the sweep has no objective: name one with --by', undefined, {
        help: 'such as --by latency_s',
      }),
    ]);
  const objective = by === undefined ? success(first!) : readObjective(identity, by);
  return objective.ok && maximize === true ? success({ ...objective.value, goal: 'maximize' }) : objective;
}

async function print(
  answer: Answer,
  objective: Objective,
  { json, where }: BestOptions,
  terminal: Terminal,
): Promise<Result<void>> {
  const rows = await allRows(answer);
  if (rows.length === 0) {
    const message = `no point that is ok${where === undefined ? '' : ' and meets the condition'} has a value of "${objective.metric}"`;
    return failure([diagnostic('nothing-found', message, undefined)]);
  }
  if (json === true) {
    const points = rows.map((row) => rowData(answer, row));
    terminal.out(`${JSON.stringify({ ...objective, points }, undefined, 2)}\n`);
    return success(undefined);
  }
  // Points that are ok have no more to say of that.
  const shown = answer.columns.flatMap(({ name }, i) => (outcomeColumns.some((c) => c.name === name) ? [] : [i]));
  const columns = shown.map((i) => answer.columns[i]!);
  const cells = rows.map((row) => shown.map((i) => row[i] ?? null));
  const [only] = cells;
  terminal.out(
    cells.length === 1
      ? `${wrapSentence(`The point with ${objectiveText(objective)}:`, terminal)}${renderPairs(
          columns.map(({ name }, i) => [name, figureText(only![i]!)]),
          { ...terminal, indent: '  ' },
        )}`
      : `${wrapSentence(`The ${cells.length} points with ${objectiveText(objective)}:`, terminal)}${await answerTable({ columns, parts: inOnePart(cells) }, terminal, figureText)}`,
  );
  return success(undefined);
}
