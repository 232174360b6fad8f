import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Validation } from '../../src/report/validation.ts';
import { runCommand } from '../cases/command-errors.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const attnsim = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd: folder, encoding: 'utf8' });

/** Rows of the shipped file that need no more than a moment, in its own form. */
const shipped = JSON.parse(readFileSync(join(root, 'experiments/fusemax/points.json'), 'utf8')) as {
  readonly results: readonly Record<string, unknown>[];
};
const short = shipped.results.filter(
  (r) => r['kernel'] === 'attention' && r['seqlen'] === 1024 && r['variant'] === 'binding',
);
const file = join(folder, 'points.json');
writeFileSync(file, JSON.stringify({ meta: { of: 'nobody reads this' }, results: short }));
const list = join(folder, 'list.json');
writeFileSync(list, JSON.stringify(short));

test('prints every error, their means, the worst and what is within tolerance', () => {
  const ran = attnsim('validate', 'fusemax', '--points', file);
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  for (const part of [
    /^fusemax, analytic model, artifact accounting: 1 points of/,
    /^attention, binding +latency +DRAM/m,
    /^BERT 1K +\+0\.\d+% +equal/m,
  ])
    expect(ran.stdout).toMatch(part);
  expect(ran.stdout).toMatch(/^mean absolute error +latency/m);
});

test('a list of rows is the same as a block with them; the same bytes every time', () => {
  const [block, plain, again] = [file, list, file].map((f) => attnsim('validate', 'fusemax', '--points', f, '--json'));
  expect(block!.status).toBe(0);
  expect(again!.stdout).toBe(block!.stdout);
  const validations = [block!, plain!].map((ran) => JSON.parse(ran.stdout) as Validation);
  expect(validations[0]!.rows.map((r) => r.row)).toEqual(['results[0]']);
  expect(validations.map((v) => v.rows.map((r) => r.figures))[1]).toEqual(validations[0]!.rows.map((r) => r.figures));
});

test('--model both: a validation of each; the simulator is held to its own tolerance', async () => {
  const args = ['validate', 'fusemax', '--points', file, '--model', 'both', '--json'];
  const { code, out } = await runCommand(args);
  expect(code).toBe(0);
  // Built, the simulator runs in workers; here it does not.
  expect(attnsim(...args).stdout).toBe(out);
  const validations = JSON.parse(out) as Validation[];
  expect(validations.map((v) => v.model)).toEqual(['analytic', 'cycle']);
  const tolerances = validations.map((v) => v.figures.find((f) => f.name === 'latency_cycles')!.tolerance);
  expect(tolerances).toEqual([0.001, 0.01]);
  const [analytic, cycle] = validations.map((v) => v.rows[0]!.figures['latency_cycles']!.predicted);
  expect(cycle).not.toBe(analytic);
});

test('--accounting charges energy otherwise, and nothing else changes', async () => {
  const [artifact, physical] = await Promise.all(
    [[], ['--accounting', 'physical']].map(async (more) => {
      const { code, out } = await runCommand(['validate', 'fusemax', '--points', file, '--json', ...more]);
      expect(code).toBe(0);
      return JSON.parse(out) as Validation;
    }),
  );
  expect([artifact!.energy_accounting, physical!.energy_accounting]).toEqual(['artifact', 'physical']);
  const [a, p] = [artifact!, physical!].map((v) => v.rows[0]!.figures);
  expect(a!['energy_pj']!.within).toBe(true);
  expect(p!['energy_pj']!.predicted).toBeGreaterThan(a!['energy_pj']!.predicted);
  expect(p!['latency_cycles']).toEqual(a!['latency_cycles']);
});

test('an error beyond tolerance is marked and counted, and is no failure', () => {
  const own = join(folder, 'own.json');
  writeFileSync(own, JSON.stringify(short.map((r) => ({ ...r, latency_cycles: 2 * Number(r['latency_cycles']) }))));
  const ran = attnsim('validate', 'fusemax', '--points', own);
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/^BERT 1K +-50.0% !/m);
  expect(ran.stdout).toMatch(/ errors (is|are) beyond tolerance/);
});

test('whoever watches sees how far it is; a pipe has nothing of it', async () => {
  const lines: string[] = [];
  const terminal = { out: () => {}, error: () => {}, width: 80, progress: (line: string) => lines.push(line) };
  expect(await runCommandLine(['validate', 'fusemax', '--points', file, '--model', 'cycle'], terminal)).toBe(0);
  expect(lines).toEqual(['fusemax, cycle model: 0 of 1', 'fusemax, cycle model: 1 of 1', '']);
  expect(attnsim('validate', 'fusemax', '--points', file, '--model', 'cycle').stderr).toBe('');
});

test('points that cannot be run are told, the others are compared, and the exit code is 1', () => {
  const ran = attnsim('validate', 'fusemax', '--points', join(root, 'test/cli/fixtures/points/cannot-run.json'));
  expect(ran.status).toBe(1);
  expect(ran.stdout).toContain('2 of 3 points could not be run');
  expect(ran.stdout).toMatch(/^BERT 1K +\+0\.\d+%/m);
});

test('--svg draws predicted against published values, a file for each model', async () => {
  const svg = join(folder, 'plot.svg');
  const { code } = await runCommand(['validate', 'fusemax', '--points', file, '--svg', svg]);
  expect(code).toBe(0);
  expect(readFileSync(svg, 'utf8')).toContain('fusemax, analytic model: predicted and published latency');
  await runCommand(['validate', 'fusemax', '--points', file, '--model', 'both', '--svg', svg]);
  expect(readFileSync(join(folder, 'plot.fusemax.cycle.svg'), 'utf8')).toContain('fusemax, cycle model');
  const unwritable = await runCommand(['validate', 'fusemax', '--points', file, '--svg', folder]);
  expect(unwritable.code).toBe(1);
});
