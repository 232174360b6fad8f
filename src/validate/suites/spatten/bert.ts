import type { Figure } from '../../suite.ts';
import { busyCycles, count, head_size, kindOf } from './kind.ts';

/** A layer of BERT. */
type Layer = {
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly key_bits: number;
  readonly value_bits: number;
  readonly multipliers: number;
  readonly dram_channels: number;
};

/** The closed form does not wait for what trails behind the last head. */
const equal = { analytic: 0.1, cycle: 1e-9 };

const cycles = (name: string, title: string, read: Figure['read']): Figure => ({
  name,
  title,
  unit: 'cycles',
  error: 'relative',
  tolerance: equal,
  read,
});

const figures: readonly Figure[] = [
  cycles('layer_cycles', 'layer', ([outcome]) => outcome!.metrics.latency_cycles),
  cycles('dram_cycles', 'DRAM', busyCycles('HBM')),
  cycles('fill_cycles', 'scores', busyCycles('ScoreArray')),
];

const sizes = ['queries', 'keys', 'heads', 'multipliers', 'dram_channels'];

/** Layers of BERT as the released cycle model counts them, without top-k. */
export const bert = kindOf<Layer>({
  table: 'bert',
  cascade: 'attention-2-pass-unshifted',
  required: [...sizes, 'key_bits', 'value_bits'],
  figures,
  // It counts 6 bits, and more than 8, as 8.
  fields: {
    ...Object.fromEntries(sizes.map((name) => [name, count(2 ** 20)])),
    key_bits: { enum: [4, 8] },
    value_bits: { enum: [4, 8] },
  },
  plan: (row) => ({
    series: 'BERT layer',
    label: `${row.queries} x ${row.keys}, ${row.heads} heads, ${row.key_bits} bits, ${row.multipliers} multipliers`,
    runs: [
      {
        cascade: 'attention-2-pass-unshifted',
        hardware: 'spatten',
        mapping: 'spatten-bert-serial',
        workload: undefined,
        sizes: { B: 1, H: row.heads, P: row.queries, M: row.keys, E: head_size, F: head_size },
        formats: { K: `int${row.key_bits}`, V: `int${row.value_bits}` },
        parameters: { MULTIPLIERS: String(row.multipliers), CHANNELS: String(row.dram_channels) },
      },
    ],
  }),
});
