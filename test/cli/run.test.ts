import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sizes = ['B=1', 'H=2', 'P=512', 'M=768', 'E=64', 'F=64'].flatMap((s) => ['--set', s]);
const small = ['run', 'attention-1-pass', 'fusemax', ...sizes, '--mapping', 'fusemax-binding'];

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/report-schema.json'), 'utf8')) as object;
const isReport = new Ajv2020().compile(schema);

describe('run', () => {
  test('prints time, energy, traffic and what limits it', async () => {
    const { code, out, error } = await runCommand(small);
    expect(error).toBe('');
    expect(code).toBe(0);
    for (const part of [
      'time ',
      'energy ',
      'limited by ',
      'DRAM',
      'GlobalBuffer',
      'Array2D',
      'passes ',
      'lower bound ',
    ])
      expect(out).toContain(part);
  });

  const row = ['run', 'spatten-layer', 'spatten', '--set', 'B=1', '--set', 'H=2', '--set', 'P=1', '--set', 'M=64'];
  const pruned = [...row, '--set', 'E=64', '--set', 'F=64', '--set', 'KEPT=16', '--model', 'analytic', '--json'];

  test('densities are given or measured, and the report says which', async () => {
    const reports = await Promise.all(
      [
        ['--density', 'G=0.25'],
        ['--seed', '3'],
        ['--seed', '3', '--density', 'G=0.25'],
      ].map(async (how) => {
        const { code, out, error } = await runCommand([...pruned, ...how]);
        expect(code, error).toBe(0);
        return JSON.parse(out) as Report;
      }),
    );
    const counted = { share: 0.25, source: 'counts of the cascade' };
    expect(reports[0]!.densities).toEqual({ G: { share: 0.25, source: 'given' }, LV: counted });
    expect(reports[1]!.densities).toMatchObject({ G: { source: 'measured on random inputs, seed 3' }, LV: counted });
    expect(reports[2]!.densities).toEqual(reports[0]!.densities);
    const measured = reports[1]!.densities['G']!.share;
    const again = await runCommand([...pruned, '--density', `G=${measured}`]);
    const declared = JSON.parse(again.out) as Report;
    // Both ways end in the same mapping and models.
    expect({ ...declared, densities: reports[1]!.densities }).toEqual(reports[1]);
    const { code, error } = await runCommand(pruned);
    expect(code).toBe(1);
    expect(error).toContain('missing-density');
  });

  test('the roof is that of all arrays that have products at the same time', async () => {
    const { out } = await runCommand([...pruned, '--density', 'G=0']);
    const { roofline } = JSON.parse(out) as Report;
    // 512 multipliers for scores and 512 for values, at 1 GHz.
    expect(roofline!.peak_ops_per_s).toBe(2 * (512 + 512) * 1e9);
    expect(roofline!.achieved_ops_per_s).toBeLessThanOrEqual(roofline!.attainable_ops_per_s);
  });

  test('no more bytes are asked of a memory than for what is there', async () => {
    const { out } = await runCommand([...pruned, '--density', 'G=0.25']);
    const { lower_bounds, traffic_bytes } = JSON.parse(out) as Report;
    // 64 keys of 6 bits and a quarter of 4 more, and 16 values of 6 bits, for two heads; what else there is stays on the chip.
    expect(lower_bounds.traffic_bytes).toBe((2 * 64 * (64 * (6 + 4 / 4) + 16 * 6)) / 8);
    expect(traffic_bytes['HBM']!.read).toBeGreaterThanOrEqual(lower_bounds.traffic_bytes);
  });

  test('--json prints the report that --out writes, byte for byte, every time', async () => {
    const path = join(folder, 'new/folder/report.json');
    const first = await runCommand([...small, '--json', '--out', path]);
    const second = await runCommand([...small, '--json']);
    expect(first.code).toBe(0);
    expect(second.out).toBe(first.out);
    expect(readFileSync(path, 'utf8')).toBe(first.out);
    const report = JSON.parse(first.out) as Report;
    expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
    expect(report).toMatchObject({ cascade: 'attention-1-pass', hardware: 'fusemax', mapping: 'fusemax-binding' });
    expect(report.model).toBe('cycle');
    // Two products of 512 x 768 x 64 for each of two heads, two FLOPs a MAC.
    expect(report.flops).toBe(2 * 2 * 2 * 512 * 768 * 64);
    expect(report.latency_cycles).toBeGreaterThanOrEqual(report.lower_bounds.latency_cycles);
    expect(report.workload).toMatchObject({ P: 512, M: 768, M0: 256, M1: 3 });
  });

  test('--format keeps tensors in other formats, which the report has and the summary tells', async () => {
    const product = ['run', 'gemm', 'raspberry-pi-5', ...['M=1', 'N=4096', 'K=4096'].flatMap((s) => ['--set', s])];
    const quantized = [...product, '--format', 'B=q4_k', '--format', 'A,Z=fp32', '--model', 'analytic'];
    const report = JSON.parse((await runCommand([...quantized, '--json'])).out) as Report;
    expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
    expect(report.formats).toEqual({ A: 'fp32', B: 'q4_k', Z: 'fp32' });
    expect(report.traffic_bytes['DRAM']!.by_tensor['B']!.read).toBe((4096 * 4096 * 4.5) / 8);
    expect((await runCommand(quantized)).out).toContain('formats       fp32 for A, Z; q4_k for B\n');
    expect((await runCommand([...product, '--model', 'analytic'])).out).not.toContain('formats');
  });

  test('--model both gives two reports, and a file for each', async () => {
    const path = join(folder, 'both.json');
    const { code, out } = await runCommand([...small, '--model', 'both', '--json', '--out', path]);
    expect(code).toBe(0);
    const reports = JSON.parse(out) as Report[];
    expect(reports.map((r) => r.model)).toEqual(['analytic', 'cycle']);
    expect(existsSync(path)).toBe(false);
    for (const report of reports)
      expect(JSON.parse(readFileSync(join(folder, `both.${report.model}.json`), 'utf8'))).toEqual(report);
  });

  test("--model both: each report is the one of its model alone; the simulator's explains the difference", async () => {
    const reports = JSON.parse((await runCommand([...small, '--model', 'both', '--json'])).out) as Report[];
    for (const report of reports) {
      const alone = await runCommand([...small, '--model', report.model, '--json']);
      expect(JSON.parse(alone.out)).toEqual(report);
    }
    const [analytic, cycle] = reports as [Report, Report];
    expect(analytic.difference).toBeNull();
    const { analytic_latency_cycles, beyond_cycles, resource, stalls_cycles, work_cycles } = cycle.difference!;
    expect(resource).toBe(cycle.bound.resource);
    expect(analytic_latency_cycles).toBe(analytic.latency_cycles);
    expect(work_cycles).toBeCloseTo(analytic.resources[resource]!.busy_cycles, 2);
    const parts = [work_cycles, beyond_cycles, ...Object.values(stalls_cycles)];
    expect(parts.reduce((a, b) => a + b, 0)).toBe(cycle.latency_cycles);
  });

  test.each([80, 120])('--model both and --stalls are tables that fit %i columns', async (width) => {
    const { code, out } = await runCommand([...small, '--model', 'both', '--stalls'], width);
    expect(code).toBe(0);
    const lines = out.split('\n');
    for (const title of [
      'analytic +simulated +difference',
      'why they differ +cycles +time +share',
      'resource +used +busy',
    ])
      expect(lines.filter((l) => new RegExp(title).test(l))).toHaveLength(1);
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(width);
  });

  test('a run that computes nothing takes no time, and its reports are valid', async () => {
    const nothing = ['nothing.einsum', 'tiny.yaml'].map((file) => join('test/cli/fixtures', file));
    const sizes = ['--set', 'M=5', '--set', 'N=4', '--mapping', 'test/cli/fixtures/nothing.map'];
    const json = await runCommand(['run', ...nothing, ...sizes, '--model', 'both', '--json']);
    expect(json.code).toBe(0);
    for (const report of JSON.parse(json.out) as Report[]) {
      expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
      expect(report).toMatchObject({ latency_cycles: 0, flops: 0, utilization: { Lanes: 0 } });
    }
    const text = await runCommand(['run', ...nothing, ...sizes, '--model', 'both', '--stalls']);
    expect(text.out).toContain('limited by     nothing: no point is computed');
    expect(text.out).not.toMatch(/nan|infinity/i);
  });

  test('--svg draws the run', async () => {
    const path = join(folder, 'roofline.svg');
    const { code } = await runCommand([...small, '--svg', path]);
    expect(code).toBe(0);
    const svg = readFileSync(path, 'utf8');
    expect(svg).toMatch(/^<\?xml.*\n<svg /);
    expect(svg).toContain('fusemax-binding');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('--svg says why there is no roofline to draw', async () => {
    const path = join(folder, 'no-roofline.svg');
    const softmax = ['run', 'softmax', 'h100-sxm', '--set', 'B=1', '--set', 'H=1', '--set', 'P=8', '--set', 'M=8'];
    const { code, error } = await runCommand([...softmax, '--model', 'analytic', '--svg', path]);
    expect(code).toBe(1);
    expect(error).toContain('error[nothing-found]: none of the runs has a roofline');
    expect(existsSync(path)).toBe(false);
  });

  test('--detail says what the latency consists of, and what is in use over time', async () => {
    const { code, out } = await runCommand([...small, '--detail', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as Report;
    expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
    expect(report.critical_path!.reduce((sum, part) => sum + part.cycles, 0)).toBe(report.latency_cycles);
    expect(Object.keys(report.occupancy_bytes!)).toEqual([...report.levels].sort());
    for (const [level, { peak, over_time }] of Object.entries(report.occupancy_bytes!)) {
      expect(Math.max(...over_time)).toBe(peak);
      expect(peak).toBeLessThanOrEqual(report.buffer_bytes[level]!.required);
    }
    const text = (await runCommand([...small, '--detail'], 120)).out;
    expect(text).toMatch(/critical path +share +for, of the run/);
    expect(text).toMatch(/in use +peak +needs +over the run/);
    const without = JSON.parse((await runCommand([...small, '--json'])).out) as Report;
    expect(without).toEqual({ ...report, critical_path: null, occupancy_bytes: null });
  });

  test('--trace writes what every unit and port does, the same every time', async () => {
    const [path, again] = [join(folder, 'trace.json'), join(folder, 'again.json')];
    const { code, error } = await runCommand([...small, '--trace', path]);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    await runCommand([...small, '--trace', again]);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(path, 'utf8'));
    type Event = { ph: string; name: string; pid: number; cat?: string; args: { name: string } };
    const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] };
    const processes = traceEvents.filter((e) => e.name === 'process_name').map((e) => e.args.name);
    expect(processes).toEqual(expect.arrayContaining(['DRAM', 'GlobalBuffer']));
    const threads = traceEvents.filter((e) => e.name === 'thread_name').map((e) => e.args.name);
    expect(threads).toEqual(expect.arrayContaining(['Array2D', 'Array1D', 'DRAM', 'folded']));
    for (const name of ['fill K', 'QK', 'SLN', 'drain AV']) expect(traceEvents.map((e) => e.name)).toContain(name);
    const window = await runCommand([...small, '--trace', path, '--trace-window', '1000:1100']);
    expect(window.code).toBe(0);
    const shown = (JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] }).traceEvents;
    expect(shown.length).toBeLessThan(traceEvents.length / 2);
    expect(shown.some((e) => e.ph === 'X' && e.name === 'QK')).toBe(true);
  });

  test('--param overrides a parameter of the machine or of the mapping', async () => {
    const slow = await runCommand([...small, '--param', 'BANDWIDTH=1 GiB/s', '--json']);
    const report = JSON.parse(slow.out) as Report;
    expect(report.hardware_parameters['BANDWIDTH']).toBe(2 ** 30);
    const before = JSON.parse((await runCommand([...small, '--json'])).out) as Report;
    expect(report.latency_cycles).toBeGreaterThan(before.latency_cycles);
    const mapped = await runCommand([...small, '--param', 'RAMPS=1', '--json']);
    expect((JSON.parse(mapped.out) as Report).mapping_parameters['RAMPS']).toBe(1);
  });

  test('where several mappings fit, they are listed', async () => {
    const { code, error } = await runCommand(['run', 'attention-1-pass', 'fusemax', ...sizes]);
    expect(code).toBe(2);
    expect(error).toContain('error[missing-mapping]');
    expect(error).toMatch(/choose one with --mapping: .*fusemax-architecture, fusemax-binding/);
  });

  test('a mapping for another machine is refused in one sentence', async () => {
    const { code, error } = await runCommand([
      'run',
      'attention-1-pass',
      'h100-sxm',
      ...sizes,
      '--mapping',
      'fusemax-binding',
    ]);
    expect(code).toBe(1);
    expect(error.match(/error\[/g)).toEqual(['error[']);
    expect(error).toContain('"h100-sxm" has no levels "DRAM", "GlobalBuffer"');
  });

  test('a file in place of each name', async () => {
    const files = ['cascades/attention-1-pass.einsum', 'hardware-specs/fusemax.yaml'];
    const mapping = ['--mapping', 'mappings/fusemax-binding.map'];
    const byFile = await runCommand(['run', ...files, ...sizes, ...mapping, '--json']);
    expect(byFile.out).toBe((await runCommand([...small, '--json'])).out);
  });
});

