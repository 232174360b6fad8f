import type { Job } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { change, type JobsOf, lengths, lengthText, unlikeWorkloads, variants } from './rows.ts';

/** XLM differs by the size of its heads alone, which two lengths show. */
const simulatedLengths = { BERT: lengths, XLM: [2 ** 10, 2 ** 16] } as const;

/** The simulator beside the closed form, for the two workloads that are not multiples of each other. */
export function simulatorPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, workload: string, seqlen: number, model: Job['model']): Job =>
    jobsOf({ kernel: 'attention', variant, workload, seqlen }, { model })[0]!;
  const each = unlikeWorkloads.flatMap((workload) =>
    simulatedLengths[workload].map((seqlen) => ({ workload, seqlen })),
  );
  return {
    jobs: each.flatMap(({ workload, seqlen }) =>
      variants.flatMap((v) => [jobOf(v.key, workload, seqlen, 'cycle'), jobOf(v.key, workload, seqlen, 'analytic')]),
    ),
    show: (of) => {
      const cell = (variant: string, workload: string, seqlen: number): string => {
        const [simulated, closed] = (['cycle', 'analytic'] as const).map(
          (model) => of(jobOf(variant, workload, seqlen, model)).metrics.latency_cycles,
        ) as [number, number];
        return `${(simulated / 1e6).toLocaleString('en-US', { maximumSignificantDigits: 6 })} (${change(simulated / closed - 1, 3)})`;
      };
      const rows = each.map(({ workload, seqlen }) => [
        workload,
        lengthText(seqlen),
        ...variants.map((v) => cell(v.key, workload, seqlen)),
      ]);
      return {
        blocks: { simulator: markdownTable([['workload', 'length', ...variants.map((v) => v.name)], ...rows]) },
        charts: {},
      };
    },
  };
}
