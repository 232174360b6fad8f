import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declaredProgram } from '../src/cli/program.ts';
import { splitArguments } from './cases/command-errors.ts';
import { expectWritten } from './documented.ts';
import { printed } from './reference/printed.ts';
import { printedTable } from './reference/printed-fields.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const store = join(folder, 'first.duckdb');
afterAll(() => rmSync(folder, { recursive: true }));

function run(line: string): string {
  const words = splitArguments(line.replace('STORE', store).replaceAll('FOLDER', folder));
  return execFileSync(process.execPath, [join(import.meta.dirname, '../dist/cli/main.js'), ...words], {
    encoding: 'utf8',
  });
}

beforeAll(() => {
  run('sweep first-sweep --out STORE --quiet');
  for (const [name, size] of [
    ['a', 512],
    ['b', 1024],
  ])
    run(`run gemm fusemax --set M=${size} --set N=512 --set K=512 --model analytic --out FOLDER/${name}.json`);
});

test('the reference has all fields that commands print', () => {
  const withJson = declaredProgram().commands.filter((c) => c.options.some((o) => o.long === '--json'));
  // Schemas say what these print.
  const others = withJson.map((c) => c.name()).filter((name) => name !== 'run' && name !== 'validate');
  expect(printed.map(({ command }) => command)).toEqual(others.sort());
  const parts: string[] = [];
  for (const of of printed) {
    const documents = of.lines.map((line) => JSON.parse(run(`${of.command} ${line} --json`)) as unknown);
    const { table, silent } = printedTable(of, documents);
    expect({ command: of.command, silent }).toEqual({ command: of.command, silent: [] });
    parts.push(`## attnsim ${of.command} --json\n\n${table}`);
  }
  const head =
    '# Fields of what commands print\n\n' +
    'What `--json` prints of commands other than `run`, whose [report](report.md), and `validate`, whose\n' +
    '[validation](validation.md) have schemas. NAME stands for any name, [] for an element of a list;\nwhat has no kind is empty in the runs that this is made of.\n\n';
  expectWritten('docs/reference/printed.md', head + parts.join('\n'));
});
