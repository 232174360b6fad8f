import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { type FrontObjective, frontChart } from '../../figures/front-chart.ts';
import type { LineChart } from '../../figures/line-layout.ts';
import { type Answer, allRows } from '../../sweep/answer.ts';
import { type Front, findFront } from '../../sweep/best-points.ts';
import type { Identity, Objective } from '../../sweep/identity.ts';
import type { StoreReader } from '../../sweep/read-store.ts';
import { statementOf } from '../../sweep/statement.ts';
import type { TableFile } from '../../sweep/table-file.ts';
import { wrapSentence } from '../../wrap-text.ts';
import { answerTable, figureText, inOnePart, rowData } from '../answer-text.ts';
import { conditionOf, objectiveText, readObjectives, readTableFile } from '../store-options.ts';
import { exitCodes, printResult, refuse, type Terminal } from '../terminal.ts';
import { asking, withStore } from '../with-store.ts';
import { writeChart } from '../write-chart.ts';

export type ParetoOptions = {
  readonly file: string;
  readonly objectives?: string;
  readonly where?: string;
  readonly out?: string;
  readonly svg?: string;
  readonly json?: boolean;
};

/** `attnsim pareto FILE`: the points of a sweep that no other beats in all of some objectives. */
export async function pareto(options: ParetoOptions, terminal: Terminal): Promise<number> {
  const out: Result<TableFile | undefined> =
    options.out === undefined ? success(undefined) : readTableFile('--out', options.out);
  if (!out.ok) return refuse(terminal, out.diagnostics, exitCodes.usageWrong);
  return await withStore(options.file, out.value, terminal, async (store) => {
    const objectives = readObjectives(store.identity, options.objectives);
    if (!objectives.ok) return objectives;
    const where = conditionOf(options.where);
    return await asking(options.file, statementOf(where), async () => {
      const front = await findFront(store, objectives.value, where);
      return front.ok ? await tell(store, front.value, options, terminal) : front;
    });
  });
}

async function tell(
  store: StoreReader,
  front: Front,
  options: ParetoOptions,
  terminal: Terminal,
): Promise<Result<unknown>> {
  const { objectives, positions, values, statement } = front;
  const candidates = values[0]!.length;
  if (positions.length === 0) {
    const names = objectives.map((o) => `"${o.metric}"`).join(', ');
    const message = `no point that is ok${options.where === undefined ? '' : ' and meets the condition'} has values of ${names}`;
    return failure([diagnostic('nothing-found', message, undefined)]);
  }
  const answer = await store.ask(statement);
  const found = { columns: answer.columns, rows: await allRows(answer) };
  if (options.json === true) {
    const points = found.rows.map((row) => rowData(found, row));
    terminal.out(`${JSON.stringify({ objectives, candidates, points }, undefined, 2)}\n`);
  } else {
    const head = `Front of ${positions.length} among ${candidates} points: ${objectives.map(objectiveText).join(', ')}`;
    const table = await answerTable(distinct(found, store.identity, objectives), terminal, figureText);
    printResult(terminal, wrapSentence(head, terminal) + table, [options.out, options.svg]);
  }
  const written = options.out === undefined ? success(undefined) : await store.write(statement);
  return written.ok && options.svg !== undefined
    ? await writeChart(options.svg, chartOf(front, store.identity.name))
    : written;
}

/** The first two objectives of a front, over all that it is the front of. */
function chartOf({ objectives, values, positions }: Front, name: string): LineChart {
  const objective = (i: number): FrontObjective => ({
    title: objectives[i]!.metric,
    goal: objectives[i]!.goal,
    values: values[i]!,
  });
  return frontChart({
    title: `Front of ${name}`,
    source: `attnsim; ${positions.length} of ${values[0]!.length} points are in the front`,
    x: objective(0),
    y: objective(1),
    positions,
    isWhole: objectives.length === 2,
  });
}

type Found = { readonly columns: Answer['columns']; readonly rows: Awaited<ReturnType<typeof allRows>> };

/** Parameters and objectives; of points with the same objectives only the first, and how many there are. */
function distinct({ columns, rows }: Found, identity: Identity, objectives: readonly Objective[]): Answer {
  const at = (name: string): number => columns.findIndex((c) => c.name === name);
  const compared = objectives.map((o) => at(o.metric));
  const parameters = identity.columns.filter((c) => c.role === 'parameter').map((c) => at(c.name));
  const shown = [at('point'), ...parameters, ...compared];
  const first = rows.flatMap((row, i) =>
    i > 0 && compared.every((c) => row[c] === rows[i - 1]![c]) ? [] : [{ row, place: i }],
  );
  const alike = first.map(({ place }, i) => (first[i + 1]?.place ?? rows.length) - place);
  const hasAlike = alike.some((count) => count > 1);
  return {
    columns: [...shown.map((c) => columns[c]!), ...(hasAlike ? [{ name: 'alike', isNumber: true }] : [])],
    parts: inOnePart(
      first.map(({ row }, i) => [...shown.map((c) => row[c] ?? null), ...(hasAlike ? [alike[i]!] : [])]),
    ),
  };
}
