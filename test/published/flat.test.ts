import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

type Configuration = {
  readonly workload: string;
  readonly seqlen: number;
  readonly mapping: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly artifact: { readonly spilled: number };
};

const path = join(import.meta.dirname, '../../experiments/fusemax/flat-configurations.json');
const { configurations } = JSON.parse(readFileSync(path, 'utf8')) as { configurations: readonly Configuration[] };
const flat = await shippedMachine('flat');

/** Heads and head dimension; batch 64. */
const models: Readonly<Record<string, readonly [number, number]>> = {
  BERT: [12, 64],
  TrXL: [16, 64],
  T5: [8, 64],
  XLM: [16, 128],
};

/**
 * As the artifact counts: four passes of the 256 lanes over the scores; Q, K and V come for every 256 x 256 tile, once if
 * they are on chip but for what spills; seven accesses of scores, of which the share s spills.
 */
test.each(configurations.filter((c) => c.mapping === 'flat'))(
  'FLAT as the artifact runs it: $workload, $seqlen',
  (c) => {
    const [heads, e] = models[c.workload]!;
    const n = c.seqlen;
    const sizes = { B: 64, H: heads, E: e, F: e, P: n, M: n };
    const text = shipped('mappings', 'flat.map').text;
    const p = must(place(text, workloadOf('attention-3-pass', sizes), flat, c.parameters));
    const { ROWS = 0, ON_CHIP_Q = 0, ON_CHIP_V = 0 } = c.parameters;

    const room = n * ROWS + 2 * ON_CHIP_Q * ROWS * e + 2 * ON_CHIP_V * n * e + 65536 + 1024 * e;
    const s = Math.max(0, 1 - 2 ** 24 / room);
    expect(p.parameters.get('SPILL')).toBeCloseTo(s, 9);
    expect(s).toBeCloseTo(c.artifact.spilled, 6);

    const scores = 64 * heads * n * n;
    const vectors = 64 * heads * n * e;
    const each = vectors * (n / 256);
    const come = (onChip: number): number => (onChip === 1 ? (1 - s) * vectors + s * each : each);
    const words = 7 * s * scores + come(ON_CHIP_Q) + each + come(ON_CHIP_V) + vectors;
    const { latency_cycles, traffic, utilization } = evaluateMapping(p, 'analytic');
    const dram = traffic.get('DRAM')!;
    expect((dram.read_bytes + dram.write_bytes) / (2 * words)).toBeCloseTo(1, 9);
    expect(Math.abs(latency_cycles / ((4 * scores) / 256) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(utilization.get('Array2D')! - (2 * e) / 1024)).toBeLessThan(0.002);
    expect(utilization.get('Array1D')).toBeCloseTo(1, 3);
  },
);
