import type { Run } from 'attnsim';
import { dramBytes, energy_j, type Job, type Outcome } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { lengthText } from '../text.ts';
import { change, type JobsOf } from './rows.ts';

/** Of the artifact's results: energies as printed and without the overflow of an integer, and words of one PE. */
export type PublishedRow = {
  readonly kernel: string;
  readonly variant?: string;
  readonly workload: string;
  readonly seqlen: number;
  readonly csv_energy_pJ?: number;
  readonly model_energy_total_without_uint64_overflow_pJ?: number;
  readonly regfile_accesses_one_instance_words?: { readonly rf2d_read: number; readonly rf2d_write: number };
};

const seqlen = 2 ** 16;

const withParameters = (job: Job, parameters: Run['parameters']): Job => ({
  ...job,
  run: { ...job.run, parameters: { ...job.run.parameters, ...parameters } },
});

/** What the artifact assumes, beside the same with another assumption: BERT at 64K, closed form, unless it says else. */
export function disagreementsPart(jobsOf: JobsOf, points: readonly PublishedRow[]): Part {
  const jobOf = (variant: string, how: Partial<Omit<Job, 'run'>> = {}, length = seqlen): Job =>
    jobsOf({ kernel: 'attention', variant, workload: 'BERT', seqlen: length }, how)[0]!;
  const cascade = jobOf('cascade');
  const oneCycle = withParameters(cascade, { SUB_CYCLES: '0' });
  const xlmLengths = [2 ** 10, seqlen];
  const xlm = (variant: string, n: number): Job =>
    jobsOf({ kernel: 'attention', variant, workload: 'XLM', seqlen: n })[0]!;
  const xlmOneCycle = (n: number): Job => withParameters(xlm('cascade', n), { SUB_CYCLES: '0' });
  const wholeBuffer = withParameters(cascade, { BUFFER: String(2 ** 25) });
  const charged = (variant: string): readonly [Job, Job] => [
    jobOf(variant, { accounting: 'artifact' }),
    jobOf(variant, { accounting: 'physical' }),
  ];
  const cycle = { model: 'cycle' } as const;
  const short = (variant: string): readonly [Job, Job] => [jobOf(variant, {}, 2 ** 10), jobOf(variant, cycle, 2 ** 10)];
  const ramps = withParameters(jobOf('binding', cycle, 2 ** 10), { RAMPS: '1' });
  const flat = jobOf('flat');
  const architecture = jobOf('arch', { accounting: 'physical' });
  const flatLengths = [2 ** 12, seqlen];
  return {
    jobs: [
      cascade,
      oneCycle,
      ...xlmLengths.flatMap((n) => [xlm('flat', n), xlmOneCycle(n)]),
      wholeBuffer,
      ...['unfused', 'flat', 'cascade', 'binding'].flatMap(charged),
      ...['unfused', 'binding'].flatMap(short),
      ramps,
      flat,
      architecture,
      ...flatLengths.flatMap((n) => [jobOf('flat', {}, n), jobOf('flat', cycle, n)]),
    ],
    show: (of) => {
      const cycles = (job: Job): number => of(job).metrics.latency_cycles;
      const energy = (job: Job): number => energy_j(of(job));
      const exponentials = (outcome: Outcome): number => (outcome.metrics.energy_pj.get('Array1D exp') ?? 0) / 1e12;
      const [cascadeArtifact, cascadePhysical] = charged('cascade');
      const withExp = energy(cascadeArtifact) + exponentials(of(cascadePhysical));
      const overflow = points.flatMap(({ csv_energy_pJ: a, model_energy_total_without_uint64_overflow_pJ: b }) =>
        a === undefined || b === undefined ? [] : [a / b - 1],
      );
      const over = (a: number, b: number): string => change(a / b - 1);
      const ratio = (a: number, b: number): string => (a / b).toFixed(3);
      const byVariant = (variant: string, name: string): string[] => {
        const [artifact, physical] = charged(variant);
        return [`register files of all PEs, ${name}`, 'energy', over(energy(physical), energy(artifact))];
      };
      const [bindingClosed, bindingShort] = short('binding');
      const [unfusedClosed, unfusedShort] = short('unfused');
      // As the artifact charges it, accesses are those of one PE.
      const words = points.find(
        (p) => p.kernel === 'attention' && p.variant === 'binding' && p.workload === 'BERT' && p.seqlen === seqlen,
      )!.regfile_accesses_one_instance_words!;
      const accesses = (action: string): number => of(charged('binding')[0]).metrics.actions.get(action)!.count;
      const rows = [
        ['+Cascade, an exponential in 2 cycles', 'speed-up over FLAT', ratio(cycles(flat), cycles(cascade))],
        ['+Cascade, in 1 as FLAT', 'speed-up over FLAT', ratio(cycles(flat), cycles(oneCycle))],
        ...xlmLengths.map((n) => [
          `+Cascade, in 1 as FLAT, XLM at ${lengthText(n)}`,
          'speed-up over FLAT',
          ratio(cycles(xlm('flat', n)), cycles(xlmOneCycle(n))),
        ]),
        ['+Cascade, tiles for its 32 MiB', 'DRAM bytes', over(dramBytes(of(wholeBuffer)), dramBytes(of(cascade)))],
        ['+Cascade, exponentials charged', 'energy', over(withExp, energy(cascadeArtifact))],
        byVariant('unfused', 'unfused'),
        byVariant('flat', 'FLAT'),
        byVariant('binding', '+Binding'),
        ['words that a PE reads, +Binding', 'accesses', over(accesses('RF2D read'), words.rf2d_read)],
        ['words that a PE writes, +Binding', 'accesses', over(accesses('RF2D write'), words.rf2d_write)],
        ['integer overflow, the worst of the given rows', 'energy', change(Math.max(...overflow))],
        ...flatLengths.map((n) => [
          `FLAT at ${lengthText(n)}, simulated`,
          'cycles',
          over(cycles(jobOf('flat', cycle, n)), cycles(jobOf('flat', {}, n))),
        ]),
        ['+Binding at 1K, simulated without ramps', 'cycles', over(cycles(bindingShort), cycles(bindingClosed))],
        ['+Binding at 1K, simulated with every ramp', 'cycles', over(cycles(ramps), cycles(bindingClosed))],
        ['+Architecture, not +Binding', 'cycles', over(cycles(architecture), cycles(charged('binding')[1]))],
        ['+Architecture, not +Binding', 'energy', over(energy(architecture), energy(charged('binding')[1]))],
        ['unfused at 1K, simulated', 'cycles', over(cycles(unfusedShort), cycles(unfusedClosed))],
      ];
      return { blocks: { disagreements: markdownTable([['assumption', 'of what', 'size'], ...rows]) }, charts: {} };
    },
  };
}
