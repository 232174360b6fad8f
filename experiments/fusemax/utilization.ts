import type { BarChart } from 'attnsim';
import type { Job, Outcome } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { lengthText } from '../text.ts';
import { type JobsOf, lengths, unlikeWorkloads, variants } from './rows.ts';

/** Einsums on the 2D array, of both cascades. */
const einsums = ['QK', 'LM', 'SLN', 'SLD', 'SLNV', 'AV'];

const used = ({ metrics }: Outcome, unit: string): number =>
  [...metrics.lane_utilization.get(unit)!.values()].reduce((sum, share) => sum + share, 0);

/** Share of the PEs and lanes, over the time, in which they compute a point; of the 2D array by Einsum. */
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
        title: `PEs of the 2D array in use, by Einsum (${workload})`,
        source: 'attnsim, analytic model; PEs beside a tile that fills a part of the array are idle',
        y: { title: 'Share of PEs and time', scale: 'linear', domain: [0, 1] },
        series: einsums,
        groups: variants.flatMap((v) =>
          lengths.map((n) => ({
            section: v.name,
            label: lengthText(n),
            values: einsums.map((e) =>
              of(jobOf(v.key, workload, n))
                .metrics.lane_utilization.get('Array2D')
                ?.get(e),
            ),
          })),
        ),
      });
      const cell = (outcome: Outcome): string =>
        ['Array2D', 'Array1D'].map((unit) => used(outcome, unit).toFixed(4)).join(' / ');
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
