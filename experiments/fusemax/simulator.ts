import type { Job } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { change, type JobsOf, lengths, lengthText, unlikeWorkloads, variants } from './rows.ts';

/** XLM differs by the size of its heads alone, which two lengths show. */
const simulatedLengths = { BERT: lengths, XLM: [2 ** 10, 2 ** 16] } as const;

/** From 256K on FLAT has every row of a block walked: one head of one sequence has it in seconds. */
const isOneHead = (variant: string, seqlen: number): boolean => variant === 'flat' && seqlen >= 2 ** 18;

/** The simulator beside the closed form, for the two workloads that are not multiples of each other. */
export function simulatorPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, workload: string, seqlen: number, model: Job['model']): Job => {
    const sizes = isOneHead(variant, seqlen) ? { sizes: { B: 1, H: 1 } } : {};
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
        return `${cycles}${isOneHead(variant, seqlen) ? ' a head' : ''} (${change(simulated / closed - 1, 3)})`;
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
