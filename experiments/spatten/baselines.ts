import type { Run } from 'attnsim';
import { energy_j, type Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import { bertJob } from './bert.ts';
import type { Baseline, Reported } from './data.ts';
import { digits, head_size, scheduleJobs, times, totalsOf } from './rows.ts';
import { type Model, roomForUnquantized, unquantized } from './steps.ts';

const heads = 12;
const layers = 12;
const steps = 32;
/** Tokens of a step in the middle of the schedule, and of the longest sentences of SQuAD as they are cut. */
const context = 1008;
const sentence = 384;

/** What runs attention on a baseline: three kernels on GPUs, as PyTorch does; fused on CPUs, which is no slower. */
const gpu = {
  cascade: 'attention-3-pass',
  mapping: 'unfused-gpu',
  parameters: { TILE: '32', STEP: '8' },
  sizes: {},
  tensors: ['Q', 'K', 'V', 'QK', 'GM', 'SN', 'SD', 'A', 'AV'],
};
const cpu = {
  cascade: 'attention-1-pass',
  mapping: 'attention-cores',
  parameters: {},
  sizes: { M0: 64 },
  tensors: ['Q', 'K', 'V', 'AV'],
};
const machines = {
  'TITAN Xp': { ...gpu, hardware: 'titan-xp' },
  'Xeon E5-2640 v4': { ...cpu, hardware: 'xeon-e5-2640-v4' },
  'Jetson Nano': { ...gpu, hardware: 'jetson-nano' },
  'Raspberry Pi 4': { ...cpu, hardware: 'raspberry-pi-4' },
} as const;

/** A layer in 32 bits. */
function layerJob(name: string, queries: number, keys: number): Job {
  const { sizes, tensors, ...how } = machines[name as keyof typeof machines];
  const run: Run = {
    ...how,
    workload: undefined,
    sizes: { B: 1, H: heads, P: queries, M: keys, E: head_size, F: head_size, ...sizes },
    formats: Object.fromEntries(tensors.map((tensor) => [tensor, 'fp32'])),
  };
  return { run, model: 'analytic' };
}

/** The baselines at the rates of their data sheets, which no program exceeds, beside what the paper measured. */
export function baselinesPart(
  small: Model,
  { a3_saved, baselines, eighth, eighth_gops, power_w, steps: steps_published }: Reported,
): Part {
  const generation = scheduleJobs(small.pruned, small.released);
  const dense32 = scheduleJobs(small.dense, unquantized, { parameters: roomForUnquantized });
  const bert = bertJob({ length: sentence });
  const eighthJob = bertJob({ length: sentence, hardware: 'spatten-eighth' });
  const a3Job = bertJob({ length: sentence, hardware: 'a3' });
  return {
    jobs: [
      ...generation,
      ...dense32,
      bert,
      eighthJob,
      a3Job,
      ...baselines.flatMap(({ name }) => [layerJob(name, 1, context), layerJob(name, sentence, sentence)]),
    ],
    show: (of) => {
      const seconds = (job: Job): number => of(job).metrics.latency_cycles / of(job).clock_hz;
      const { clock_hz } = of(bert);
      const token_s = totalsOf(of, generation).cycles / steps / clock_hz;
      const gpt2 = ({ name }: Baseline): number => (layers * seconds(layerJob(name, 1, context))) / token_s;
      const encoder = ({ name }: Baseline): number => seconds(layerJob(name, sentence, sentence)) / seconds(bert);
      const rows = baselines.map((baseline) => [
        baseline.name,
        times(encoder(baseline)),
        times(gpt2(baseline)),
        times(baseline.speedup, 4),
        percent(encoder(baseline) / baseline.speedup, 1),
        percent(gpt2(baseline) / baseline.speedup, 1),
        times(baseline.energy, 4),
        `${digits((power_w * baseline.energy) / baseline.speedup, 2)} W`,
      ]);
      const watts = (jobs: readonly Job[]): number =>
        jobs.reduce((sum, job) => sum + energy_j(of(job)), 0) / jobs.reduce((sum, job) => sum + seconds(job), 0);
      const first = baselines[0]!;
      const dense_s = totalsOf(of, dense32).cycles / steps / clock_hz;
      const datapath = (layers * seconds(layerJob(first.name, 1, context))) / dense_s;
      const most = Math.max(...baselines.flatMap((b) => [encoder(b), gpt2(b)].map((bound) => bound / b.speedup)));
      const peers = seconds(a3Job) / seconds(eighthJob);
      const dense = (2 * 2 * heads * sentence * sentence * head_size) / seconds(eighthJob) / 1e9;
      return {
        blocks: {
          baselines: markdownTable([
            [
              '',
              `BERT, ${sentence} tokens, at least`,
              'GPT-2-small, a token, at least',
              'paper, mean of 30',
              'implied, if BERT',
              'implied, if GPT-2',
              "paper's energy",
              'implied power',
            ],
            ...rows,
          ]),
          'baselines-finding': wrapped(
            `By data sheets a ${first.name} takes ${digits(encoder(first), 2)} times as long as SpAtten for BERT, and for GPT-2, dense in 32 bits on both, ` +
              `${digits(datapath, 2)} times, since their memories are alike. So the ${times(steps_published[0]!.speedup)} of the dedicated datapath and most of ` +
              `${times(first.speedup)} are what PyTorch leaves of a GPU with one sentence at a time; no baseline has more than ${percent(most, 0)} of its rates. ` +
              `SpAtten's DRAM, at 3.9 pJ a bit, takes ${digits(watts(generation), 2)} W of its ${power_w} W in GPT-2-small, and ${digits(watts([bert]), 2)} W in BERT.`,
          ),
          'baselines-eighth': wrapped(
            `A3 and an eighth of SpAtten have as many multipliers: dense, at ${sentence} tokens, the eighth is ${times(peers)} as fast, ` +
              `${digits(dense)} GOPS. The paper has ${times(eighth[0]!.speedup)} and ${eighth_gops} GOPS, more than ` +
              `the ${digits(dense)} that its multipliers can do: it counts what was pruned as done, so ${digits(eighth_gops / dense)} operations of a dense layer for one. ` +
              `What A3 skips, ${percent(a3_saved, 0)}, and what SpAtten prunes make the difference; neither follows from the machines. MNNFast has no parameters that were found.`,
          ),
        },
        charts: {
          baselines: {
            kind: 'bars',
            title: 'Speed-up of SpAtten: the least by data sheets, and as published',
            source: 'attnsim, analytic model; the paper: mean of 30 benchmarks',
            y: { title: 'Speed-up (times)', scale: 'log' },
            series: [`BERT, ${sentence} tokens, at least`, 'GPT-2-small, at least', 'paper'],
            groups: baselines.map((baseline) => ({
              label: baseline.name,
              values: [encoder(baseline), gpt2(baseline), baseline.speedup],
            })),
          },
        },
      };
    },
  };
}
