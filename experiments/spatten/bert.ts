import type { Metrics } from 'attnsim';
import type { Job, Outcome } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import type { Reported } from './data.ts';
import { digits, head_size } from './rows.ts';

/** A layer of BERT. */
export const bertJob = (layer: {
  readonly length: number;
  readonly heads?: number;
  readonly format?: string;
  readonly hardware?: string;
  readonly mapping?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly model?: Metrics['model'];
}): Job => {
  const {
    length,
    heads = 12,
    format = 'int8',
    hardware = 'spatten',
    mapping = 'spatten-bert',
    parameters = {},
  } = layer;
  return {
    run: {
      cascade: 'attention-2-pass-unshifted',
      hardware,
      mapping,
      workload: undefined,
      sizes: { B: 1, H: heads, P: length, M: length, E: head_size, F: head_size },
      formats: { K: format, V: format },
      parameters,
    },
    model: layer.model ?? 'analytic',
  };
};

export const tflopsOf = ({ metrics, clock_hz }: Outcome): number =>
  ((metrics.flops / metrics.latency_cycles) * clock_hz) / 1e12;

const lengths = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const mappings = [
  { name: 'released cycle model', mapping: 'spatten-bert-serial' },
  { name: 'overlapped', mapping: 'spatten-bert' },
] as const;

/** Throughput of BERT by its length, beside the published mean. */
export function bertPart({ tflops: { bert: published } }: Reported): Part {
  const jobOf = (length: number, mapping: string): Job => bertJob({ length, mapping, model: 'cycle' });
  return {
    jobs: lengths.flatMap((length) => mappings.map(({ mapping }) => jobOf(length, mapping))),
    show: (of) => {
      const tflops = (length: number, mapping: string): number => tflopsOf(of(jobOf(length, mapping)));
      const reaches = (mapping: string): number => lengths.find((length) => tflops(length, mapping) >= published)!;
      const longest = lengths.at(-1)!;
      const [serial, overlapped] = mappings;
      return {
        blocks: {
          bert: markdownTable([
            ['tokens', ...lengths.map(String)],
            ...mappings.map(({ name, mapping }) => [
              `${name}, TFLOPS`,
              ...lengths.map((length) => digits(tflops(length, mapping))),
            ]),
          ]),
          'bert-finding': wrapped(
            `The paper's average over 22 benchmarks is ${published} TFLOPS. It is reached from ${reaches(serial.mapping)} tokens on, overlapped from ` +
              `${reaches(overlapped.mapping)} on; at ${longest} it is ${digits(tflops(longest, serial.mapping))} TFLOPS, ` +
              `${percent(tflops(longest, serial.mapping) / published - 1, 0)} more. So any mix of sentences of GLUE, some tens of tokens, and SQuAD, some ` +
              `hundreds, is above it here. The lengths of single benchmarks are not known, nor what else the paper's average has in it; ` +
              `token pruning in BERT, and its top-k once a layer, are not in these runs.`,
          ),
        },
        charts: {
          bert: {
            kind: 'lines',
            title: 'Throughput of a layer of BERT by its length',
            source: 'attnsim, simulated; 12 heads, 8 bits',
            x: {
              title: 'Length of the sequence (tokens)',
              scale: 'log',
              domain: [lengths[0]!, longest],
              ticks: lengths.map((value) => ({ value, text: String(value) })),
            },
            y: { title: 'TFLOPS', scale: 'linear', domain: [0, 2.2] },
            series: mappings.map(({ name, mapping }) => ({
              name,
              points: lengths.map((x) => ({ x, y: tflops(x, mapping) })),
            })),
            references: [{ label: 'the paper, mean of 22', value: published }],
          },
        },
      };
    },
  };
}
