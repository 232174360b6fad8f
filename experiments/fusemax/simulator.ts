import type { Job } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { lengthText } from '../text.ts';
import { change, type JobsOf, lengths, unlikeWorkloads, variants } from './rows.ts';

/** XLM differs by the size of its heads alone, which one length shows: the one at which FLAT is furthest off. */
const simulatedLengths = { BERT: lengths, XLM: [2 ** 12] } as const;

/** Heads follow each other without a seam; of long ones one is enough, and takes half the time or less to simulate. */
const isOneHead = (seqlen: number): boolean => seqlen >= 2 ** 14;

/** The simulator beside the closed form, for the two workloads that are not multiples of each other. */
export function simulatorPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, workload: string, seqlen: number, model: Job['model']): Job => {
    const sizes = isOneHead(seqlen) ? { sizes: { B: 1, H: 1 } } : {};
    return jobsOf({ kernel: 'attention', variant, workload, seqlen, ...sizes }, { model })[0]!;
  };
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
        const cycles = (simulated / 1e6).toLocaleString('en-US', { maximumSignificantDigits: 6 });
        return `${cycles} (${change(simulated / closed - 1, 3)})`;
      };
      const rows = each.map(({ workload, seqlen }) => [
        workload,
        `${lengthText(seqlen)}${isOneHead(seqlen) ? ', a head' : ''}`,
        ...variants.map((v) => cell(v.key, workload, seqlen)),
      ]);
      return {
        blocks: { simulator: markdownTable([['workload', 'length', ...variants.map((v) => v.name)], ...rows]) },
        charts: {},
      };
    },
  };
}
