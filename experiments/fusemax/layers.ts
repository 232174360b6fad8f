import { energy_j, type Job } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { lengthText } from '../text.ts';
import { type JobsOf, variants } from './rows.ts';
import { each, variantBars } from './variant-bars.ts';

const platforms = [
  { variant: 'linear_on_flat_arch', name: 'on flat' },
  { variant: 'linear_on_fusemax_arch', name: 'on fusemax' },
] as const;

/** The linear layers, and a whole encoder layer: attention, then they. */
export function layersPart(jobsOf: JobsOf): Part {
  const linear = (variant: string, workload: string, seqlen: number): readonly Job[] =>
    jobsOf({ kernel: 'linear_layers', variant, workload, seqlen }, { accounting: 'artifact' });
  const whole = (variant: string, workload: string, seqlen: number): readonly Job[] =>
    jobsOf({ kernel: 'end_to_end_layer', variant, workload, seqlen }, { accounting: 'artifact' });
  return {
    jobs: each.flatMap(({ workload, seqlen }) => [
      ...platforms.flatMap((p) => linear(p.variant, workload, seqlen)),
      ...variants.flatMap((v) => whole(v.key, workload, seqlen)),
    ]),
    show: (of) => {
      const cycles = (jobs: readonly Job[]): number =>
        jobs.reduce((sum, job) => sum + of(job).metrics.latency_cycles, 0);
      const energy = (jobs: readonly Job[]): number => jobs.reduce((sum, job) => sum + energy_j(of(job)), 0);
      const speedUp = (variant: string, workload: string, n: number): number =>
        cycles(whole('unfused', workload, n)) / cycles(whole(variant, workload, n));
      const chart = variantBars(
        'Speed-up of an encoder layer over the unfused baseline',
        'Speed-up (times)',
        speedUp,
        'batch 64; attention and six matrix products',
      );
      const number = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
      return {
        blocks: {
          linear: markdownTable([
            ['workload', 'length', ...platforms.flatMap((p) => [`Mcycles ${p.name}`, `J ${p.name}`])],
            ...each.map(({ workload, seqlen }) => [
              workload,
              lengthText(seqlen),
              ...platforms.flatMap((p) => {
                const jobs = linear(p.variant, workload, seqlen);
                return [number(cycles(jobs) / 1e6), number(energy(jobs))];
              }),
            ]),
          ]),
          layers: markdownTable([
            ['workload', 'length', ...variants.map((v) => v.name)],
            ...each.map(({ workload, seqlen }) => [
              workload,
              lengthText(seqlen),
              ...variants.map((v) => {
                const jobs = whole(v.key, workload, seqlen);
                return `${number(cycles(jobs) / 1e6)} (${speedUp(v.key, workload, seqlen).toFixed(2)})`;
              }),
            ]),
          ]),
        },
        charts: { 'speed-up-layer': chart },
      };
    },
  };
}
