import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { runCommand } from '../cases/command-errors.ts';

describe('list', () => {
  test('shows every kind with a line on each', async () => {
    const { code, out } = await runCommand(['list']);
    expect(code).toBe(0);
    for (const name of ['cascades', 'machines', 'mappings', 'workloads', 'attention-1-pass', 'h100-sxm'])
      expect(out).toMatch(new RegExp(`^${name}\\b`, 'm'));
  });

  test('keeps to the width of the terminal', async () => {
    const { out } = await runCommand(['list', 'machines'], 80);
    expect(Math.max(...out.split('\n').map((l) => l.length))).toBeLessThanOrEqual(80);
  });

  test('--json prints JSON only', async () => {
    const { out, error } = await runCommand(['list', 'cascade', '--json']);
    const listed = JSON.parse(out) as { kind: string; name: string; description: string }[];
    expect(error).toBe('');
    expect(listed.map((l) => l.name)).toContain('attention-3-pass');
    for (const l of listed) expect(l.description, l.name).not.toBe('');
  });
});

describe('show', () => {
  test('a machine: levels, peaks, ridge points, and a source for each number', async () => {
    const { code, out } = await runCommand(['show', 'fusemax']);
    expect(code).toBe(0);
    expect(out).toContain('mac 123.2 T');
    expect(out).toMatch(/accountings +physical, artifact/);
    expect(out).toMatch(/ridge at DRAM +286.9 FLOP\/B/);
    const references = [...out.matchAll(/\[(\d+)\]$/gm)].map((m) => m[1]);
    expect(references.length).toBeGreaterThan(20);
    for (const r of new Set(references)) expect(out).toMatch(new RegExp(`^\\[${r}\\] +\\S`, 'm'));
  });

  test('anything else as its text', async () => {
    const { out } = await runCommand(['show', 'gemm']);
    expect(out).toContain('Z[m, n] = A[m, k] * B[k, n]');
  });

  test('every kind that has the name, or the kind that is asked for', async () => {
    const both = await runCommand(['show', 'flat']);
    expect(both.out).toContain('# machines: flat');
    expect(both.out).toContain('# mappings: flat');
    const one = await runCommand(['show', 'flat', '--kind', 'mapping']);
    expect(one.out).toContain('mapping flat');
    expect(one.out).not.toContain('# machines');
  });
});

describe('check', () => {
  test('says what it took each file for', async () => {
    const { code, out } = await runCommand([
      'check',
      'cascades/gemm.einsum',
      'hardware-specs/fusemax.yaml',
      'bert-base',
    ]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'cascades/gemm.einsum: cascade, no mistakes found',
        'hardware-specs/fusemax.yaml: machine, no mistakes found',
        'bert-base: workload, no mistakes found',
        '',
      ].join('\n'),
    );
  });

  test('explains the space of an experiment', async () => {
    const { code, out, error } = await runCommand(['check', 'test/cli/fixtures/sweep.json']);
    expect(error).toBe('');
    expect(code).toBe(0);
    expect(out.replace(/^.* a point: .*$/m, '  (pace)')).toBe(
      [
        'test/cli/fixtures/sweep.json: experiment, no mistakes found',
        '  24 points (all combinations), 17 of them in the space',
        '',
        '  axis     values             first              last',
        '  -------  ------  ----------------  ----------------',
        '  BUFFER        3             8 MiB            32 MiB',
        '  L             4              1024              8192',
        '  CASCADE       2  attention-1-pass  attention-3-pass',
        '  MAPPING       2   fusemax-binding              flat',
        '',
        '  condition                                   excludes',
        '  ------------------------------------------  --------',
        '  BUFFER > 8 MiB or L < 8192                         2',
        '  CASCADE == "attention-1-pass" or L <= 2048         6',
        '',
        '  of 17 points that were tried, 17 ok',
        '',
        '  (pace)',
        '',
      ].join('\n'),
    );
  });

  test('counts a large space by points that it draws', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
    const text = readFileSync('test/cli/fixtures/sweep.json', 'utf8');
    const path = join(folder, 'large.json');
    writeFileSync(
      path,
      text
        .replace('"axes": [', '"axes": [{ "name": "BANDWIDTH", "from": 1, "to": 100000, "step": 1 },')
        .replace('"param": {', '"param": { "BANDWIDTH": "BANDWIDTH * 1 GB/s",'),
    );
    const { out, error } = await runCommand(['check', path]);
    rmSync(folder, { recursive: true });
    expect(error).toBe('');
    const [, about] =
      /2400000 points \(all combinations\), about (\d+) of them in the space \(of 1000000 examined: \d+\)/.exec(out) ??
      [];
    expect(Number(about)).toBeCloseTo(1_700_000, -4);
  });

  test('goes on after a file with mistakes, and exits with 1', async () => {
    const { code, out, error } = await runCommand(['check', 'test/cases/errors/cascade/unknown-rank.einsum', 'gemm']);
    expect(code).toBe(1);
    expect(error).toContain('error[unknown-rank]');
    expect(out).toMatch(/unknown-rank\.einsum: cascade, \d+ errors?/);
    expect(out).toContain('gemm: cascade, no mistakes found');
  });
});

