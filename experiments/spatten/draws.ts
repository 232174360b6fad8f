import { type Selection, type Selector, selectRow, uniformDraws } from 'attnsim';

/** Rows drawn at random that one engine selects from, on their values. */
export type Draws = {
  readonly selector: Selector;
  readonly n: number;
  readonly k: number;
  readonly values: keyof typeof rowsOf;
  readonly rows: number;
  readonly seed: number;
};

/** Cycles of fill and run of each row, rising. */
export type Drawn = { readonly cycles: readonly number[] };

/** Elements are distinct, and their order is random. */
const distinct = (n: number, draw: () => number): Float64Array => Float64Array.from({ length: n }, draw);

/** Standard deviation of scores before the softmax: some probabilities stand out, as in attention. */
const score_deviation = 2;

/** Probabilities of normal scores (Box and Muller, 1958), in 12 bits: most are equal to others. */
function probabilities(n: number, draw: () => number): Float64Array {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const raised = Float64Array.from({ length: n }, () => Math.exp(score_deviation * normal()));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => Math.round((value / sum) * (2 ** 12 - 1)));
}

const rowsOf = { distinct, probabilities };

const cyclesOf = ({ fill_cycles, run }: Selection): number => fill_cycles + run.cycles;

export function drawRows({ selector, n, k, values, rows, seed }: Draws): Drawn {
  const draw = uniformDraws(seed);
  const each = Array.from({ length: rows }, () => cyclesOf(selectRow(selector, rowsOf[values](n, draw), k, draw)));
  return { cycles: each.toSorted((a, b) => a - b) };
}

/** The value that a share of them, rising, do not exceed. */
export const quantile = (rising: readonly number[], share: number): number =>
  rising[Math.max(0, Math.ceil(share * rising.length) - 1)]!;
