import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { coloured, coloursOf } from '../../src/cli/colours.ts';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['both', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
])('colours: %s', (_, environment, isTerminal, expected) => {
  expect(coloursOf(environment, isTerminal)).toBe(expected ? coloured : undefined);
});

test.each([
  [['list', 'workloads']],
  [['analyze', 'gemm', '--set', 'M=4', '--set', 'N=4', '--set', 'K=4']],
  [['show', 'h100-sxm']],
  [['list', 'mapings']],
  [['check', 'test/cases/errors/cascade/unknown-rank.einsum']],
  [['run', '--help']],
])('%j: colours change nothing but colours', async (args) => {
  const plain = await runCommand(args);
  const painted = await runCommand([...args, '--color', 'always']);
  expect(painted).not.toEqual(plain);
  expect({
    ...painted,
    out: stripVTControlCharacters(painted.out),
    error: stripVTControlCharacters(painted.error),
  }).toEqual(plain);
});

const sizes = ['--set', 'M=64', '--set', 'N=64', '--set', 'K=64'];
const gemm = ['run', 'gemm', 'fusemax', ...sizes, '--mapping', 'auto', '--model', 'analytic'];

test('--quiet says nothing of what is written into files', async () => {
  const report = join(folder, 'report.json');
  expect(await runCommand(['--quiet', ...gemm, '--out', report])).toEqual({ code: 0, out: '', error: '' });
  expect(readdirSync(folder)).toEqual(['report.json']);
  const comparison = ['compare', `a=${report}`, `b=${report}`, '--quiet'];
  expect((await runCommand(comparison)).out).toMatch(/speed-up/);
  const html = join(folder, 'page.html');
  expect(await runCommand([...comparison, '--html', html])).toEqual({ code: 0, out: '', error: '' });
  expect(await runCommand(['check', '-q', 'fusemax'])).toEqual({ code: 0, out: '', error: '' });
});

test('--quiet prints what is asked for, and what is wrong', async () => {
  const loud = await runCommand(gemm);
  const quiet = await runCommand([...gemm, '--quiet']);
  expect(loud.out.endsWith(quiet.out)).toBe(true);
  expect(quiet.out).toMatch(/^gemm on fusemax/);
  const mapping = await runCommand(['map', 'gemm', 'fusemax', ...sizes, '--effort', '10', '--quiet']);
  expect(mapping.out).toMatch(/^mapping .*compute[^\n]*\n$/s);
  expect(JSON.parse((await runCommand([...gemm, '--quiet', '--json'])).out)).toMatchObject({ cascade: 'gemm' });
  const wrong = await runCommand(['check', 'nothing.map', '--quiet']);
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.error).toContain('error[unreadable-file]');
});
