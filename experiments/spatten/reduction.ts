import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import { bertJob } from './bert.ts';
import type { Reported } from './data.ts';
import { type Alike, digits, type Numbers, scheduleJobs, times, totalsOf } from './rows.ts';
import {
  allValues,
  asReleased,
  type Model,
  progressive,
  roomForUnquantized,
  unquantized,
  withLowBits,
} from './steps.ts';

type Step = { readonly name: string; readonly rows: readonly Alike[]; readonly numbers: Numbers };

/** Each with all that come before it. */
const stepsOf = ({ dense, allHeads, pruned, released }: Model): readonly Step[] => [
  { name: '32 bits, dense', rows: dense, numbers: unquantized },
  { name: 'token pruning', rows: allValues(allHeads), numbers: unquantized },
  { name: 'value pruning', rows: allHeads, numbers: unquantized },
  { name: 'head pruning', rows: pruned, numbers: unquantized },
  { name: 'static bits', rows: pruned, numbers: { ...released, low: 'all' } },
  { name: 'progressive', rows: pruned, numbers: released },
];

const bitsText = ({ K0, V, low }: Numbers): string => {
  const keys = { fp32: '32', int8: '8', int6: '6' }[K0]!;
  return `${keys}${{ none: '', scheduled: ' + some 4', all: ' + 4' }[low]} / ${V.replace(/\D+/, '')}`;
};

const stepJobs = ({ rows, numbers }: Step): readonly Job[] =>
  scheduleJobs(rows, numbers, numbers === unquantized ? { parameters: roomForUnquantized } : {});

