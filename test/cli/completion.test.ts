import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const main = join(import.meta.dirname, '../../dist/cli/main.js');

beforeAll(() => {
  symlinkSync(main, join(folder, 'attnsim'));
  writeFileSync(join(folder, 'fusemax of mine.yaml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const offered = async (...words: string[]): Promise<readonly string[]> => {
  const { out, error, code } = await runCommand(['complete', '--', ...words]);
  expect({ error, code }).toEqual({ error: '', code: 0 });
  return out.split('\n').flatMap((line) => line.split('\t')[0] || []);
};

test.each([
  ['commands', ['ma'], ['map']],
  ['commands of commands', ['plot', 'l'], ['lines']],
  ['commands to be told about', ['help', 'exe'], ['execute']],
  ['options', ['run', '--mod'], ['--model']],
  ['options of all commands', ['best', 'x.duckdb', '--q'], ['--quiet']],
  ['choices', ['run', 'gemm', 'fusemax', '--model', ''], ['analytic', 'cycle', 'both']],
  ['tools that files come from', ['import', '--from', 't'], ['timeloop', 'teaal']],
  ['choices after "="', ['run', '--model', '=', 'c'], ['cycle']],
  ['choices in a word with "="', ['run', '--model=c'], ['--model=cycle']],
  ['choices in a list', ['map', 'gemm', 'fusemax', '--choose', 'tiles,st'], ['tiles,stages']],
  ['arguments that are choices', ['validate', 's'], ['spatten']],
  [
    'cascades, and files',
    ['run', 'attention-2'],
    ['attention-2-pass', 'attention-2-pass-deferred', 'attention-2-pass-unshifted', ':files'],
  ],
  ['machines', ['run', '--model', 'cycle', 'gemm', 'gb'], ['gb200', 'gb300', ':files']],
  ['mappings', ['run', 'gemm', 'fusemax', '--mapping', 'au'], ['auto', ':files']],
  ['workloads', ['analyze', 'gemm', '--workload', 'bert'], ['bert-base', ':files']],
  ['design spaces', ['sweep', 'first'], ['first-sweep', ':files']],
  ['all that can be checked', ['check', 'gemm', 'flash-h'], ['flash-h100', ':files']],
  ["nothing where a text of one's own stands", ['best', 'x.duckdb', '--where', ''], []],
  ['nothing after the last argument', ['completion', 'bash', ''], []],
])('a shell offers %s', async (_, words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test('options that are given are not offered again, unless they are repeatable', async () => {
  const more = await offered('run', 'gemm', 'fusemax', '--json', '--set', 'M=4', '--');
  expect(more).not.toContain('--json');
  expect(more).toContain('--set');
});

/** What bash puts in place of the last word. */
function completedByBash(...words: string[]): readonly string[] {
  const script = `compopt() { :; }; source <(attnsim completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _attnsim
    printf '%s\\n' "\${COMPREPLY[@]}"; complete -p attnsim`;
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  const out = execFileSync('bash', ['-c', script, 'bash', ...words], { cwd: folder, env, encoding: 'utf8' });
  const lines = out.trimEnd().split('\n');
  expect(lines.pop()).toBe('complete -F _attnsim attnsim');
  return lines.filter((line) => line !== '');
}

test('bash completes with the script that is printed: names, files with spaces, nothing', () => {
  expect(completedByBash('attnsim', 'run', 'gemm', 'fusemax')).toEqual([
    'fusemax',
    'fusemax-buffer-ports',
    'fusemax of mine.yaml',
  ]);
  expect(completedByBash('attnsim', 'run', '--model', '=')).toEqual(['analytic', 'cycle', 'both']);
  expect(completedByBash('attnsim', 'completion', 'bash', '')).toEqual([]);
});

/** Shells that are there read their script; the others have it as text only. */
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

test.each(['bash', 'zsh', 'fish'])('the script for %s asks the program, and can be read', async (shell) => {
  const { out } = await runCommand(['completion', shell]);
  expect(out).toContain(' complete -- ');
  if (isThere(shell))
    expect(spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('there is no script for other shells', async () => {
  const { code, error } = await runCommand(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(error).toContain('"tcsh" is none of bash, zsh, fish');
});
