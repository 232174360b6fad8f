import type { Job, Outcome } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { bindingJob, lengthAxis, lengths } from './rows.ts';

/** Rows are keys, columns queries; the 1D array has a lane a column. */
const shapes = [
  { rows: 256, columns: 256 },
  { rows: 4096, columns: 16 },
  { rows: 256, columns: 1 },
  { rows: 64, columns: 4 },
  { rows: 16, columns: 16 },
] as const;

type Shape = (typeof shapes)[number];

const nameOf = ({ rows, columns }: Shape): string => `${rows} x ${columns}`;

const jobOf = ({ rows, columns }: Shape, M: number): Job =>
  bindingJob({
    seqlen: M,
    sizes: { P: 1, M, M0: rows },
    parameters: { PE_ROWS: String(rows), PE_COLUMNS: String(columns), LANES: String(columns) },
  });

/** Multiply-adds of the products over those that the PEs could do in the time. */
const used = ({ metrics }: Outcome, { rows, columns }: Shape): number =>
  metrics.flops / 2 / (rows * columns * metrics.latency_cycles);

const dramShare = ({ metrics }: Outcome): number => metrics.busy_cycles.get('DRAM')!.cycles / metrics.latency_cycles;

/** Multiply-adds a cycle that DRAM feeds when it never waits. */
const fed = (outcome: Outcome): number =>
  outcome.metrics.flops / 2 / (outcome.metrics.latency_cycles * dramShare(outcome));

/** (e) One query against keys of all lengths. */
export function decodingPart(): Part {
  return {
    jobs: shapes.flatMap((shape) => lengths.map((M) => jobOf(shape, M))),
    show: (of) => {
      const rows = lengths.map((M) => [
        lengthText(M),
        ...shapes.map((shape) => {
          const outcome = of(jobOf(shape, M));
          return `${percent(used(outcome, shape), 2)} / ${percent(dramShare(outcome))}`;
        }),
      ]);
      const [square, , column, , small] = shapes.map((shape) => ({ shape, outcome: of(jobOf(shape, 2 ** 16)) }));
      const times = (a: typeof small, b: typeof small): number =>
        a!.outcome.metrics.latency_cycles / b!.outcome.metrics.latency_cycles;
      return {
        blocks: {
          decoding: markdownTable([['keys', ...shapes.map((s) => `${nameOf(s)}: PEs / DRAM`)], ...rows]),
          'decoding-finding': wrapped(
            `With one query at 64K keys, ${percent(used(square!.outcome, square!.shape), 2)} of the multiply-adds that the ${nameOf(square!.shape)} array could do are done, as DRAM is busy ${percent(dramShare(square!.outcome), 0)} of the time. It feeds ${fed(square!.outcome).toFixed(0)} multiply-adds a cycle: one column of ${column!.shape.rows} PEs takes ${times(column, square).toFixed(2)} times as long, with ${percent(used(column!.outcome, column!.shape), 0)} of its PEs used. As many PEs in a square of ${small!.shape.rows} take ${times(small, column).toFixed(1)} times as long, since only a column of them has a query, and the work on the 1D array is there for every tile of keys.`,
          ),
        },
        charts: {
          decoding: {
            kind: 'lines',
            title: 'Decoding: one query, by the shape of the 2D array (BERT, batch 64)',
            source: 'attnsim, analytic model; a lane of the 1D array a column',
            x: { ...lengthAxis, title: 'Keys (tokens)' },
            y: { title: "Share of the PEs' multiply-adds that are used", scale: 'log', domain: [0.002, 1] },
            series: shapes.map((shape) => ({
              name: nameOf(shape),
              points: lengths.map((M) => ({ x: M, y: used(of(jobOf(shape, M)), shape) })),
            })),
          },
        },
      };
    },
  };
}