/** Bytes from DRAM, each technique added to those before it. */
export function reductionPart(models: readonly Model[], reported: Reported): Part {
  const { all, benchmarks, token_and_value_pruning, head_pruning, quantization, low_bits_share } =
    reported.dram_reduction;
  const narrow = models.map((model) => ({
    name: '6 + 4 bits at the rate of the paper',
    rows: withLowBits(model.pruned, low_bits_share),
    numbers: progressive,
  }));
  const releasedDense = models.map((model) => ({ name: '12 / 8 bits, dense', rows: model.dense, numbers: asReleased }));
  const gpt2 = token_and_value_pruning.gpt2 * head_pruning * quantization.gpt2;
  const count = benchmarks.bert + benchmarks.gpt2;
  // What the benchmarks of BERT have on average, if means are arithmetic, and if they are geometric.
  const arithmetic = (mean: number, part: number): number => (mean * count - part * benchmarks.gpt2) / benchmarks.bert;
  const geometric = (mean: number, part: number): number =>
    (mean ** count / part ** benchmarks.gpt2) ** (1 / benchmarks.bert);
  const berts = [
    {
      name: 'arithmetic',
      rest: arithmetic,
      mean: (part: number, rest: number) => (part * benchmarks.gpt2 + rest * benchmarks.bert) / count,
    },
    {
      name: 'geometric',
      rest: geometric,
      mean: (part: number, rest: number) => (part ** benchmarks.gpt2 * rest ** benchmarks.bert) ** (1 / count),
    },
  ].map(({ name, rest, mean }) => {
    const tokens = rest(token_and_value_pruning.all, token_and_value_pruning.gpt2);
    return { name, needed: rest(all, gpt2), tokens, mean, length: Math.round(384 / tokens) };
  });
  const heads = Math.round(12 / head_pruning);
  const bertDense = bertJob({ length: 384, format: 'fp32', parameters: roomForUnquantized });
  const bertPruned = (length: number): Job => bertJob({ length, heads });
  return {
    jobs: [
      ...models.flatMap((model, i) => [...stepsOf(model), narrow[i]!, releasedDense[i]!].flatMap(stepJobs)),
      bertDense,
      ...berts.map(({ length }) => bertPruned(length)),
    ],
    show: (of) => {
      const bytes = (step: Step): number => totalsOf(of, stepJobs(step)).dram_bytes;
      const dense = (model: Model): number => bytes(stepsOf(model)[0]!);
      const rowsOf = (model: Model, i: number): string[][] => {
        const steps = stepsOf(model);
        const line = (step: Step, before: Step | undefined): string[] => [
          model.name,
          step.name,
          bitsText(step.numbers),
          digits(bytes(step) / 1e6, 4),
          before === undefined ? '' : times(bytes(before) / bytes(step)),
          times(dense(model) / bytes(step)),
        ];
        return [
          ...steps.map((step, at) => line(step, steps[at - 1])),
          line(narrow[i]!, steps[3]!),
          line(releasedDense[i]!, undefined),
        ];
      };
      const factor = (model: Model, from: number, to: number): number =>
        bytes(stepsOf(model)[from]!) / bytes(stepsOf(model)[to]!);
      const [small, medium] = models as [Model, Model];
      const factors: readonly (readonly [string, number, (model: Model, i: number) => number])[] = [
        ['token and value pruning', token_and_value_pruning.gpt2, (m) => factor(m, 0, 2)],
        ['head pruning', head_pruning, (m) => factor(m, 2, 3)],
        ['quantization, as released', quantization.gpt2, (m) => factor(m, 3, 5)],
        ['quantization, 6 + 4 bits at 5.9%', quantization.gpt2, (m, i) => bytes(stepsOf(m)[3]!) / bytes(narrow[i]!)],
        ['all, over 32 bits', gpt2, (m) => factor(m, 0, 5)],
      ];
      const bertBytes = (job: Job): number => totalsOf(of, [{ ...job }]).dram_bytes;
      // Pruning as the paper has it, quantization at its rate of low bits as it comes out here, on average over both workloads.
      const quantized = models.map((m, i) => bytes(stepsOf(m)[3]!) / bytes(narrow[i]!));
      const ours =
        (token_and_value_pruning.gpt2 * head_pruning * quantized.reduce((sum, q) => sum + q, 0)) / quantized.length;
      const bertRows = berts.map(({ name, needed, tokens, mean, length }) => {
        const reached = bertBytes(bertDense) / bertBytes(bertPruned(length));
        const overall = mean(ours, reached);
        return [
          name,
          times(needed),
          times(tokens),
          times(reached),
          digits((8 * reached) / needed, 2),
          `${times(ours)} and ${times(reached)}`,
          `${times(overall)} (${overall < all ? '-' : '+'}${percent(Math.abs(overall / all - 1))})`,
        ];
      });
      const overReleased = bytes(releasedDense[0]!) / bytes(stepsOf(small)[5]!);
      return {
        blocks: {
          reduction: markdownTable([
            ['', 'each with those above', 'bits of keys / values', 'MB', 'over the last', 'over 32 bits, dense'],
            ...models.flatMap(rowsOf),
          ]),
          'reduction-factors': markdownTable([
            ['', 'paper, 8 of GPT-2', ...models.map((m) => m.name)],
            ...factors.map(([name, paper, ours]) => [name, times(paper), ...models.map((m, i) => times(ours(m, i)))]),
          ]),
          'reduction-bert': markdownTable([
            [
              'mean over 30',
              'BERT must have',
              'its token pruning',
              'reached with 8 bits',
              'bits for all of it',
              'GPT-2 and BERT here',
              'mean of both, of 10.0',
            ],
            ...bertRows,
          ]),
          'reduction-finding': wrapped(
            `Over numbers of 32 bits the released workload of GPT-2-small moves ${times(factor(small, 0, 5))} fewer bytes, that of ` +
              `GPT-2-medium, which is not quantized progressively, ${times(factor(medium, 0, 5))}; the factors of the paper make ${times(gpt2)}. ` +
              `Over what the released hardware moves of dense numbers, keys of 12 bits and values of 8, it is ${times(overReleased)} for ` +
              `GPT-2-small: a factor of ${digits(factor(small, 0, 5) / overReleased, 2)} is the baseline. No head of GPT-2-small is pruned.`,
          ),
        },
        charts: {
          reduction: {
            kind: 'bars',
            title: 'Bytes from DRAM: each technique with those before it',
            source: 'attnsim, analytic model; released workloads of GPT-2',
            y: { title: 'Reduction over 32 bits, dense (times)', scale: 'log' },
            series: models.map((model) => model.name),
            groups: stepsOf(models[0]!).map(({ name }, at) => ({
              label: name,
              values: models.map((model) => dense(model) / bytes(stepsOf(model)[at]!)),
            })),
            references: [{ label: "the paper's factors, GPT-2", value: gpt2 }],
          },
        },
      };
    },
  };
}
