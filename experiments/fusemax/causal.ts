import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { bindingJob, type JobsOf, lengthAxis, lengths } from './rows.ts';

const onePass = [
  { key: 'cascade', name: '+Cascade' },
  { key: 'arch', name: '+Architecture' },
  { key: 'binding', name: '+Binding' },
] as const;

/** The closed form goes through all that differ of the tiles on the diagonal: not for 1M, which takes seconds. */
const shown = lengths.filter((n) => n < 2 ** 20);

/** Without a mask, a run is that of other parts. */
const sizesOf = (CAUSAL: number): Readonly<Record<string, number>> => (CAUSAL === 0 ? {} : { CAUSAL });

/** (d) Causal masks: tiles that are masked as a whole are skipped, those on the diagonal are computed in full. */
export function causalPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, seqlen: number, CAUSAL: number): Job =>
    jobsOf({ kernel: 'attention', variant, workload: 'BERT', seqlen, sizes: sizesOf(CAUSAL) })[0]!;
  const simulated = (seqlen: number, CAUSAL: number): Job =>
    bindingJob({ seqlen, sizes: sizesOf(CAUSAL), model: 'cycle' });
  const short = lengths.filter((n) => n <= 2 ** 12);
  return {
    jobs: [
      ...shown.flatMap((n) => onePass.flatMap((v) => [jobOf(v.key, n, 0), jobOf(v.key, n, 1)])),
      ...short.flatMap((n) => [simulated(n, 0), simulated(n, 1)]),
    ],
    show: (of) => {
      const cycles = (job: Job): number => of(job).metrics.latency_cycles;
      const speedUp = (variant: string, n: number): number =>
        cycles(jobOf(variant, n, 0)) / cycles(jobOf(variant, n, 1));
      const exps = (n: number, causal: number): number =>
        of(jobOf('binding', n, causal)).metrics.operations.get('exp')!;
      const held = (n: number, causal: number): number =>
        of(jobOf('binding', n, causal))
          .metrics.busy_by_einsum.get('Array2D')!
          .get('QK')!;
      const left = (n: number): number => held(n, 1) / held(n, 0);
      // Of the tiles off the diagonal half are left: left = diagonal + (1 - diagonal) / 2.
      const diagonal = (n: number): number => 2 * left(n) - 1;
      const rows = shown.map((n) => [
        lengthText(n),
        (exps(n, 1) / exps(n, 0)).toFixed(4),
        left(n).toFixed(4),
        ...onePass.map((v) => speedUp(v.key, n).toFixed(3)),
        short.includes(n) ? (cycles(simulated(n, 0)) / cycles(simulated(n, 1))).toFixed(3) : '',
      ]);
      const head = ['length', 'exponentials left', 'tiles left', ...onePass.map((v) => v.name), '+Binding, simulated'];
      return {
        blocks: {
          causal: markdownTable([head, ...rows]),
          'causal-finding': wrapped(
            `A causal mask makes +Binding ${speedUp('binding', 2 ** 10).toFixed(2)} times as fast at 1K, where tiles on the diagonal are ${percent(diagonal(2 ** 10), 0)} of all, and ${speedUp('binding', 2 ** 18).toFixed(2)} times at 256K.`,
          ),
        },
        charts: {
          causal: {
            kind: 'lines',
            title: 'Speed-up by a causal mask (BERT)',
            source: 'attnsim, analytic model; tiles of 256 x 256 scores',
            x: { ...lengthAxis, domain: [2 ** 10, 2 ** 18] },
            y: { title: 'Speed-up over no mask', scale: 'linear', domain: [1, 2.2] },
            series: onePass.map((v) => ({
              name: v.name,
              points: shown.map((n) => ({ x: n, y: speedUp(v.key, n) })),
            })),
            references: [{ label: 'half of all', value: 2 }],
          },
        },
      };
    },
  };
}
