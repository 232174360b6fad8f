import { latencyCycles, type Selector, serviceCycles, uniformDraws } from 'attnsim';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, mean, percent } from '../text.ts';
import { type Drawn, type Draws, quantile } from './draws.ts';
import { type Alike, digits, head_size } from './rows.ts';

const kinds = ['distinct', 'probabilities'] as const;
/** Tokens that are put together from drawn rows. */
const tokens = 2000;

const spreadOf = (rising: readonly number[]): readonly number[] => [
  mean(rising),
  ...[0.5, 0.95, 0.99].map((share) => quantile(rising, share)),
];

/** How far single rows, and whole tokens, are from the mean: on values. */
export function spreadPart(released: Selector, token: readonly Alike[], clock_hz: number): Part<Draws, Drawn> {
  const engine: Selector = { ...released, capacity_elements: Number.POSITIVE_INFINITY };
  const jobOf = (n: number, k: number, values: Draws['values']): Draws => {
    const rows = n > 2 ** 12 ? 120 : 2000;
    return { selector: engine, n, k, values, rows, seed: n + k };
  };
  const ofToken = token.flatMap(({ keys, values }) => kinds.map((kind) => [keys, values, kind] as const));
  // Of longer rows nearly all probabilities are zero in 12 bits.
  const longer = [2 ** 10, 2 ** 16].flatMap((n) => [0.1, 0.5].map((s) => [n, Math.round(n * s), 'distinct'] as const));
  const shown = [...ofToken, ...longer];
  return {
    jobs: shown.map(([n, k, kind]) => jobOf(n, k, kind)),
    show: (of) => {
      const line = (name: readonly string[], expected: number, rising: readonly number[]): string[] => {
        const [average, ...quantiles] = spreadOf(rising) as [number, ...number[]];
        return [
          ...name,
          digits(expected, 4),
          digits(average, 4),
          ...quantiles.map((q) => digits(q, 4)),
          percent(quantiles[2]! / average - 1, 0),
        ];
      };
      const cyclesOf = (n: number, k: number, kind: Draws['values']): readonly number[] => of(jobOf(n, k, kind)).cycles;
      /** Every row of a token one after the other through the engine. */
      const tokenCycles = (kind: Draws['values']): readonly number[] => {
        const draw = uniformDraws(1);
        const rowOf = (cycles: readonly number[]): number => cycles[Math.floor(draw() * cycles.length)]!;
        const one = (): number =>
          token.reduce((sum, { keys, values, rows }) => {
            const cycles = cyclesOf(keys, values, kind);
            return sum + Array.from({ length: rows }, () => rowOf(cycles)).reduce((a, b) => a + b, 0);
          }, 0);
        return Array.from({ length: tokens }, one).toSorted((a, b) => a - b);
      };
      const service = (n: number, k: number): number => serviceCycles({ ...engine, overlap: 0 }, n, k);
      const expectedToken = token.reduce((sum, { keys, values, rows }) => sum + rows * service(keys, values), 0);
      const rowLines = shown.map(([n, k, kind]) =>
        line([`row of ${lengthText(n)}, ${k} stay`, kind], service(n, k), cyclesOf(n, k, kind)),
      );
      const all = token.reduce((sum, { rows }) => sum + rows, 0);
      const tokenLines = kinds.map((kind) => line([`token, ${all} rows`, kind], expectedToken, tokenCycles(kind)));
      const tail = (rising: readonly number[]): number => quantile(rising, 0.99) / mean(rising) - 1;
      const first = token[0]!;
      const firstRow = cyclesOf(first.keys, first.values, 'distinct');
      const flops = token.reduce((sum, { keys, values, rows }) => sum + 2 * head_size * rows * (keys + values), 0);
      const tflops = (kind: Draws['values']): string =>
        digits(((flops / mean(tokenCycles(kind))) * clock_hz) / 1e12, 2);
      const ties = mean(tokenCycles('probabilities')) / mean(tokenCycles('distinct'));
      const head = ['', 'elements', 'closed form', 'mean', 'p50', 'p95', 'p99', 'p99 over mean'];
      return {
        blocks: {
          spread: markdownTable([head, ...rowLines, ...tokenLines]),
          'spread-finding': wrapped(
            `Of rows of ${first.keys} the slowest hundredth takes ${percent(tail(firstRow), 0)} longer than the mean, ` +
              `but a token goes through ${all} of them: its slowest hundredth takes ${percent(tail(tokenCycles('distinct')), 1)} longer. ` +
              `A single row by itself, from its first element in to its last one out, takes ${digits(latencyCycles(engine, first.keys, first.values))} cycles. ` +
              `Probabilities in 12 bits have many equals, which end a search early: a token takes ${digits(ties, 2)} times as long as with distinct ones, ` +
              `which is ${tflops('probabilities')} TFLOPS where the engine is what limits, instead of ${tflops('distinct')}.`,
          ),
        },
        charts: {},
      };
    },
  };
}
