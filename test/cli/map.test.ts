import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const gemm = ['map', 'gemm', 'fusemax', '--set', 'M=64', '--set', 'N=64', '--set', 'K=16', '--json'];

async function found(args: readonly string[]) {
  const { code, out, error } = await runCommand(args);
  expect([code, error]).toEqual([0, '']);
  return JSON.parse(out);
}

test('a constrained mapping is as constrained, and no better than the best', async () => {
  const constraints = join(folder, 'constraints.txt');
  writeFileSync(
    constraints,
    'loops k, m\ntile k by 4\nkeep B in GlobalBuffer stages 3\ncompute Z on Array1D (lanes n)\n',
  );
  const free = await found(gemm);
  const bound = await found([...gemm, '--constraints', constraints]);
  expect(bound.mapping).toMatch(
    /for k by 4 pipeline 2\n(.*\n)?.*keep B in GlobalBuffer stages 3|keep B in GlobalBuffer stages 3/,
  );
  expect(bound.mapping).toMatch(/for k by 4[\s\S]*for m/);
  expect(bound.mapping).not.toContain('for n');
  expect(bound.mapping).toContain('compute Z on Array1D (lanes n)');
  expect(bound.value).toBeGreaterThanOrEqual(free.value);
});

test('of a cascade with gates the tiles of a mapping are chosen, at the densities that are given', async () => {
  const sizes = ['B=1', 'H=2', 'P=1', 'M=32', 'E=64', 'F=64', 'KEPT=8'].flatMap((s) => ['--set', s]);
  const pruned = ['map', 'spatten-layer', 'spatten', '--mapping', 'spatten', ...sizes, '--json'];
  const often = await found([...pruned, '--density', 'G=0.9', '--objective', 'dram-bytes']);
  const rarely = await found([...pruned, '--density', 'G=0.1', '--objective', 'dram-bytes']);
  // 4 bits of 32 keys of 64 elements, for each of two heads.
  expect(often.value - rarely.value).toBeCloseTo((0.9 - 0.1) * 2 * 32 * 64 * (4 / 8), 6);
  const { code, error } = await runCommand(pruned);
  expect(code).toBe(1);
  expect(error).toContain('missing-density');
});

test('what is found has no place and no lane that changes nothing', async () => {
  const sizes = ['B=1', 'H=1', 'P=256', 'M=256', 'M0=64', 'E=64', 'F=64'].flatMap((s) => ['--set', s]);
  const { mapping, space } = await found(['map', 'attention-1-pass', 'fusemax', ...sizes, '--effort', '10', '--json']);
  expect(space).toBe('nests');
  expect(mapping.match(/keep .* in DRAM.*/g)).toEqual(['keep Q, K, V, AV in DRAM']);
  expect(mapping).not.toMatch(/ by 1\b/);
});

test('a line "dataflow" searches the loop tree of a mapping and nothing else', async () => {
  const constraints = join(folder, 'dataflow.txt');
  writeFileSync(constraints, 'dataflow gemm-systolic choose tiles\n');
  const { spaces } = await found([...gemm, '--constraints', constraints]);
  expect(spaces.map((s: { space: string }) => s.space)).toEqual(['gemm-systolic']);
});

test('of several sizes of a partition the best is found', async () => {
  const sizes = ['B=1', 'H=1', 'P=64', 'M=64', 'E=16', 'F=16'].flatMap((s) => ['--set', s]);
  const search = (partition: string) =>
    found([
      'map',
      'attention-1-pass',
      'fusemax',
      ...sizes,
      '--set',
      `M0=${partition}`,
      '--mapping',
      'fusemax-binding',
      '--json',
    ]);
  const alone = [await search('16'), await search('32')];
  const both = await search('16,32');
  expect(both.value).toBe(Math.min(...alone.map((a) => a.value)));
  expect(both.algorithms.map((a: { name: string }) => a.name)).toEqual([
    'attention-1-pass M0=16',
    'attention-1-pass M0=32',
  ]);
});

