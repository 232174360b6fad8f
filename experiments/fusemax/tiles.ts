import { dramBytes, type Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { bindingJob, change, lengths } from './rows.ts';

/** How P1, the number of query tiles for which K and V are read once, is chosen. */
const choices = [
  { name: 'divisor', parameters: {} },
  { name: 'any', parameters: { DIVIDE: '0' } },
  { name: 'divisor, two buffers', parameters: { BUFFERS: '2' } },
  { name: 'any, two buffers', parameters: { DIVIDE: '0', BUFFERS: '2' } },
] as const;

type Choice = (typeof choices)[number];

type Row = {
  readonly workload: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly seqlen: number;
  readonly choice: Choice;
};

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
  const jobOf = (choice: Choice, sizes: Readonly<Record<string, number>>, seqlen: number, model: Job['model']): Job => {
    const simulated = model === 'cycle' ? { ...sizes, B: 1, H: 1 } : sizes;
    return bindingJob({ seqlen, sizes: simulated, parameters: choice.parameters, model });
  };
  const long = lengths.filter((n) => n >= 2 ** 14);
  const rows = shown.flatMap(({ workload, sizes }): readonly Row[] =>
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
      const slower = ({ sizes, seqlen, choice }: Row, model: Job['model']): number =>
        cycles(choice, sizes, seqlen, model) / cycles(choices[0], sizes, seqlen, model) - 1;
      const table = rows.map((row) => {
        const { workload, sizes, seqlen, choice } = row;
        const saved = 1 - bytes(choice, sizes, seqlen) / bytes(choices[0], sizes, seqlen);
        return [
          workload,
          lengthText(seqlen),
          choice.name,
          (bytes(choice, sizes, seqlen) / 1e9).toPrecision(6),
          percent(saved),
          change(slower(row, 'analytic'), 3),
          isSimulated(workload, seqlen, choice) ? change(slower(row, 'cycle'), 3) : '',
        ];
      });
      const head = ['workload', 'length', 'blocks of queries', 'DRAM (GB)', 'saved', 'time', 'time, simulated'];
      const saved = (n: number): string => percent(1 - bytes(choices[1], {}, n) / bytes(choices[0], {}, n), 0);
      // As many keys as queries: K is as large as Q, of which each tile is read once.
      const passes = (choice: Choice, n: number): string => {
        const read = of(jobOf(choice, {}, n, 'analytic')).metrics.traffic.get('DRAM')!.by_tensor;
        return (read.get('K')!.read_bytes / read.get('Q')!.read_bytes).toFixed(0);
      };
      const unlike = rows
        .filter((r) => r.choice === choices[1])
        .flatMap((r) =>
          (['analytic', 'cycle'] as const)
            .filter((model) => model === 'analytic' || isSimulated(r.workload, r.seqlen, r.choice))
            .map((model) => slower(r, model)),
        );
      const most = percent(Math.max(...unlike.map(Math.abs)), 3);
      return {
        blocks: {
          tiles: markdownTable([head, ...table]),
          'tiles-finding': wrapped(
            `Blocks that need not divide the queries save ${saved(2 ** 18)} of the DRAM bytes at 256K and ${saved(2 ** 20)} at 1M (BERT), where keys and values are read ${passes(choices[1], 2 ** 20)} times and not ${passes(choices[0], 2 ** 20)}, in the same buffer. The time changes by ${most} at most.`,
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
