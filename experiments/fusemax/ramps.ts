import type { Job } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { bindingJob, change, lengthText, percent } from './rows.ts';

/** The ideal is the rate of the artifact: no ramp is waited for. */
const ideal = (seqlen: number): Job => bindingJob({ seqlen, model: 'cycle' });

type Order = 'oldest first' | 'in turns';
const orders: readonly Order[] = ['oldest first', 'in turns'];

/** Registers for so many tiles of scores: two words a tile in every PE, two for results on their way out of the array. */
const wordsFor = (ways: number): number => Math.max(12, 2 * ways + 2);

/** Every ramp counted, with so many tiles in flight. */
const ramps = (seqlen: number, ways: number, order: Order): Job =>
  bindingJob({
    seqlen,
    model: 'cycle',
    parameters: {
      RAMPS: '1',
      WAYS: String(ways),
      RF2D_ENTRIES: String(wordsFor(ways)),
      WAYS_1D: String(ways),
      ...(order === 'in turns' ? { LAG: String(ways - 1) } : {}),
    },
  });

const ports = (count: number, parameters: Readonly<Record<string, string>> = {}): Job => {
  const job = bindingJob({
    seqlen: 2 ** 12,
    model: 'cycle',
    parameters: { BUFFER_PORTS: String(count), ...parameters },
  });
  return { ...job, run: { ...job.run, hardware: 'fusemax-buffer-ports' } };
};
const portCounts = [1, 2, 3, 4];

const ways = [2, 3, 4, 5, 6, 8];
const shownLength = 2 ** 12;
const lengthsShown = [2 ** 10, 2 ** 12, 2 ** 14];
/** As many tiles as 12 words a PE hold. */
const fits = 5;

/** (b) What it takes to hide the ramps of the 2D array, and the ports of the buffer. */
export function rampsPart(): Part {
  return {
    jobs: [
      ...orders.flatMap((order) => ways.map((w) => ramps(shownLength, w, order))),
      ...lengthsShown.flatMap((n) => [ideal(n), ...orders.map((order) => ramps(n, fits, order))]),
      ...portCounts.map((count) => ports(count)),
    ],
    show: (of) => {
      const cycles = (job: Job): number => of(job).metrics.latency_cycles;
      const over = (job: Job, n: number): number => cycles(job) / cycles(ideal(n));
      const required = (job: Job, level: string): number => of(job).metrics.buffers.get(level)!.required_bytes;
      const byWays = ways.flatMap((w) =>
        orders.map((order) => {
          const job = ramps(shownLength, w, order);
          const words2d = (required(job, 'RF2D') / (256 * 256 * 2)).toFixed(1);
          const words1d = (required(job, 'RF1D') / (256 * 2)).toFixed(0);
          return [String(w), order, words2d, words1d, change(over(job, shownLength) - 1)];
        }),
      );
      const byLength = lengthsShown.map((n) => [
        lengthText(n),
        ...orders.map((order) => change(over(ramps(n, fits, order), n) - 1)),
      ]);
      const byPorts = portCounts.map((count) => [String(count), change(over(ports(count), shownLength) - 1)]);
      const over4k = (w: number, order: Order): string => percent(over(ramps(shownLength, w, order), shownLength) - 1);
      const at = (n: number, order: Order): string => percent(over(ramps(n, fits, order), n) - 1, 0);
      return {
        blocks: {
          ramps: markdownTable([['tiles', 'order', '2D words a PE', '1D words a lane', 'cycles'], ...byWays]),
          'ramps-lengths': markdownTable([['length', ...orders], ...byLength]),
          ports: markdownTable([['ports', 'cycles'], ...byPorts]),
          'ramps-finding': `With every ramp counted, +Binding at 4K takes ${over4k(5, 'oldest first')} more cycles with 5 tiles in flight, which is what 12 words a PE hold, ${over4k(8, 'oldest first')} more with 8 tiles and 17 words, if the oldest operation goes first. If scores of later tiles take turns with the exponentials of earlier ones, 5 tiles are enough: ${over4k(5, 'in turns')} at 4K and ${at(2 ** 14, 'in turns')} at 16K, with the registers that are there. What remains is where the sweep over the queries ends and the next tile of keys begins. At 1K a sweep has four tiles, and ${at(2 ** 10, 'in turns')} remain in either order; with products in longer slices, as the mapping chooses by itself, it is 70%.\n`,
        },
        charts: {
          ramps: {
            kind: 'lines',
            title: 'Cycles of +Binding with every ramp of the 2D array counted (BERT, 4K)',
            source: 'attnsim, cycle simulator; two words a PE for each tile in flight, 12 at least',
            x: { title: 'Tiles of scores in flight', scale: 'linear', domain: [1, 9] },
            y: { title: 'Cycles over those without ramps', scale: 'linear', domain: [1, 3] },
            series: orders.map((order) => ({
              name: order,
              points: ways.map((w) => ({
                x: w,
                y: over(ramps(shownLength, w, order), shownLength),
                ...(wordsFor(w) > 12 || w === fits ? { label: `${wordsFor(w)} words` } : {}),
              })),
            })),
          },
        },
      };
    },
  };
}