test('demo runs both machines and writes two reports and one plot', async () => {
  const out = join(folder, 'demo');
  const ran = await runCommand(['demo', '--out', out]);
  expect(ran.error).toBe('');
  expect(ran.code).toBe(0);
  for (const row of ['time', 'energy', 'bytes', 'limited by', 'utilization'])
    expect(ran.out).toMatch(new RegExp(`^${row} +\\S.* {2,}\\S`, 'm'));
  for (const file of ['fusemax-bert-64k.json', 'h100-flash-attention-3-16k.json'])
    expect(isReport(JSON.parse(readFileSync(join(out, file), 'utf8')))).toBe(true);
  expect(readFileSync(join(out, 'roofline.svg'), 'utf8')).toMatch(/h100-sxm peak \d+ TFLOP\/s/);
});

test('--mapping auto: the mapping is found, and run', async () => {
  const sizes = ['M=40', 'N=24', 'K=16'].flatMap((s) => ['--set', s]);
  const own = await runCommand(['run', 'gemm', 'fusemax', ...sizes, '--model', 'both', '--json']);
  const found = await runCommand([
    'run',
    'gemm',
    'fusemax',
    ...sizes,
    '--mapping',
    'auto',
    '--model',
    'both',
    '--json',
  ]);
  expect(found.code).toBe(0);
  const [best, written] = [found, own].map((r) => JSON.parse(r.out)[0].latency_cycles);
  expect(best).toBeLessThanOrEqual(written);
  const executed = await runCommand(['execute', 'gemm', '--hardware', 'fusemax', ...sizes, '--mapping', 'auto']);
  expect(executed.out).toMatch(/^mapping found: .*, the least latency of these spaces\n/);
  expect(executed.code).toBe(0);
});