describe('analyze', () => {
  const sizes = ['--set', 'B=1', '--set', 'H=2', '--set', 'P=64', '--set', 'M=100', '--set', 'E=8', '--set', 'F=16'];

  test.each([
    ['attention-3-pass', 3, ['QK', 'GM', 'SN', 'SD', 'A']],
    ['attention-1-pass', 1, []],
  ])('%s: passes over M and the chain that forces them', async (cascade, passes, chain) => {
    const { out } = await runCommand(['analyze', cascade, ...sizes, '--json']);
    const analysis = JSON.parse(out) as { flops: number; passes: { rank: string; passes: number; chain: string[] }[] };
    const overM = analysis.passes.find((p) => p.rank === 'M');
    expect(overM?.passes).toBe(passes);
    expect(overM?.chain).toEqual(chain);
    // QK: 2 x 64 x 100 x 8, AV: 2 x 64 x 100 x 16 products, two FLOPs each.
    expect(analysis.flops).toBe(2 * (2 * 64 * 100 * 8 + 2 * 64 * 100 * 16));
  });

  test('the text names the chain and what must be kept between the passes', async () => {
    const { out } = await runCommand(['analyze', 'attention-3-pass', ...sizes], 100);
    expect(out).toMatch(/^M +100 +3 +QK -> GM -> SN -> SD -> A$/m);
    expect(out).toMatch(/QK +live after pass 1 over M: 100 elements, 200 B for each B, H, P/);
  });

  test('sizes of a workload give way to --set', async () => {
    const { out } = await runCommand([
      'analyze',
      'attention-1-pass',
      '--workload',
      'bert-base',
      '--set',
      'B=3',
      '--json',
    ]);
    const { workload } = JSON.parse(out) as { workload: Record<string, number> };
    expect([workload['B'], workload['H'], workload['E']]).toEqual([3, 12, 64]);
  });
});

describe('execute', () => {
  const sizes = ['--set', 'M=2', '--set', 'N=2', '--set', 'K=3'];

  test('computes given inputs and prints a small result whole', async () => {
    const { code, out } = await runCommand(['execute', 'gemm', ...sizes, '--inputs', 'test/cli/fixtures/tensors']);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'Z[M=2, N=2], min 4, max 11, mean 7.5',
        '  [0]   4   5',
        '  [1]  10  11',
        'compared with A B: largest difference 0.0e+0',
        '',
      ].join('\n'),
    );
  });

  test('agrees with plain loops, and a seed gives the same values again', async () => {
    const shape = ['B=2', 'H=4', 'P=5', 'M=7', 'M0=3', 'E=4', 'F=6', 'G=2', 'CAUSAL=1'].flatMap((s) => ['--set', s]);
    const run = async (seed: string) =>
      JSON.parse((await runCommand(['execute', 'attention-1-pass', ...shape, '--seed', seed, '--json'])).out) as {
        oracle: { max_error: number };
        outputs: { AV: { mean: number; elements: number } };
      };
    const [first, again, other] = [await run('1'), await run('1'), await run('2')];
    expect(first.oracle.max_error).toBeLessThan(1e-12);
    expect(first.outputs.AV.elements).toBe(2 * 4 * 5 * 6);
    expect(again).toEqual(first);
    expect(other.outputs.AV.mean).not.toBe(first.outputs.AV.mean);
  });

  test('writes its outputs in the form that it reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
    const out = join(folder, 'new', 'folder');
    const { code } = await runCommand([
      'execute',
      'gemm',
      ...sizes,
      '--inputs',
      'test/cli/fixtures/tensors',
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'Z.json'), 'utf8'))).toEqual({ shape: [2, 2], values: [4, 5, 10, 11] });
    rmSync(folder, { recursive: true });
  });
});

describe('a bug of ours', () => {
  const broken = {
    width: undefined,
    out: () => {
      throw new TypeError('the printer is on fire');
    },
  };

  test('exits with 70 and a short text without a stack', async () => {
    let error = '';
    const code = await runCommandLine(['list'], {
      ...broken,
      error: (text) => {
        error += text;
      },
    });
    expect(code).toBe(70);
    expect(error).toContain('internal error: TypeError: the printer is on fire');
    expect(error).toContain('This is a bug in attnsim.');
    expect(error).not.toMatch(/^\s+at /m);
  });

  test('shows its stack when asked', async () => {
    vi.stubEnv('ATTNSIM_DEBUG', '1');
    let error = '';
    await runCommandLine(['list'], {
      ...broken,
      error: (text) => {
        error += text;
      },
    });
    vi.unstubAllEnvs();
    expect(error).toMatch(/^\s+at /m);
  });
});
