import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { atDataSheetRates, machineOf, shippedSource } from '../arch/shipped.ts';
import { must, place, workloadOf } from '../mapper/inputs.ts';

const h100 = await machineOf(shippedSource('h100-sxm'), atDataSheetRates);
const text = readFileSync(join(import.meta.dirname, '../../docs/mappings.md'), 'utf8');
const example = /^```mapping\n(# [^\n]*\nmapping co-resident\n[\s\S]*?)^```$/m.exec(text)![1]!;

test('thread blocks that share a processor hide the softmax of one under the products of the other', () => {
  const workload = workloadOf('attention-1-pass', { B: 4, H: 132, P: 1024, M: 4096, E: 64, F: 64, M0: 64 });
  const withBlocks = (BLOCKS: number) => evaluateMapping(must(place(example, workload, h100, { BLOCKS })), 'cycle');
  const [one, two] = [withBlocks(1), withBlocks(2)];
  // As the document says.
  expect(two.latency_cycles / one.latency_cycles).toBeCloseTo(3 / 5, 1);
  expect(two.utilization.get('TensorCore')).toBeGreaterThan(1.4 * one.utilization.get('TensorCore')!);
  expect([...two.traffic.keys()]).toEqual([...one.traffic.keys()]);
  for (const [level, { read_bytes, write_bytes }] of two.traffic) {
    expect(read_bytes, level).toBe(one.traffic.get(level)!.read_bytes);
    expect(write_bytes, level).toBe(one.traffic.get(level)!.write_bytes);
  }
  for (const [level, { required_bytes }] of two.buffers)
    if (level === 'SharedMemory') expect(required_bytes).toBe(2 * one.buffers.get(level)!.required_bytes);
});
