import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { LineChart, LinePoint } from '../figures/line-layout.ts';
import { axisOf } from '../figures/value-axis.ts';
import { type Source, span } from '../source.ts';
import type { Answer } from '../sweep/answer.ts';

/** Lines of more colours cannot be told apart. */
const mostLines = 20;

/** More points than pixels. */
const mostPoints = 10_000;

/**
 * What a statement gives as lines: its first column is x, its second y, a third one names the line. Rows without x or y are
 * left out. Errors: `bad-query` where the columns are others, or lines or points too many; `nothing-found`.
 */
export async function linesChart(answer: Answer, statement: Source, title: string): Promise<Result<LineChart>> {
  const { columns } = answer;
  const refused = (message: string): Result<never> =>
    failure([
      diagnostic('bad-query', message, span(statement, 0, statement.text.length), {
        help: 'lines are x, y and, for more than one, the name of the line: "select L, latency_s, machine from points"',
      }),
    ]);
  if (columns.length < 2 || columns.length > 3)
    return refused(`it gives ${columns.length === 1 ? 'one column' : `${columns.length} columns`}`);
  const text = columns.slice(0, 2).find(({ isNumber }) => !isNumber);
  if (text !== undefined) return refused(`column "${text.name}" has no numbers`);

  const lines = new Map<string, LinePoint[]>();
  let count = 0;
  for await (const part of answer.parts)
    for (const [x, y, name] of part.rows()) {
      if (typeof x !== 'number' || typeof y !== 'number') continue;
      const line = nameText(name);
      const points = lines.get(line);
      if (points === undefined) lines.set(line, [{ x, y }]);
      else points.push({ x, y });
      if (lines.size > mostLines) return refused(`it gives more than ${mostLines} lines, which cannot be told apart`);
      if (++count > mostPoints) return refused(`it gives more than ${mostPoints} points, which no figure can show`);
    }
  if (lines.size === 0)
    return failure([diagnostic('nothing-found', 'the statement gives no row with numbers x and y', undefined)]);

  const points = [...lines.values()].flat();
  return success({
    kind: 'lines',
    title,
    source: 'attnsim',
    x: axisOf(
      columns[0]!.name,
      points.map((p) => p.x),
    ),
    y: axisOf(
      columns[1]!.name,
      points.map((p) => p.y),
    ),
    series: [...lines].map(([name, all]) => ({ name, points: all.toSorted((a, b) => a.x - b.x || a.y - b.y) })),
  });
}

/** A name on one line of a legend. */
const nameText = (name: unknown): string =>
  name === null || name === undefined ? '' : String(name).replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
