/** SpAtten's attention by plain loops, in generation: what its papers and its released hardware do, not how. */
type SpattenLayer = {
  /** Elements of a head, and values of it that are kept. */
  readonly E: number;
  readonly F: number;
  readonly kept: number;
  /** A row whose largest probability is below this is computed again with all bits of the keys. */
  readonly threshold: number;
};

type Rows = readonly (readonly number[])[];

const softmax = (scores: readonly number[]): readonly number[] => {
  const exponentials = scores.map(Math.exp);
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((x) => x / sum);
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Positions of the largest, of equal ones the first, in order. */
const largest = (values: readonly number[], count: number): readonly number[] =>
  values
    .map((value, at) => ({ value, at }))
    .sort((a, b) => b.value - a.value || a.at - b.at)
    .slice(0, count)
    .map(({ at }) => at)
    .sort((a, b) => a - b);

/** One query of one head over the keys that are left: its probabilities, what it finds, and whether the low bits were needed. */
export function spattenRow(
  { F, kept, threshold }: SpattenLayer,
  query: readonly number[],
  { high, low, values }: { readonly high: Rows; readonly low: Rows; readonly values: Rows },
): { readonly weights: readonly number[]; readonly result: readonly number[]; readonly again: boolean } {
  const first = softmax(high.map((key) => dot(query, key)));
  const again = Math.max(...first) < threshold;
  const whole = high.map((key, m) => key.map((x, e) => x + low[m]![e]! / 16));
  const weights = again ? softmax(whole.map((key) => dot(query, key))) : first;
  const chosen = largest(weights, kept);
  const result = Array.from({ length: F }, (_, f) => chosen.reduce((sum, m) => sum + weights[m]! * values[m]![f]!, 0));
  return { weights, result, again };
}
