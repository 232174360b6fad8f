import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { mean, percent } from '../text.ts';
import type { Reported } from './data.ts';
import { type Alike, digits, type Numbers, scheduleJobs, type Totals, times, totalsOf } from './rows.ts';
import { asReleased, type Model, roomForUnquantized, unquantized } from './steps.ts';

type Parameters = Readonly<Record<string, string>>;

/** In the order of the paper; before the parallel engine a row is selected from with one comparator. */
type Step = { readonly rows: readonly Alike[]; readonly numbers: Numbers; readonly parameters: Parameters };

const oneComparator = { COMPARATORS: '1' };

const stepsOf = ({ dense, allHeads, pruned, released }: Model, before: Numbers): readonly Step[] => [
  { rows: dense, numbers: before, parameters: oneComparator },
  { rows: allHeads, numbers: before, parameters: oneComparator },
  { rows: pruned, numbers: before, parameters: oneComparator },
  { rows: pruned, numbers: before, parameters: {} },
  { rows: pruned, numbers: released, parameters: {} },
];

const bases = [
  { name: '32 bits', numbers: unquantized, parameters: roomForUnquantized },
  { name: '12 / 8 bits', numbers: asReleased, parameters: {} },
] as const;

/** With all techniques, the engine as each of these. */
const engines: readonly { readonly name: string; readonly parameters: Parameters }[] = [
  { name: '1 comparator', parameters: oneComparator },
  { name: '16, as released', parameters: {} },
  { name: '16, overlapped', parameters: { OVERLAP: '1' } },
  { name: '2 engines of 16', parameters: { ENGINES: '2' } },
  { name: '4 engines of 16', parameters: { ENGINES: '4' } },
  { name: '64, overlapped', parameters: { COMPARATORS: '64', OVERLAP: '1' } },
  { name: 'free', parameters: { ENGINES: '1000' } },
];
const [, released, overlapped] = engines;

/** Time with each technique added, and with other engines for the top-k. */
export function techniquesPart(models: readonly Model[], reported: Reported): Part {
  const stepJobs = (model: Model, base: (typeof bases)[number], at: number): readonly Job[] => {
    const { rows, numbers, parameters } = stepsOf(model, base.numbers)[at]!;
    const room = numbers === base.numbers ? base.parameters : {};
    return scheduleJobs(rows, numbers, { parameters: { ...room, ...parameters } });
  };
  const engineJobs = ({ pruned, released: numbers }: Model, parameters: Parameters): readonly Job[] =>
    scheduleJobs(pruned, numbers, { parameters });
  const simulated = ({ pruned, released: numbers }: Model): readonly Job[] =>
    scheduleJobs(pruned, numbers, { model: 'cycle' });
  const positions = reported.steps.map((_, at) => at);
  return {
    jobs: models.flatMap((model) => [
      ...bases.flatMap((base) => positions.flatMap((at) => stepJobs(model, base, at))),
      ...engines.flatMap(({ parameters }) => engineJobs(model, parameters)),
      ...simulated(model),
    ]),
    show: (of) => {
      const total = (jobs: readonly Job[]): Totals => totalsOf(of, jobs);
      const limitText = ({ limit, limit_share }: Totals): string => `${limit} ${percent(limit_share, 0)}`;
      const step = (model: Model, base: (typeof bases)[number], at: number): Totals => total(stepJobs(model, base, at));
      const gain = (model: Model, base: (typeof bases)[number], at: number): number =>
        step(model, base, at - 1).cycles / step(model, base, at).cycles;
      const stepRows = models.flatMap((model) =>
        bases.flatMap((base) =>
          reported.steps.map(({ step: name, speedup }, at) => {
            const here = step(model, base, at);
            return [
              model.name,
              base.name,
              name,
              digits(here.cycles / 1e3, 4),
              digits(here.tflops, 2),
              limitText(here),
              at === 0 ? '' : times(gain(model, base, at), 2),
              at === 0 ? '' : times(speedup),
            ];
          }),
        ),
      );
      const engine = (model: Model, parameters: Parameters): Totals => total(engineJobs(model, parameters));
      const engineRows = engines.map(({ name, parameters }) => [
        name,
        ...models.flatMap((model) => {
          const here = engine(model, parameters);
          return [digits(here.cycles / 1e3, 4), digits(here.tflops, 3), limitText(here)];
        }),
      ]);
      const paper = reported.tflops.gpt2;
      const meanTflops = (parameters: Parameters): number => mean(models.map((m) => engine(m, parameters).tflops));
      const off = (tflops: number): string => percent(tflops / paper - 1, 0);
      const closed = models.map((m) => engine(m, {}).cycles);
      const walked = models.map((m) => total(simulated(m)).cycles);
      const furthest = Math.max(...walked.map((cycles, i) => Math.abs(cycles / closed[i]! - 1)));
      const [small] = models as [Model];
      const [wide, narrow] = bases;
      const product = (base: (typeof bases)[number]): number =>
        step(small, base, 0).cycles / step(small, base, 4).cycles;
      const published = reported.steps.slice(1).reduce((all, { speedup }) => all * speedup, 1);
      return {
        blocks: {
          techniques: markdownTable([
            ['', 'not quantized is', 'each with those above', 'kcycles', 'TFLOPS', 'busiest', 'over the last', 'paper'],
            ...stepRows,
          ]),
          'techniques-finding': wrapped(
            `From numbers of 32 bits all techniques together make GPT-2-small ${times(product(wide))} as fast, from the ` +
              `released test bench's 12 and 8 bits ${times(product(narrow))}; the factors of the paper that come after the datapath make ${times(published)}. ` +
              `Token pruning with one comparator brings ${times(gain(small, wide, 1), 2)} and ${times(gain(small, narrow, 1), 2)}: what is saved in DRAM goes to the top-k.`,
          ),
          'top-k': markdownTable([
            ['engine', ...models.flatMap((m) => [`${m.name}, kcycles`, 'TFLOPS', 'busiest'])],
            ...engineRows,
          ]),
          'top-k-finding': wrapped(
            `The paper's average for GPT-2 is ${paper} TFLOPS. The released engine, one that takes rows in only while it does not run, gives ` +
              `${digits(meanTflops(released!.parameters), 2)} on average over the two workloads (${off(meanTflops(released!.parameters))}), ` +
              `one that takes in the next row meanwhile ${digits(meanTflops(overlapped!.parameters), 2)} (${off(meanTflops(overlapped!.parameters))}), ` +
              `and a free one ${digits(meanTflops({ ENGINES: '1000' }), 2)} (${off(meanTflops({ ENGINES: '1000' }))}). ` +
              `Simulated, the released engine is within ${percent(furthest, 2)} of the closed form.`,
          ),
        },
        charts: {
          'top-k': {
            kind: 'bars',
            title: 'Throughput of GPT-2 with all techniques, by the engine of the top-k',
            source: 'attnsim, analytic model; released workloads',
            y: { title: 'TFLOPS', scale: 'linear' },
            series: models.map((m) => m.name),
            groups: engines.map(({ name, parameters }) => ({
              label: name,
              values: models.map((m) => engine(m, parameters).tflops),
            })),
            references: [{ label: 'the paper, mean of 8', value: paper }],
          },
        },
      };
    },
  };
}
