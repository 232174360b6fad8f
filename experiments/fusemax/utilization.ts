import type { BarChart } from 'attnsim';
import type { Job, Outcome } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { type JobsOf, lengths, lengthText, unlikeWorkloads, variants } from './rows.ts';

/** Einsums on the 2D array, of both cascades. */
const einsums = ['QK', 'LM', 'SLN', 'SLD', 'SLNV', 'AV'];

const share = ({ metrics }: Outcome, einsum: string): number | undefined => {
  const busy = metrics.busy_by_einsum.get('Array2D')?.get(einsum);
  return busy === undefined ? undefined : busy / metrics.latency_cycles;
};

/** Share of the time that the arrays are held, by Einsum. */
export function utilizationPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, workload: string, seqlen: number): Job =>
    jobsOf({ kernel: 'attention', variant, workload, seqlen })[0]!;
  const each = unlikeWorkloads.flatMap((workload) => lengths.map((seqlen) => ({ workload, seqlen })));
  return {
    jobs: each.flatMap(({ workload, seqlen }) => variants.map((v) => jobOf(v.key, workload, seqlen))),
    show: (of) => {
      const chart = (workload: string): BarChart => ({
        kind: 'bars',
        stacked: true,
        title: `Time that the 2D array is held, by Einsum (${workload})`,
        source: 'attnsim, analytic model; a tile that fills a part of the array holds all of it',
        y: { title: 'Share of the time', scale: 'linear', domain: [0, 1] },
        series: einsums,
        groups: variants.flatMap((v) =>
          lengths.map((n) => ({
            section: v.name,
            label: lengthText(n),
            values: einsums.map((e) => share(of(jobOf(v.key, workload, n)), e)),
          })),
        ),
      });
      const cell = (outcome: Outcome): string =>
        ['Array2D', 'Array1D'].map((unit) => outcome.metrics.utilization.get(unit)!.toFixed(4)).join(' / ');
      return {
        blocks: {
          utilization: markdownTable([
            ['workload', 'length', ...variants.map((v) => `${v.name}, 2D / 1D`)],
            ...each.map(({ workload, seqlen }) => [
              workload,
              lengthText(seqlen),
              ...variants.map((v) => cell(of(jobOf(v.key, workload, seqlen)))),
            ]),
          ]),
        },
        charts: { 'utilization-bert': chart('BERT'), 'utilization-xlm': chart('XLM') },
      };
    },
  };
}
