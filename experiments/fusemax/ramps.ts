import type { Machine } from 'attnsim';
import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { parameterOf, wordBytes } from './machine.ts';
import { bindingJob, change } from './rows.ts';

/** A sequence of its own has its beginning and its end in the time: 1K is that of the whole batch, others of one head. */
const oneHead = { B: 1, H: 1 };
const sizesAt = (seqlen: number): Readonly<Record<string, number>> => (seqlen > 2 ** 10 ? oneHead : {});

type Size = { readonly seqlen: number; readonly sizes?: Readonly<Record<string, number>> };
const at = (seqlen: number): Size => ({ seqlen, sizes: sizesAt(seqlen) });

type Registers = Readonly<Record<string, string>>;

/** The ideal is the rate of the artifact: no ramp is waited for. */
const ideal = (size: Size, parameters: Registers = {}): Job => bindingJob({ ...size, parameters, model: 'cycle' });

type Order = 'oldest first' | 'in turns';
const orders: readonly Order[] = ['oldest first', 'in turns'];

/** Words of a PE for so many tiles of scores: two a tile, and two for results on their way out of the array. */
const wordsOf = (ways: number): number => 2 * ways + 2;

/** Every ramp counted, with so many tiles in flight and slices of four rows whatever their number. */
const rampsWith =
  (words2d: number) =>
  (size: Size, ways: number, order: Order, more: Registers = {}): Job =>
    bindingJob({
      ...size,
      model: 'cycle',
      parameters: {
        RAMPS: '1',
        WAYS: String(ways),
        RF2D_ENTRIES: String(Math.max(words2d, wordsOf(ways))),
        WAYS_1D: String(ways),
        SLICE: '4',
        ...(order === 'in turns' ? { LAG: String(ways - 1) } : {}),
        ...more,
      },
    });

const ports = (count: number): Job => {
  const job = bindingJob({ seqlen: 2 ** 12, model: 'cycle', parameters: { BUFFER_PORTS: String(count) } });
  return { ...job, run: { ...job.run, hardware: 'fusemax-buffer-ports' } };
};
const portCounts = [1, 2, 3, 4];
const idealOfPorts = ideal({ seqlen: 2 ** 12 });

const ways = [2, 3, 4, 5, 6, 8];
const shown = at(2 ** 12);
const lengthsShown = [2 ** 10, 2 ** 12, 2 ** 14];
/** 1K as the mapping chooses by itself. */
const unset = bindingJob({ seqlen: 2 ** 10, parameters: { RAMPS: '1' }, model: 'cycle' });

type Deep = { readonly ways: number; readonly registers: Registers };

/** Sweeps over more and more tiles of queries, eight a head; from 64 MiB on the buffer holds the last. */
const keyTiles = 8;
const sweeps = [64, 128, 512];
const largeBuffer = '64 MiB';
const buffer = (tiles: number): Registers => (tiles > 128 ? { GLOBAL_BUFFER: largeBuffer } : {});
const deeper: readonly Deep[] = [
  { ways: 8, registers: { SLICE: '8', RF1D_ENTRIES: '64' } },
  { ways: 16, registers: { SLICE: '8', RF1D_ENTRIES: '64', RF2D_ENTRIES: '36' } },
];

