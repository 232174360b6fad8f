import { expectedRun, type Selector, selectorParts, serviceCycles } from 'attnsim';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import type { Drawn, Draws } from './draws.ts';
import { digits } from './rows.ts';

const lengths = [8, 10, 12, 14, 16, 18, 20].map((power) => 2 ** power);
const shares = [0.1, 0.5];
const algorithms = ['quick-select', 'bitonic', 'heap'] as const;
type Algorithm = (typeof algorithms)[number];

/** A memory whose keys the engine is to keep up with. */
export type Stream = { readonly name: string; readonly bytes_per_s: number };

const million = 2 ** 20;
const head_size = 64;
/** Bits of a score in a FIFO; the number of its token is beside it. */
const score_bits = 12;

const storedBytes = (elements: number, n: number): number => (elements * (score_bits + Math.ceil(Math.log2(n)))) / 8;
const kept = (n: number, share: number): number => Math.round(n * share);
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Rows of any length, of which the next is taken in meanwhile, as fast as is asked. */
const freed = (selector: Selector, fill_elements_per_cycle: number): Selector => ({
  ...selector,
  overlap: 1,
  fill_elements_per_cycle,
  capacity_elements: Number.POSITIVE_INFINITY,
});

/** The least number of comparators with which a row is selected from in so many cycles; undefined where none do. */
function leastComparators(selector: Selector, n: number, k: number, cycles: number): number | undefined {
  const suffices = (comparators: number): boolean => expectedRun({ ...selector, comparators }, n, k).cycles <= cycles;
  if (!suffices(n)) return undefined;
  let [low, high] = [0, n];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Algorithms with as many comparators. */
function algorithmTable(engine: Selector): string {
  const body = lengths.flatMap((n) =>
    shares.map((share) => {
      const k = kept(n, share);
      const cycles = (algorithm: Algorithm): string => whole(expectedRun({ ...engine, algorithm }, n, k).cycles);
      return [lengthText(n), percent(share, 0), whole(n / engine.fill_elements_per_cycle), ...algorithms.map(cycles)];
    }),
  );
  return markdownTable([['row', 'stay', 'taken in', ...algorithms], ...body]);
}

/** Engines of each algorithm that together are as fast as the rows come. */
function paceTable(engine: Selector): string {
  const body = [2 ** 10, 2 ** 16, million].flatMap((n) =>
    algorithms.map((algorithm) => {
      const one = { ...engine, algorithm };
      const k = kept(n, 0.2);
      const engines = Math.ceil((serviceCycles(one, n, k) * engine.fill_elements_per_cycle) / n);
      const parts = selectorParts({ ...one, engines }, n, k);
      return [lengthText(n), algorithm, whole(engines), whole(parts.comparators), whole(parts.stored_elements)];
    }),
  );
  return markdownTable([['row, 20% stay', 'algorithm', 'engines', 'comparators', 'stored elements'], ...body]);
}

/** What the selection of a row of a million keys takes. */
function millionTable(engine: Selector, streams: readonly Stream[], clock_hz: number): string {
  const body = streams.flatMap(({ name, bytes_per_s }) =>
    [4, 6, 8].flatMap((bits) =>
      shares.map((share) => {
        const k = kept(million, share);
        const rate = bytes_per_s / clock_hz / ((head_size * bits) / 8);
        const fast = freed(engine, rate);
        const comparators = leastComparators(fast, million, k, million / rate);
        const released = { ...freed(engine, engine.fill_elements_per_cycle), overlap: engine.overlap };
        const engines = Math.ceil((serviceCycles(released, million, k) * rate) / million);
        const bytes = (count: number): string =>
          `${digits(storedBytes(selectorParts({ ...fast, engines: count }, million, k).stored_elements, million) / 1e6)} MB`;
        return [
          name,
          `${bits}`,
          percent(share, 0),
          digits(rate),
          comparators === undefined ? 'none do' : whole(comparators),
          bytes(1),
          whole(engines),
          bytes(engines),
        ];
      }),
    ),
  );
  const head = ['keys from', 'bits', 'stay', 'keys a cycle', 'comparators', 'FIFOs', 'released engines', 'their FIFOs'];
  return markdownTable([head, ...body]);
}

/** Selection algorithms, what a million tokens ask of the engine, and how the time of a row varies. */
export function enginesPart(
  engine: Selector,
  streams: readonly Stream[],
  { clock_hz, sram_bytes }: { readonly clock_hz: number; readonly sram_bytes: number },
): Part<Draws, Drawn> {
  const any = freed(engine, engine.fill_elements_per_cycle);
  const fifos_bytes = storedBytes(selectorParts({ ...any, engines: 1 }, million, million / 2).stored_elements, million);
  const run = (n: number, share: number, comparators = engine.comparators): number =>
    expectedRun({ ...any, comparators }, n, kept(n, share)).cycles;
  const pace = (n: number, share: number): number =>
    leastComparators(any, n, kept(n, share), n / any.fill_elements_per_cycle)!;
  return {
    jobs: [],
    show: () => ({
      blocks: {
        'engines-cycles': algorithmTable(any),
        'engines-pace': paceTable(any),
        'engines-million': millionTable(engine, streams, clock_hz),
        'engines-million-finding': wrapped(
          `One engine with more comparators is what scales: its FIFOs stay ${digits(fifos_bytes / 1e6)} MB, ` +
            `${digits(fifos_bytes / sram_bytes, 2)} times the SRAMs of SpAtten, whatever the rate, and its comparators grow with it. ` +
            `Released engines need FIFOs of a row each.`,
        ),
        'engines-finding': wrapped(
          `With ${engine.comparators} comparators quick-select finds the k-th of a million in ${digits(run(million, 0.5))} cycles where half stay, ` +
            `${digits(run(million, 0.5) / (million / any.fill_elements_per_cycle))} times what it takes to take the row in: it looks at an element ${digits(expectedRun(any, million, million / 2).scanned_elements / million, 2)} times. ` +
            `To keep pace with ${any.fill_elements_per_cycle} elements a cycle it needs ${pace(2 ** 10, 0.1)} comparators for rows of 1K of which a tenth stay, ` +
            `${pace(2 ** 10, 0.5)} where half do, and ${pace(million, 0.1)} and ${pace(million, 0.5)} for a million: passes cost less there.`,
        ),
      },
      charts: {
        engines: {
          kind: 'lines',
          title: `Cycles an element with ${engine.comparators} comparators, half of the row stays`,
          source: 'attnsim, means in closed form',
          x: {
            title: 'Length of the row (elements)',
            scale: 'log',
            domain: [lengths[0]!, million],
            ticks: lengths.map((value) => ({ value, text: lengthText(value) })),
          },
          y: { title: 'Cycles an element', scale: 'log' },
          series: algorithms.map((algorithm) => ({
            name: algorithm,
            points: lengths.map((n) => ({ x: n, y: expectedRun({ ...any, algorithm }, n, n / 2).cycles / n })),
          })),
          references: [{ label: 'as the row is taken in', value: 1 / any.fill_elements_per_cycle }],
        },
      },
    }),
  };
}
