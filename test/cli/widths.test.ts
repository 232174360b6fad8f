import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { widthOf } from '../../src/wrap-text.ts';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const store = join(folder, 'sweep.duckdb');

// Workers of a sweep need the built program.
beforeAll(() => {
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  execFileSync(process.execPath, [main, 'sweep', 'first-sweep', '--out', store, '--quiet'], { stdio: 'inherit' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const sizes = ['--set', 'P=1024', '--set', 'M=1024'];
const bert = ['attention-1-pass', 'fusemax', '--workload', 'bert-base', ...sizes];
const small = ['--set', 'M=64', '--set', 'N=64', '--set', 'K=64'];

/** Command lines that take a while. */
const slow: readonly (readonly string[])[] = [
  ['run', ...bert, '--mapping', 'fusemax-binding', '--model', 'both', '--stalls', '--detail'],
  ['map', 'gemm', 'fusemax', ...small, '--effort', '5', '--explain', '--no-simulate'],
  ['validate', 'fusemax'],
];

const quick: readonly (readonly string[])[] = [
  ['analyze', 'attention-3-pass', '--workload', 'bert-base'],
  ['execute', 'gemm', '--set', 'M=2', '--set', 'N=8', '--set', 'K=4', '--format', 'fp16'],
  ['check', 'first-sweep', 'fusemax', 'test/cases/errors/cascade/unknown-rank.einsum'],
  ['query', store],
  ['query', store, 'select * from points'],
  ['best', store],
  ['best', store, '--top', '3'],
  ['pareto', store],
  ['sensitivity', 'first-sweep', '--point', '3'],
  ['list'],
  ['show', 'h100-sxm'],
  ['show', 'fusemax'],
  ['lst'],
];

/** A word that is longer than the line cannot but be, and a mapping is printed as it is written to a file. */
const isExcepted = (line: string): boolean => !line.trim().includes(' ') || /^ {2,}compute .* on .*\)$/.test(line);

async function longLines(args: readonly string[], width: number): Promise<readonly string[]> {
  const { out, error } = await runCommand(args, width);
  return `${out}${error}`.split('\n').filter((line) => widthOf(line) > width && !isExcepted(line));
}

test.each([40, 60, 80, 120, 200])('at %i columns no line is longer', async (width) => {
  for (const args of width === 40 ? [...slow, ...quick] : quick)
    expect(await longLines(args, width), args.join(' ')).toEqual([]);
});

test('what does not fit beside each other stands below, and nothing is lost', async () => {
  const args = ['show', 'h100-sxm'];
  const words = (text: string): readonly string[] =>
    [...new Set(text.split(/\s+/).filter((word) => !word.startsWith('--')))].sort();
  expect(words((await runCommand(args, 80)).out)).toEqual(words((await runCommand(args)).out));
});