test('a front is written point by point, and drawn', async () => {
  const out = join(folder, 'front', 'found.map');
  // With little room, what is quickest does not move least.
  const small = ['--param', 'GLOBAL_BUFFER=1 KiB', '--param', 'PE_DIM=16'];
  const { points } = await found([
    ...gemm,
    ...small,
    '--pareto',
    'latency,energy',
    '--out',
    out,
    '--svg',
    join(folder, 'front.svg'),
  ]);
  expect(points.length).toBeGreaterThan(1);
  points.slice(1).forEach((p: { latency_cycles: number; energy_pj: number }, i: number) => {
    expect(p.latency_cycles).toBeGreaterThan(points[i].latency_cycles);
    expect(p.energy_pj).toBeLessThan(points[i].energy_pj);
  });
  const files = readdirSync(join(folder, 'front')).toSorted();
  expect(files).toHaveLength(points.length);
  expect(readFileSync(join(folder, 'front', 'found-1.map'), 'utf8')).toBe(points[0].mapping);
  expect(readFileSync(join(folder, 'front.svg'), 'utf8')).toContain('latency (cycles)');
});

test('what has the least latency is simulated, and what has the least of something else is not', async () => {
  const out = join(folder, 'executed.map');
  const { simulated_cycles } = await found([...gemm, '--out', out]);
  const sizes = gemm.slice(3);
  const ran = await runCommand(['run', 'gemm', 'fusemax', ...sizes, '--mapping', out, '--model', 'cycle']);
  expect(JSON.parse(ran.out).latency_cycles).toBe(simulated_cycles);
  expect(await found([...gemm, '--objective', 'energy'])).not.toHaveProperty('simulated_cycles');
  const told = await runCommand(gemm.filter((a) => a !== '--json'));
  expect(told.out).toMatch(/ simulated +\S/);
});

test('mappings are ranked by simulation, and the quickest is taken', async () => {
  const sizes = ['M=256', 'N=256', 'K=256'].flatMap((s) => ['--set', s]);
  const args = ['map', 'gemm', 'fusemax', ...sizes, '--mapping', 'gemm-systolic'];
  const closed = await found([...args, '--json']);
  const { finalists, ...chosen } = await found([...args, '--simulate', '--json']);
  const cycles = finalists.flatMap((f: { simulated_cycles: number | null }) => f.simulated_cycles ?? []);
  expect(chosen.simulated_cycles).toBe(Math.min(...cycles));
  expect(finalists[0]).toMatchObject({ simulated_cycles: chosen.simulated_cycles, space: chosen.space });
  // What is proven is about the best in closed form.
  expect([chosen.value, chosen.bound]).toEqual([closed.value, closed.bound]);
  expect(chosen.latency_cycles).toBeCloseTo(closed.value * (1 + chosen.above_best), 6);

  const out = join(folder, 'simulated.map');
  await runCommand([...args, '--simulate', '--out', out]);
  const ran = await runCommand(['run', 'gemm', 'fusemax', ...sizes, '--mapping', out, '--json']);
  expect(JSON.parse(ran.out).latency_cycles).toBe(chosen.simulated_cycles);
});

test('a mapping that cannot be simulated is listed with the reason', async () => {
  const sizes = ['B=1', 'H=1', 'E=8', 'F=8', 'P=8', 'M=64', 'M0=8'].flatMap((s) => ['--set', s]);
  const mapping = ['--mapping', 'test/cli/fixtures/deadlock-pipeline.map'];
  const { code, out } = await runCommand(['map', 'attention-1-pass', 'fusemax', ...sizes, ...mapping, '--simulate']);
  expect(code).toBe(0);
  expect(out).toContain('nothing: no finalist could be simulated');
  expect(out).toContain('mapping "deadlock-pipeline" cannot go on');
});
