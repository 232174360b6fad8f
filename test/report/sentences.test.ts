import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedSource } from '../../src/files.ts';
import { outermostBytes } from '../../src/models/outermost-bytes.ts';
import { buildReport } from '../../src/report/report.ts';
import { keyNumbers, runSentences } from '../../src/report/sentences.ts';
import { simulate } from '../../src/simulate.ts';

type Run = readonly [cascade: string, machine: string, mapping: string, sizes: string, more?: Partial<{ G: number }>];

const attention = 'B=1 H=2 P=1024 M=1024 E=64 F=64';

/** What ships, on machines of each kind: limited by arrays, memories and latency. */
const shipped: readonly Run[] = [
  ['attention-1-pass', 'fusemax', 'fusemax-binding', attention],
  ['attention-1-pass', 'h100-sxm', 'flash-attention-3', 'B=1 H=16 P=2048 M=2048 E=128 F=128 M0=128'],
  ['attention-1-pass', 'h100-sxm', 'flash-attention-2', 'B=1 H=16 P=2048 M=2048 E=128 F=128 M0=128 CAUSAL=1'],
  ['attention-3-pass', 'flat', 'unfused', attention],
  ['attention-3-pass', 'flat', 'flat', attention],
  ['gemm', 'raspberry-pi-5', 'gemm-cores', 'M=1 N=1024 K=1024'],
  ['gemm', 'raspberry-pi-5', 'gemm-cores', 'M=64 N=1024 K=1024'],
  ['gemm', 'h100-sxm', 'gemm-thread-blocks', 'M=64 N=64 K=64'],
  ['spatten-layer', 'spatten', 'spatten', 'B=1 H=12 P=1 M=204 E=64 F=64 KEPT=40', { G: 0.07 }],
  ['softmax', 'h100-sxm', 'softmax-gpu', 'B=1 H=4 P=256 M=256'],
];

async function reported([cascade, machine, mapping, sizes, shares = {}]: Run, model: 'analytic' | 'cycle') {
  const read = async (kind: 'cascade' | 'hardware' | 'mapping', name: string) => (await shippedSource(kind, name))!;
  const outcome = await simulate({
    cascade: await read('cascade', cascade),
    machine: await read('hardware', machine),
    mapping: await read('mapping', mapping),
    sizes: new Map(sizes.split(' ').map((s) => [s.split('=')[0]!, Number(s.split('=')[1])])),
    densities: new Map(Object.entries(shares).map(([name, share]) => [name, { share, source: 'given' }])),
    resolveMachine: (name) => shippedSource('hardware', name),
    model,
  });
  if (!outcome.ok) throw new Error(outcome.diagnostics.map((d) => d.message).join('\n'));
  const report = buildReport({ ...outcome.value, compulsory_bytes: outermostBytes(outcome.value.mapping) });
  const { einsums } = outcome.value.workload;
  return { report, operators: new Map(einsums.map((e) => [e.name, e.operations.map((o) => o.operator)])) };
}

describe('what a run comes to, in sentences', () => {
  test('of what ships', async () => {
    const texts: string[] = [];
    for (const run of shipped)
      for (const model of ['analytic', 'cycle'] as const) {
        const { report, operators } = await reported(run, model);
        const sentences = runSentences(report, operators);
        for (const sentence of sentences) expect(sentence).toMatch(/^\S.*[^.\s]\.$/);
        expect(sentences.join(' ')).not.toMatch(/undefined|NaN|Infinity| {2}/);
        const numbers = keyNumbers(report).map(({ name, value, note }) => `  ${name}: ${value} (${note})`);
        texts.push(
          [`${run.slice(0, 4).join(' ')}, ${model}`, ...sentences.map((s) => `  ${s}`), ...numbers].join('\n'),
        );
      }
    await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'sentences.expected.txt'));
  });
});