/** (b) What it takes to hide the ramps of the 2D array, and the ports of the buffer. */
export function rampsPart(machine: Machine): Part {
  const [rows, columns, lanes, words2dGiven] = ['PE_ROWS', 'PE_COLUMNS', 'LANES', 'RF2D_ENTRIES'].map((name) =>
    parameterOf(machine, name),
  ) as [number, number, number, number];
  const ramps = rampsWith(words2dGiven);
  /** As many tiles as the words of the published PE hold. */
  const fits = ways.findLast((w) => wordsOf(w) <= words2dGiven)!;
  const deep: readonly Deep[] = [{ ways: fits, registers: {} }, ...deeper];
  const sweepSize = (tiles: number): Size => ({ seqlen: tiles * columns, sizes: { ...oneHead, M: keyTiles * rows } });
  const swept = (d: Deep, tiles: number): Job =>
    ramps(sweepSize(tiles), d.ways, 'in turns', { ...d.registers, ...buffer(tiles) });
  const sweptIdeal = (tiles: number): Job => ideal(sweepSize(tiles), buffer(tiles));
  return {
    jobs: [
      ideal(shown),
      ...orders.flatMap((order) => ways.map((w) => ramps(shown, w, order))),
      ...lengthsShown.flatMap((n) => [ideal(at(n)), ...orders.map((order) => ramps(at(n), fits, order))]),
      unset,
      ...sweeps.flatMap((tiles) => [sweptIdeal(tiles), ...deep.map((d) => swept(d, tiles))]),
      idealOfPorts,
      ...portCounts.map(ports),
    ],
    show: (of) => {
      const cycles = (job: Job): number => of(job).metrics.latency_cycles;
      const over = (job: Job, base: Job): number => cycles(job) / cycles(base);
      const overAt = (n: number, w: number, order: Order): number => over(ramps(at(n), w, order), ideal(at(n)));
      const words = (job: Job, level: string, files: number): string =>
        (of(job).metrics.buffers.get(level)!.required_bytes / (files * wordBytes(machine, level))).toFixed(1);
      const words2d = (job: Job): string => words(job, 'RF2D', rows * columns);
      const words1d = (job: Job): string => words(job, 'RF1D', lanes);
      const byWays = ways.flatMap((w) =>
        orders.map((order) => {
          const job = ramps(shown, w, order);
          return [String(w), order, words2d(job), words1d(job), change(overAt(2 ** 12, w, order) - 1)];
        }),
      );
      const byLength = lengthsShown.map((n) => [
        lengthText(n),
        ...orders.map((order) => change(overAt(n, fits, order) - 1)),
      ]);
      const lost = (d: Deep, tiles: number): number => (cycles(swept(d, tiles)) - cycles(sweptIdeal(tiles))) / keyTiles;
      const bySweep = deep.map((d) => [
        String(d.ways),
        words2d(swept(d, 64)),
        words1d(swept(d, 64)),
        ...sweeps.map(
          (tiles) => `${change(over(swept(d, tiles), sweptIdeal(tiles)) - 1)} (${lost(d, tiles).toFixed(0)})`,
        ),
      ]);
      const byPorts = portCounts.map((count) => [String(count), change(over(ports(count), idealOfPorts) - 1)]);
      const nearest = Math.min(
        ...ways.flatMap((w) => orders.map((order) => overAt(2 ** 12, w, order))),
        ...lengthsShown.flatMap((n) => orders.map((order) => overAt(n, fits, order))),
        over(unset, ideal(at(2 ** 10))),
      );
      const { ramp_up_cycles, ramp_down_cycles } = machine.units.find((u) => u.name === 'Array2D')!;
      // Each PE has one exponential a tile.
      const { actions } = of(idealOfPorts).metrics;
      const tiles = actions.get('Array2D exp')!.count / (rows * columns);
      const rowsATile = (way: string): number => actions.get(`GlobalBuffer ${way}`)!.count / tiles;
      const share = (n: number, w: number, order: Order): string => percent(overAt(n, w, order) - 1);
      const left = (d: Deep, tiles: number): string => percent(over(swept(d, tiles), sweptIdeal(tiles)) - 1);
      const most = deep.at(-1)!;
      return {
        blocks: {
          ramps: markdownTable([['tiles', 'order', '2D words a PE', '1D words a lane', 'cycles'], ...byWays]),
          'ramps-lengths': markdownTable([['length', ...orders], ...byLength]),
          'ramps-sweeps': markdownTable([
            ['tiles in flight', '2D words a PE', '1D words a lane', ...sweeps.map((t) => `sweep of ${t}`)],
            ...bySweep,
          ]),
          ports: markdownTable([['ports', 'cycles'], ...byPorts]),
          'ports-finding': wrapped(
            `A tile reads ${rowsATile('read').toFixed(0)} rows and writes ${rowsATile('write').toFixed(0)} in ${(cycles(idealOfPorts) / tiles).toFixed(0)} cycles.`,
          ),
          'ramps-finding': wrapped(
            [
              `With every ramp counted, +Binding at 4K takes ${share(2 ** 12, fits, 'oldest first')} more cycles with`,
              `${fits} tiles in flight, as many as ${words2dGiven} words a PE hold, if the oldest operation goes first, and`,
              `${share(2 ** 12, 8, 'oldest first')} more with 8 tiles in ${words2d(ramps(shown, 8, 'oldest first'))} words.`,
              `If scores of later tiles take turns with the exponentials of earlier ones, ${fits} tiles need`,
              `${share(2 ** 12, fits, 'in turns')} more, and ${share(2 ** 14, fits, 'in turns')} at 16K.`,
              `At 1K, with a sweep of ${2 ** 10 / columns} tiles, it is ${share(2 ** 10, fits, 'in turns')};`,
              `with products in longer slices, as the mapping chooses by itself,`,
              `${percent(over(unset, ideal(at(2 ** 10))) - 1)}.\n\n`,
              `The nearest of these to the ideal rate is ${percent(nearest - 1)} from it. With ${most.ways} tiles in flight`,
              `(${words2d(swept(most, 64))} words a PE, ${words1d(swept(most, 64))} a lane) a sweep of ${sweeps.join(', ')} tiles`,
              `loses ${sweeps.map((t) => lost(most, t).toFixed(0)).join(', ')} cycles, where a ramp up and one down are ${ramp_up_cycles + ramp_down_cycles},`,
              `however long it is: ${sweeps.map((t) => left(most, t)).join(', ')}. The last sweep takes a buffer of ${largeBuffer}.`,
              `With ${fits} the loss grows with the sweep: ${sweeps.map((t) => lost(deep[0]!, t).toFixed(0)).join(', ')} cycles.`,
            ].join(' '),
          ),
        },
        charts: {
          ramps: {
            kind: 'lines',
            title: 'Cycles of +Binding with every ramp of the 2D array counted (BERT, one head, 4K)',
            source: `attnsim, cycle simulator; words a PE that the tiles take, of ${words2dGiven} or as many as they need`,
            x: { title: 'Tiles of scores in flight', scale: 'linear', domain: [1, 9] },
            y: { title: 'Cycles over those without ramps', scale: 'linear', domain: [1, 3] },
            series: orders.map((order) => ({
              name: order,
              points: ways.map((w) => ({
                x: w,
                y: overAt(2 ** 12, w, order),
                // Both orders take as many: the upper line tells it.
                ...(order === 'oldest first' ? { label: `${words2d(ramps(shown, w, order))} words` } : {}),
              })),
            })),
          },
        },
      };
    },
  };
}
