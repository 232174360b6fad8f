import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { dramBytes } from '../results.ts';
import { bindingJob, change, lengths, lengthText, percent } from './rows.ts';

/** How P1, the number of query tiles for which K and V are read once, is chosen. */
const choices = [
  { name: 'divisor', parameters: {} },
  { name: 'any', parameters: { DIVIDE: '0' } },
  { name: 'divisor, two buffers', parameters: { BUFFERS: '2' } },
  { name: 'any, two buffers', parameters: { DIVIDE: '0', BUFFERS: '2' } },
] as const;

type Choice = (typeof choices)[number];

/** The published choice and the better one, of BERT at one length. */
const isSimulated = (workload: string, seqlen: number, choice: Choice): boolean =>
  workload === 'BERT' && seqlen === 2 ** 18 && choices.indexOf(choice) < 2;

const xlm = { H: 16, E: 128, F: 128 };
const shown = [
  { workload: 'BERT', sizes: {} },
  { workload: 'XLM', sizes: xlm },
] as const;

/** (a) Blocks that need not divide the number of query tiles. */
export function tilesPart(): Part {
  const jobOf = (choice: Choice, sizes: Readonly<Record<string, number>>, seqlen: number, model: Job['model']): Job =>
    bindingJob({ seqlen, sizes, parameters: choice.parameters, model });
  const long = lengths.filter((n) => n >= 2 ** 14);
  const rows = shown.flatMap(({ workload, sizes }) =>
    long.flatMap((seqlen) => choices.map((choice) => ({ workload, sizes, seqlen, choice }))),
  );
  return {
    jobs: rows.flatMap((r) => [
      jobOf(r.choice, r.sizes, r.seqlen, 'analytic'),
      ...(isSimulated(r.workload, r.seqlen, r.choice) ? [jobOf(r.choice, r.sizes, r.seqlen, 'cycle')] : []),
    ]),
    show: (of) => {
      const bytes = (choice: Choice, sizes: Readonly<Record<string, number>>, n: number): number =>
        dramBytes(of(jobOf(choice, sizes, n, 'analytic')));
      const cycles = (
        choice: Choice,
        sizes: Readonly<Record<string, number>>,
        n: number,
        model: Job['model'],
      ): number => of(jobOf(choice, sizes, n, model)).metrics.latency_cycles;
      const table = rows.map(({ workload, sizes, seqlen, choice }) => {
        const saved = 1 - bytes(choice, sizes, seqlen) / bytes(choices[0], sizes, seqlen);
        const slower = (model: Job['model']): string =>
          change(cycles(choice, sizes, seqlen, model) / cycles(choices[0], sizes, seqlen, model) - 1, 3);
        return [
          workload,
          lengthText(seqlen),
          choice.name,
          (bytes(choice, sizes, seqlen) / 1e9).toPrecision(6),
          percent(saved),
          slower('analytic'),
          isSimulated(workload, seqlen, choice) ? slower('cycle') : '',
        ];
      });
      const head = ['workload', 'length', 'blocks of queries', 'DRAM (GB)', 'saved', 'time', 'time, simulated'];
      const saved = (n: number): string => percent(1 - bytes(choices[1], {}, n) / bytes(choices[0], {}, n), 0);
      return {
        blocks: {
          tiles: markdownTable([head, ...table]),
          'tiles-finding': wrapped(
            `Blocks that need not divide the queries save ${saved(2 ** 18)} of the DRAM bytes at 256K and ${saved(2 ** 20)} at 1M (BERT), in the same buffer, and the time stays the same to within 0.1%.`,
          ),
        },
        charts: {
          tiles: {
            kind: 'bars',
            title: 'DRAM bytes of +Binding by how queries are blocked',
            source: 'attnsim, analytic model, 16 MiB buffer; one buffer: state and tiles once, two: twice',
            y: { title: 'Share of the bytes with divisors', scale: 'linear' },
            series: choices.map((c) => c.name),
            groups: shown.flatMap(({ workload, sizes }) =>
              long.map((n) => ({
                section: workload,
                label: lengthText(n),
                values: choices.map((c) => bytes(c, sizes, n) / bytes(choices[0], sizes, n)),
              })),
            ),
          },
        },
      };
    },
  };
}
