import { type ChartAxis, type FusemaxConfigurations, type FusemaxRow, fusemaxRuns, type Metrics } from 'attnsim';
import type { Job } from '../job.ts';
import { lengthText, percent } from '../text.ts';

/** The five of the paper: key of the suite, and name in tables. */
export const variants = [
  { key: 'unfused', name: 'unfused' },
  { key: 'flat', name: 'FLAT' },
  { key: 'cascade', name: '+Cascade' },
  { key: 'arch', name: '+Architecture' },
  { key: 'binding', name: '+Binding' },
] as const;

export type VariantKey = (typeof variants)[number]['key'];

export const workloads = ['BERT', 'TrXL', 'T5', 'XLM'] as const;
/** The two that differ in more than the number of heads. */
export const unlikeWorkloads = ['BERT', 'XLM'] as const;

export const lengths = [10, 12, 14, 16, 18, 20].map((power) => 2 ** power);

/** Rows of the experiment as jobs, by the table of the suite that `attnsim validate` uses. */
export type JobsOf = (row: FusemaxRow, how?: Partial<Omit<Job, 'run'>>) => readonly Job[];

export const jobsOf =
  (configurations: FusemaxConfigurations): JobsOf =>
  (row, how = {}) =>
    fusemaxRuns(row, configurations).map((run) => ({ run, model: 'analytic', ...how }));

/** +Binding with BERT's sizes, and what is unlike it. */
export const bindingJob = (change: {
  readonly seqlen: number;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly mapping?: string;
  readonly model?: Metrics['model'];
}): Job => ({
  run: {
    cascade: 'attention-1-pass',
    hardware: 'fusemax',
    mapping: change.mapping ?? 'fusemax-binding',
    workload: 'bert-base',
    sizes: { P: change.seqlen, M: change.seqlen, ...change.sizes },
    parameters: change.parameters ?? {},
  },
  model: change.model ?? 'analytic',
});

export const lengthAxis: ChartAxis = {
  title: 'Length of the sequence (tokens)',
  scale: 'log',
  domain: [2 ** 10, 2 ** 20],
  ticks: lengths.map((value) => ({ value, text: lengthText(value) })),
};

/** "+4.5%": a change. */
export const change = (share: number, digits = 1): string => `${share < 0 ? '' : '+'}${percent(share, digits)}`;
