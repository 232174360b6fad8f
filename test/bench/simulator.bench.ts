import { afterAll, bench, describe } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

/** Speed of the cycle simulator: events a second where it walks all, and time over the length where it folds. */

/** For what takes a good part of a second. */
const few = { time: 0, iterations: 5, warmupTime: 0, warmupIterations: 1 };

type Sizes = Readonly<Record<string, number>>;
type Case = { readonly mapping: string; readonly machine: string; readonly sizes: Sizes; readonly folding: boolean };

/** The run, and how many operations it walks. */
async function prepare({ mapping, machine, sizes, folding }: Case): Promise<() => number> {
  const text = must(parseMapping(shipped('mappings', `${mapping}.map`)));
  const placed = must(placeMapping(text, workloadOf('attention-1-pass', sizes), await shippedMachine(machine)));
  const traffic = countTraffic(placed);
  return () => simulateCycles(placed, traffic, { folding }).events;
}

/** What is printed when all is measured, by shortest time. */
const lines: (() => string)[] = [];
afterAll(() => {
  process.stdout.write(`${lines.map((line) => line()).join('\n')}\n`);
});

function measure(name: string, run: () => number, line: (seconds: number, events: number) => string): void {
  let seconds = Number.POSITIVE_INFINITY;
  let events = 0;
  bench(
    name,
    () => {
      const began = performance.now();
      events = run();
      seconds = Math.min(seconds, (performance.now() - began) / 1000);
    },
    few,
  );
  lines.push(() => `${name}: ${line(seconds, events)}`);
}

const thousands = (n: number): string => `${Math.round(n / 1000)}K`;
const perSecond = (seconds: number, events: number): string =>
  `${thousands(events)} events in ${seconds.toFixed(2)} s, ${(events / seconds / 1e6).toFixed(2)} million a second`;

const bert = { B: 64, H: 12, E: 64, F: 64 };
const flash = { B: 1, H: 32, E: 128, F: 128, M0: 128 };
const unfolded: readonly (Case & { readonly name: string })[] = [
  {
    name: 'fusemax-binding, one head at 64K',
    mapping: 'fusemax-binding',
    machine: 'fusemax',
    sizes: { ...bert, B: 1, H: 1, P: 2 ** 16, M: 2 ** 16 },
    folding: false,
  },
  {
    name: 'flash-attention-3, causal, 32 heads at 16K',
    mapping: 'flash-attention-3',
    machine: 'h100-sxm',
    sizes: { ...flash, CAUSAL: 1, P: 2 ** 14, M: 2 ** 14 },
    folding: false,
  },
];

describe('without folding', async () => {
  for (const c of unfolded) measure(c.name, await prepare(c), perSecond);
});

/** Distinct tiles of queries are those that see different numbers of keys; without a mask all are alike. */
const growth = [
  {
    name: 'fusemax-binding, BERT',
    c: { mapping: 'fusemax-binding', machine: 'fusemax', sizes: bert, folding: true },
    lengths: [10, 12, 14, 16, 18, 20].map((e) => 2 ** e),
    distinct: () => 1,
  },
  {
    name: 'flash-attention-3, causal, 32 heads',
    c: { mapping: 'flash-attention-3', machine: 'h100-sxm', sizes: { ...flash, CAUSAL: 1 }, folding: true },
    lengths: [10, 12, 14, 16, 17].map((e) => 2 ** e),
    distinct: (tokens: number) => tokens / 128,
  },
];

describe.each(growth)('growth with the length: $name', async ({ name, c, lengths, distinct }) => {
  for (const tokens of lengths) {
    const run = await prepare({ ...c, sizes: { ...c.sizes, P: tokens, M: tokens } });
    const tiles = distinct(tokens);
    measure(
      `${name} at ${tokens}`,
      run,
      (seconds, events) =>
        `${seconds.toFixed(3)} s, ${thousands(events)} events; distinct tiles: ${tiles}` +
        (tiles > 1 ? `, ${((1000 * seconds) / tiles).toFixed(2)} ms each` : ''),
    );
  }
});
