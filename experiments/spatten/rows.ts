import type { Metrics, Run } from 'attnsim';
import { dramBytes, type Job, type Outcome } from '../job.ts';

/** Rows of a schedule that are alike: a row is one head of one layer in one step. */
export type Alike = {
  readonly keys: number;
  readonly values: number;
  readonly rows: number;
  /** Of them, those whose low bits of the keys are fetched. */
  readonly low_rows: number;
};

/** How keys and values lie in DRAM. */
export type Numbers = {
  readonly K0: string;
  readonly V: string;
  /** Whether low bits of the keys, 4 of them, come for no row, for those of the schedule, or for all. */
  readonly low: 'none' | 'scheduled' | 'all';
};

export type How = {
  readonly hardware?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly model?: Metrics['model'];
};

/** Dimensions of a head, and tokens that are fetched at a time: the released hardware's. */
export const head_size = 64;
const group = 8;

const bits: Readonly<Record<string, number>> = { int6: 6, int8: 8, fp32: 32 };

const lowShare = ({ low }: Numbers, { rows, low_rows }: Alike): number =>
  ({ none: 0, scheduled: low_rows / rows, all: 1 })[low];

/** Each group of alike rows as heads of one layer. */
export const scheduleJobs = (schedule: readonly Alike[], numbers: Numbers, how: How = {}): readonly Job[] =>
  schedule.map((alike): Job => {
    const run: Run = {
      cascade: 'spatten-layer',
      hardware: how.hardware ?? 'spatten',
      mapping: 'spatten',
      workload: undefined,
      sizes: { B: 1, H: alike.rows, P: 1, M: alike.keys, E: head_size, F: head_size, KEPT: alike.values },
      formats: { K0: numbers.K0, V: numbers.V },
      densities: { G: lowShare(numbers, alike) },
      parameters: { BURST: `${(group * head_size * bits[numbers.K0]!) / 8} B`, ...how.parameters },
    };
    return { run, model: how.model ?? 'analytic' };
  });

/** Of all runs together. */
export type Totals = {
  readonly cycles: number;
  readonly dram_bytes: number;
  /** Useful: two a product of the scores and of the values, those that are computed again not counted. */
  readonly flops: number;
  readonly tflops: number;
  /** What is busy longest, and its share of the time. */
  readonly limit: string;
  readonly limit_share: number;
};

export function totalsOf(of: (job: Job) => Outcome, jobs: readonly Job[]): Totals {
  const sum = (figure: (outcome: Outcome, job: Job) => number): number =>
    jobs.reduce((total, job) => total + figure(of(job), job), 0);
  const cycles = sum(({ metrics }) => metrics.latency_cycles);
  const flops = sum((_, { run: { sizes } }) => 2 * head_size * sizes['H']! * (sizes['M']! + sizes['KEPT']!));
  const busyOf = (resource: string): number =>
    sum(({ metrics }) => {
      const busy = metrics.busy_cycles.get(resource);
      return busy === undefined ? 0 : busy.cycles / busy.instances;
    });
  const resources = [...new Set(jobs.flatMap((job) => [...of(job).metrics.busy_cycles.keys()]))];
  const limit = resources.reduce((most, resource) => (busyOf(resource) > busyOf(most) ? resource : most));
  const { clock_hz } = of(jobs[0]!);
  const limit_share = busyOf(limit) / cycles;
  return {
    cycles,
    dram_bytes: sum(dramBytes),
    flops,
    tflops: (flops / cycles) * (clock_hz / 1e12),
    limit,
    limit_share,
  };
}

export const digits = (value: number, count = 3): string =>
  value.toLocaleString('en-US', { maximumSignificantDigits: count });
export const times = (value: number, count = 3): string => `${digits(value, count)}x`;
