/** SpAtten's attention by plain loops, in generation: what its paper says of layers, not how its hardware does it. */

type Pruning = {
  readonly L: number;
  readonly H: number;
  readonly P: number;
  readonly M: number;
  readonly E: number;
  readonly F: number;
  /** By layer, how many are left. */
  readonly tokens: readonly number[];
  readonly heads: readonly number[];
  /** Values of a row that are fetched. */
  readonly kept: number;
  /** A row whose largest probability is below this is computed again with all bits of the keys. */
  readonly threshold: number;
};

/** What a layer adds: importance of all tokens and heads; results [H, P, F], undefined where the head is pruned. */
type Layer = {
  readonly tokens: number[];
  readonly heads: number[];
  readonly results: readonly (readonly (number | undefined)[])[];
  /** Of the rows that there are, which needed the low bits. */
  readonly again: boolean[];
};

/** Positions of the largest, of equal ones the first, in order. */
export const largest = (values: readonly number[], count: number): readonly number[] =>
  values
    .map((value, at) => ({ value, at }))
    .sort((a, b) => b.value - a.value || a.at - b.at)
    .slice(0, count)
    .map(({ at }) => at)
    .sort((a, b) => a - b);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function softmax(scores: readonly number[]): readonly number[] {
  const exponentials = scores.map(Math.exp);
  return exponentials.map((x) => x / sum(exponentials));
}

/** Inputs Q [L, H, P, E], K0, K1 [L, H, M, E] and V [L, H, M, F]. */
export function spattenLayers(
  { L, H, P, M, E, F, tokens, heads, kept, threshold }: Pruning,
  inputs: ReadonlyMap<string, ArrayLike<number>>,
): readonly Layer[] {
  const layers: Layer[] = [];
  const tokensFound = new Array<number>(M).fill(0);
  const headsFound = new Array<number>(H).fill(0);
  for (let l = 0; l < L; l++) {
    const left = largest(tokensFound, tokens[l]!);
    const leftHeads = largest(headsFound, heads[l]!);
    const layer = { tokens: new Array<number>(M).fill(0), heads: new Array<number>(H).fill(0), again: [] as boolean[] };
    const results = Array.from({ length: H }, () => new Array<number | undefined>(P * F).fill(undefined));
    for (const h of leftHeads)
      for (let p = 0; p < P; p++) {
        const at = (name: string, row: number, rows: number, width: number, i: number): number =>
          inputs.get(name)![((l * H + h) * rows + row) * width + i]!;
        const score = (m: number, low: number): number => {
          const key = (e: number): number => 16 * at('K0', m, M, E, e) + low * at('K1', m, M, E, e);
          return sum(Array.from({ length: E }, (_, e) => at('Q', p, P, E, e) * key(e)));
        };
        const first = softmax(left.map((m) => score(m, 0)));
        const again = Math.max(...first) < threshold;
        const weights = again ? softmax(left.map((m) => score(m, 1))) : first;
        layer.again.push(again);
        for (const [i, m] of left.entries()) layer.tokens[m]! += weights[i]!;
        for (let f = 0; f < F; f++) {
          const result = sum(largest(weights, kept).map((i) => weights[i]! * at('V', left[i]!, M, F, f)));
          results[h]![p * F + f] = result;
          layer.heads[h]! += Math.abs(result);
        }
      }
    for (let m = 0; m < M; m++) tokensFound[m]! += layer.tokens[m]!;
    for (let h = 0; h < H; h++) headsFound[h]! += layer.heads[h]!;
    layers.push({ ...layer, results });
  }
  return layers;
}
