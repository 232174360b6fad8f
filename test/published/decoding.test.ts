import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { expectDocumented } from '../documented.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

/** One query a head over caches of equal size, in few long sequences or many short ones. */

type Row = { readonly batch: number; readonly keys: number; readonly unsplit: number; readonly split: number };
const { rows } = JSON.parse(readFileSync(join(import.meta.dirname, 'flash-decoding-a100.json'), 'utf8')) as {
  rows: readonly Row[];
};

const a100 = await shippedMachine('a100-sxm-80gb');
const processors = 108;
const keyHeads = 2;

function simulated({ batch, keys }: Row): { readonly unsplit: number; readonly split: number; readonly bound: number } {
  const sizes = { B: batch, H: 16, G: 8, P: 1, M: keys, E: 128, F: 128, M0: 64 };
  const on = (mapping: string, cascade: string, more: Readonly<Record<string, number>> = {}): PlacedMapping =>
    must(place(shipped('mappings', `${mapping}.map`).text, workloadOf(cascade, { ...sizes, ...more }), a100));
  const microseconds = (p: PlacedMapping): number => (evaluateMapping(p, 'cycle').latency_cycles / a100.clock_hz) * 1e6;
  // As many parts as fill the processors once.
  const S = Math.max(1, Math.floor(processors / (batch * keyHeads)));
  return {
    unsplit: microseconds(on('flash-attention-2', 'attention-1-pass')),
    split: microseconds(on('flash-decoding', 'attention-split-kv', { S })),
    bound: ((2 * batch * keyHeads * keys * (128 + 128)) / 2039e9) * 1e6,
  };
}

test('docs/validation.md has decoding beside what was measured', () => {
  const us = (time: number): string => `${time.toFixed(0)} µs`;
  const results = rows.map(simulated);
  const head = [
    'sequences',
    'keys',
    'unsplit: measured',
    'simulated',
    'split: measured',
    'simulated',
    'at full bandwidth',
  ];
  const table = rows.map(({ batch, keys, unsplit, split }, i) => {
    const { unsplit: a, split: b, bound } = results[i]!;
    return [`${batch}`, keys < 1024 ? `${keys}` : `${keys / 1024}K`, us(unsplit), us(a), us(split), us(b), us(bound)];
  });
  expectDocumented('docs/validation.md', 'decoding', [head, ...table]);
  for (const { unsplit, split, bound } of results) {
    expect(split).toBeGreaterThan(bound);
    expect(unsplit).toBeGreaterThan(split);
  }
  // The longer the sequences, the fewer they are, and the more is gained by splitting them: in both.
  const gain = (r: { readonly unsplit: number; readonly split: number }): number => r.unsplit / r.split;
  expect(gain(results.at(-1)!)).toBeGreaterThan(10);
  expect(gain(rows.at(-1)!)).toBeGreaterThan(10);
});
