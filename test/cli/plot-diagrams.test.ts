import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const out = join(folder, 'figure.svg');
const titleOf = (file: string): string | undefined => /<title>(.*?)<\/title>/.exec(readFileSync(file, 'utf8'))?.[1];

const gemm = ['--set', 'M=64', '--set', 'N=64', '--set', 'K=64'];

describe('attnsim plot', () => {
  test('cascade: over the rank with the most passes, or another', async () => {
    expect(await runCommand(['plot', 'cascade', 'softmax', '--out', out])).toMatchObject({ code: 0, error: '' });
    expect(titleOf(out)).toBe('softmax: 3 passes over M');
    await runCommand(['plot', 'cascade', 'attention-3-pass', '--rank', 'P', '--width', '400', '--out', out]);
    expect(titleOf(out)).toBe('attention-3-pass: 1 pass over P');
    expect(readFileSync(out, 'utf8')).toContain('width="400"');
    const wrong = await runCommand(['plot', 'cascade', 'softmax', '--rank', 'Q', '--out', out]);
    expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining('--rank "Q" is none of B, H, P, M') });
    const wide = await runCommand(['plot', 'cascade', 'softmax', '--width', '1e9', '--out', out]);
    expect(wide).toMatchObject({ code: 2, error: expect.stringContaining('no whole number of 320 to 4000') });
  });

  test('mapping: as written, or as placed', async () => {
    expect(await runCommand(['plot', 'mapping', 'gemm-cores', '--out', out])).toMatchObject({ code: 0, error: '' });
    expect(readFileSync(out, 'utf8')).toContain('>by ROWS</text>');
    await runCommand(['plot', 'mapping', 'gemm-cores', 'gemm', 'raspberry-pi-5', ...gemm, '--out', out]);
    expect(readFileSync(out, 'utf8')).toMatch(/>by ROWS = \d+<\/text>/);
    const half = await runCommand(['plot', 'mapping', 'gemm-cores', 'gemm', '--out', out]);
    expect(half).toMatchObject({ code: 2, error: expect.stringContaining('needs a cascade and a machine') });
  });

  test('the timeline of a run', async () => {
    const run = ['run', 'gemm', 'fusemax', '--mapping', 'gemm-systolic', ...gemm, '--timeline', out];
    expect(await runCommand(run)).toMatchObject({ code: 0, error: '' });
    expect(titleOf(out)).toBe('Timeline: gemm-systolic of gemm on fusemax');
    const analytic = await runCommand([...run, '--model', 'analytic']);
    expect(analytic).toMatchObject({ code: 2, error: expect.stringContaining('--timeline needs the simulator') });
  });
});
