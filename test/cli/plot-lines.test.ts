import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesChart } from '../../src/cli/lines-chart.ts';
import type { Answer } from '../../src/sweep/answer.ts';
import { runCommand } from '../cases/command-errors.ts';
import { must } from '../mapper/inputs.ts';
import { storeWith } from '../sweep/tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const store = join(folder, 'sweep.duckdb');
const figure = join(folder, 'figures/lines.svg');

beforeAll(() => storeWith(store, [{ first: 0, count: 100 }]));
afterAll(() => rmSync(folder, { recursive: true }));

type Rows = readonly (readonly (number | string | null)[])[];

async function* inParts(rows: Rows): Answer['parts'] {
  for (const row of rows) yield { count: 1, rows: () => [row] };
}

const answerOf = (names: readonly string[], rows: Rows): Answer => ({
  columns: names.map((name, i) => ({ name, isNumber: i < 2 })),
  parts: inParts(rows),
});

const chartOf = async (answer: Answer) =>
  must(await linesChart(answer, { name: 'statement', text: 'select' }, 'title'));

test('lines are in the order of their first rows, their points by x, and what has no number is left out', async () => {
  const rows = [
    [4, 8, 'b'],
    [2, 1, 'a'],
    [1, 5, 'b'],
    [3, null, 'a'],
    [2, 7, 'b'],
    ['Infinity', 1, 'a'],
    [9, 9, null],
  ];
  const chart = await chartOf(answerOf(['length', 'time (s)', 'machine'], rows));
  expect(chart.series).toEqual([
    {
      name: 'b',
      points: [
        { x: 1, y: 5 },
        { x: 2, y: 7 },
        { x: 4, y: 8 },
      ],
    },
    { name: 'a', points: [{ x: 2, y: 1 }] },
    { name: '', points: [{ x: 9, y: 9 }] },
  ]);
  expect([chart.x.title, chart.y.title, chart.title]).toEqual(['length', 'time (s)', 'title']);
});

test('axes over more than a factor of 20 are logarithmic, but not those with zero', async () => {
  const scales = async (values: readonly number[]) => {
    const chart = await chartOf(
      answerOf(
        ['x', 'y'],
        values.map((v) => [v, 1]),
      ),
    );
    return [chart.x.scale, chart.y.scale];
  };
  expect(await scales([1, 20])).toEqual(['linear', 'linear']);
  expect(await scales([1, 21])).toEqual(['log', 'linear']);
  expect(await scales([0, 21])).toEqual(['linear', 'linear']);
});

test('no figure has more than ten thousand points', async () => {
  const rows = Array.from({ length: 10_001 }, (_, i) => [i, 1]);
  const [all, most] = [answerOf(['x', 'y'], rows), answerOf(['x', 'y'], rows.slice(1))];
  expect((await chartOf(most)).series[0]!.points).toHaveLength(10_000);
  expect(await linesChart(all, { name: 'statement', text: 'select' }, 'title')).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'bad-query', message: 'it gives more than 10000 points, which no figure can show' }],
  });
});

test('the command draws what the statement gives, the same bytes each time', async () => {
  const statement =
    'select point as "number", point * point + 1 as "square (s)", point % 3 as rest from points order by point';
  const draw = async (): Promise<string> => {
    const ran = await runCommand(['plot', 'lines', store, statement, '--out', figure, '--title', 'Squares']);
    expect(ran).toMatchObject({ code: 0, out: '', error: '' });
    return readFileSync(figure, 'utf8');
  };
  const first = await draw();
  for (const text of ['Squares', 'square (s)', 'number']) expect(first).toContain(`>${text}<`);
  expect(await draw()).toBe(first);
});

test('without a title it is the name of the sweep', async () => {
  const ran = await runCommand(['plot', 'lines', store, 'select point, 1 from points', '--out', figure]);
  expect(ran.code).toBe(0);
  expect(readFileSync(figure, 'utf8')).toContain('>buffers<');
});
