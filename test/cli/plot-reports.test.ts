import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildReport, printReport, type ReportInput } from '../../src/report/report.ts';
import { runCommand } from '../cases/command-errors.ts';
import { toyRoofline, toyRun } from '../report/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** The toy run with other names and another time. */
const variant = (mapping: string, time_s: number, N: number): ReportInput => ({
  ...toyRun,
  mapping: { ...toyRun.mapping, name: mapping },
  workload: { ...toyRun.workload, sizes: new Map([...toyRun.workload.sizes, ['N', N]]) },
  rooflines: [{ ...toyRoofline, achieved_ops_per_s: 1024 / time_s }],
  metrics: { ...toyRun.metrics, board: { ...toyRun.metrics.board, time_s } },
});

beforeAll(() => {
  const write = (name: string, run: ReportInput) => writeFileSync(path(name), printReport(buildReport(run)));
  write('slow.json', variant('tiled', 2e-6, 8));
  write('quick.json', variant('fused', 1e-6, 8));
  write('long.json', variant('tiled', 4e-6, 16));
  writeFileSync(path('changed.json'), printReport(buildReport(toyRun)).replace('"flops": 1024', '"flops": "many"'));
  const { busy_cycles_by_operator: _, ...older } = buildReport(toyRun);
  writeFileSync(path('older.json'), JSON.stringify(older));
});

/** What a command prints, and the figure that it writes. */
async function plot(...args: readonly string[]): Promise<{ code: number; error: string; svg: string }> {
  const out = path('figure.svg');
  rmSync(out, { force: true });
  const { code, error } = await runCommand(['plot', ...args, '--out', out]);
  return { code, error, svg: code === 0 ? readFileSync(out, 'utf8') : '' };
}

test.each([
  ['roofline', [], ['toy peak', 'tiled', 'fused', '% of the roof']],
  ['roofline', ['--baseline', 'tiled'], ['from tiled to fused: 2 times the performance', 'before and after']],
  ['breakdown', [], ['Time (µs)', 'limited by DRAM.read', 'a free slot of a buffer']],
  ['breakdown', ['--of', 'energy'], ['Energy (nJ)', 'DRAM read', 'Array mac']],
  ['breakdown', ['--of', 'traffic'], ['320 B']],
  ['breakdown', ['--of', 'stalls'], ['Share of the time (%)', 'nothing left to do']],
  ['utilization', [], ['75.0%', '25.6%']],
  ['speedup', ['--baseline', 'fused'], ['Speed-up over fused', '0.5x', '1x']],
  ['scaling', ['--by', 'N'], ['Latency by N', 'tiled', 'fused']],
  ['scaling', ['--by', 'N', '--of', 'bytes', '--title', 'Mine'], ['>Mine<', 'Bytes of the outermost memory (B)']],
] as const)('plot %s %j', async (kind, options, texts) => {
  const { code, error, svg } = await plot(kind, path('slow.json'), path('quick.json'), ...options);
  expect([code, error]).toEqual([0, '']);
  for (const text of texts) expect(svg).toContain(text);
});

test('a file may have a label, and --width makes another figure', async () => {
  const { svg } = await plot('speedup', `before=${path('slow.json')}`, `after=${path('quick.json')}`, '--width', '400');
  expect(svg).toContain('Speed-up over before');
  expect(svg).toContain('viewBox="0 0 400 ');
});

test('runs that differ by a size are told apart by it, and are one line of a scaling', async () => {
  const both = [path('slow.json'), path('long.json')];
  expect((await plot('speedup', ...both)).svg).toContain('>N=16<');
  const { svg } = await plot('scaling', ...both, '--by', 'N');
  expect(svg).toContain('grows as N²');
  expect(svg).toContain('tiled: Size of N 8, Latency 2 µs');
  expect(svg).toContain('tiled: Size of N 16, Latency 4 µs');
});

test.each([
  [['utilization', 'changed.json'], 'changed.json:', '"flops" must be a number, but is "many"'],
  [['utilization', 'older.json'], 'no "busy_cycles_by_operator"', 'another version may have written it'],
  [['utilization', 'none.json'], '[unreadable-file]', 'there is no such file'],
  [['speedup', 'slow.json', '--baseline', 'tild'], '[bad-choice]', 'did you mean "tiled"?'],
  [['breakdown', 'slow.json', '--of', 'energi'], '[bad-choice]', 'did you mean "energy"?'],
  [['scaling', 'slow.json', '--by', 'L'], '[bad-choice]', '--by "L" is no rank or parameter of the runs'],
  [['roofline', 'slow.json', '--width', '20'], '[bad-choice]', '--width "20"'],
] as const)('%j is refused with its place and a suggestion', async ([kind, file, ...options], ...texts) => {
  const { code, error } = await plot(kind, path(file), ...options);
  expect(code).toBe(file === 'slow.json' && options[0] === '--width' ? 2 : 1);
  for (const text of texts) expect(error).toContain(text);
});

test('a figure of nothing is refused', async () => {
  const analytic = { ...toyRun.metrics, stalls: undefined, difference: undefined, model: 'analytic' as const };
  writeFileSync(path('analytic.json'), printReport(buildReport({ ...toyRun, metrics: analytic })));
  const { code, error } = await plot('breakdown', path('analytic.json'), '--of', 'stalls');
  expect(code).toBe(1);
  expect(error).toContain('[nothing-found]');
});
