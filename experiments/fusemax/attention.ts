import type { Claim, Run } from 'attnsim';
import { dramBytes, energy_j, type Job, type Outcome } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { lengthText, mean } from '../text.ts';
import { type JobsOf, variants } from './rows.ts';
import { each, type Lookup, variantBars } from './variant-bars.ts';

type Figure = (outcome: Outcome) => number;
const latency: Figure = ({ metrics }) => metrics.latency_cycles;

const accountings = ['artifact', 'physical'] as const;

const table = (text: (value: number) => string, value: Lookup): string =>
  markdownTable([
    ['workload', 'length', ...variants.map((v) => v.name)],
    ...each.map(({ workload, seqlen }) => [
      workload,
      lengthText(seqlen),
      ...variants.map((v) => text(value(v.key, workload, seqlen))),
    ]),
  ]);

/** Figures of all variants, workloads and lengths, and over those of the unfused baseline. */
export function attentionPart(jobsOf: JobsOf): Part {
  const jobOf = (variant: string, workload: string, seqlen: number, accounting: string): Job =>
    jobsOf({ kernel: 'attention', variant, workload, seqlen }, { accounting })[0]!;
  return {
    jobs: each.flatMap(({ workload, seqlen }) =>
      variants.flatMap((v) => accountings.map((accounting) => jobOf(v.key, workload, seqlen, accounting))),
    ),
    show: (of) => {
      const lookUp =
        (figure: Figure, accounting: string): Lookup =>
        (v, w, n) =>
          figure(of(jobOf(v, w, n, accounting)));
      const cycles = lookUp(latency, 'physical');
      const [artifact, physical] = accountings.map((accounting) => lookUp(energy_j, accounting)) as [Lookup, Lookup];
      return {
        blocks: {
          latency: table((value) => (value / 1e6).toLocaleString('en-US', { maximumSignificantDigits: 6 }), cycles),
          traffic: table(
            (value) => (value / 1e9).toLocaleString('en-US', { maximumSignificantDigits: 6 }),
            lookUp(dramBytes, 'physical'),
          ),
          'energy-artifact': table((value) => value.toLocaleString('en-US', { maximumSignificantDigits: 5 }), artifact),
          'energy-physical': table((value) => value.toLocaleString('en-US', { maximumSignificantDigits: 5 }), physical),
        },
        charts: {
          'speed-up': variantBars(
            'Speed-up of attention over the unfused baseline',
            'Speed-up (times)',
            (v, w, n) => cycles('unfused', w, n) / cycles(v, w, n),
          ),
          'energy-artifact': variantBars(
            'Energy of attention, as the artifact charges it',
            'Share of the energy of the unfused baseline',
            (v, w, n) => artifact(v, w, n) / artifact('unfused', w, n),
          ),
          'energy-physical': variantBars(
            'Energy of attention, every register file and exponential charged',
            'Share of the energy of the unfused baseline',
            (v, w, n) => physical(v, w, n) / physical('unfused', w, n),
          ),
        },
      };
    },
  };
}

/** The means that the paper prints, from the results that its artifact ships and from these. */
export function headlinesPart(claims: readonly Claim[]): Part {
  const jobs = (runs: readonly Run[], accounting: string): Job[] =>
    runs.map((run) => ({ run, model: 'analytic', accounting }));
  const pairs = claims.flatMap((claim) => claim.pairs.flat());
  return {
    jobs: pairs.flatMap(({ runs }) => accountings.flatMap((accounting) => jobs(runs, accounting))),
    show: (of) => {
      const total = (claim: Claim, runs: readonly Run[], accounting: string): number =>
        jobs(runs, accounting)
          .map((job) => (claim.figure === 'latency_cycles' ? latency : energy_j)(of(job)))
          .reduce((a, b) => a + b, 0);
      const row = (claim: Claim): string[] => {
        const [artifact, physical] = accountings.map((accounting) =>
          mean(claim.pairs.map(([a, b]) => total(claim, a.runs, accounting) / total(claim, b.runs, accounting))),
        ) as [number, number];
        const printed = claim.printed === undefined ? '' : String(claim.printed);
        const charged = claim.figure === 'latency_cycles' ? '' : physical.toFixed(4);
        return [claim.claim, printed, claim.recomputed.toFixed(4), artifact.toFixed(4), charged];
      };
      const head = [
        'mean over pairs',
        'paper',
        "artifact's results",
        'here',
        'here, registers and exponentials charged',
      ];
      return { blocks: { headlines: markdownTable([head, ...claims.map(row)]) }, charts: {} };
    },
  };
}
