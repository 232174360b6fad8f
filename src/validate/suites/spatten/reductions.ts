import type { Figure, Outcome, Run } from '../../suite.ts';
import { type Kind, kindOf, type Schedules } from './kind.ts';
import { runsOf } from './traces.ts';

/** The baseline of the published factors: every key and value of every head, in 32 bits, for which no SRAM has room. */
const inWords = (run: Run): Run => ({
  ...run,
  formats: { K0: 'fp32', V: 'fp32' },
  densities: { G: 0 },
  parameters: { ...run.parameters, SRAM: '1 MiB' },
});

/** The bits of the pruned workload without low ones, for both sides: what pruning saves alone. */
const alike = (run: Run): Run => ({ ...run, formats: { K0: 'int8', V: 'int8' }, densities: { G: 0 } });

type Reduction = { readonly schedule: string; readonly against: string; readonly by: 'pruning' | 'pruning and bits' };

const bytes = ({ metrics }: Outcome): number => metrics.traffic.get('HBM')!.read_bytes;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Runs that the others are compared with. */
const baselines = new WeakSet<Run>();

/** Bytes of the runs that the others are compared with over theirs. */
const factor: Figure['read'] = (outcomes, { runs }) => {
  const bytesOf = (baseline: boolean): number =>
    sum(outcomes.filter((_, i) => baselines.has(runs[i]!) === baseline).map(bytes));
  return bytesOf(true) / bytesOf(false);
};

/** DRAM bytes that pruning and narrow formats save, beside the means that are published of all GPT-2 benchmarks. */
export const reductions = (schedules: Schedules): Kind =>
  kindOf<Reduction>({
    table: 'reductions',
    cascade: 'spatten-layer',
    required: ['schedule', 'against', 'by'],
    figures: [{ name: 'dram_reduction', title: 'reduction', unit: 'x', error: 'relative', read: factor }],
    fields: {
      schedule: { enum: Object.keys(schedules) },
      against: { enum: Object.keys(schedules) },
      by: { enum: ['pruning', 'pruning and bits'] },
    },
    plan: ({ schedule, against, by }) => {
      const [whole, pruned] = [against, schedule].map((name) => runsOf(schedules[name]!, 'spatten'));
      const [baseline, others] =
        by === 'pruning' ? [whole!.map(alike), pruned!.map(alike)] : [whole!.map(inWords), pruned!];
      for (const run of baseline) baselines.add(run);
      return {
        series: 'DRAM reduction',
        label: `${schedules[schedule]!.model}, by ${by}`,
        runs: [...baseline, ...others],
      };
    },
  });
