import { type AttentionShape, attention, keysOf, softmax } from './attention.ts';

/** Plain loops over flat arrays, written against the formulas and sharing nothing with `src`. */

type Array = ArrayLike<number>;

export type Inputs = { readonly q: Array; readonly k: Array; readonly v: Array; readonly dav: Array };

export type Gradients = {
  readonly dq: number[];
  readonly dk: number[];
  readonly dv: number[];
  /** Logarithm of the sum of exponentials of each query's scores, [B, H, P]; -Infinity where it sees no key. */
  readonly l: number[];
  /** Weights, [B, H, M, P]; 0 where a query does not see a key. */
  readonly weights: number[];
  /** Whether an element of dq belongs to a query that sees a key, and one of dk and dv to a key that is seen. */
  readonly queried: boolean[];
  readonly seen: boolean[];
};

/** Gradients of the sum over all elements of softmax attention times `dav`. */
export function attentionGradient(shape: AttentionShape, { q, k, v, dav }: Inputs): Gradients {
  const { B, H, P, M, E, F, group } = shape;
  const keyHeads = Math.ceil(H / group);
  const zeros = (n: number): number[] => new Array<number>(n).fill(0);
  const dq = zeros(B * H * P * E);
  const dk = zeros(B * keyHeads * M * E);
  const dv = zeros(B * keyHeads * M * F);
  const l: number[] = [];
  const weights = zeros(B * H * M * P);
  const queried = new Array<boolean>(B * H * P).fill(false);
  const seen = new Array<boolean>(B * keyHeads * M).fill(false);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let p = 0; p < P; p++) {
        const query = (b * H + h) * P + p;
        const head = b * keyHeads + Math.floor(h / group);
        const keys = keysOf(shape, p);
        const dot = (x: Array, i: number, y: Array, j: number, n: number): number => {
          let sum = 0;
          for (let d = 0; d < n; d++) sum += x[i * n + d]! * y[j * n + d]!;
          return sum;
        };
        const scores = keys.map((m) => dot(q, query, k, head * M + m, E));
        l.push(Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0)));
        const a = keys.length === 0 ? [] : softmax(scores, h);
        const da = keys.map((m) => dot(dav, query, v, head * M + m, F));
        const mean = a.reduce((sum, w, i) => sum + w * da[i]!, 0);
        keys.forEach((m, i) => {
          const key = head * M + m;
          queried[query] = true;
          seen[key] = true;
          weights[((b * H + h) * M + m) * P + p] = a[i]!;
          for (let f = 0; f < F; f++) dv[key * F + f]! += a[i]! * dav[query * F + f]!;
          const ds = a[i]! * (da[i]! - mean);
          for (let e = 0; e < E; e++) {
            dq[query * E + e]! += ds * k[key * E + e]!;
            dk[key * E + e]! += ds * q[query * E + e]!;
          }
        });
      }
  return { dq, dk, dv, l, weights, queried, seen };
}

/** Central differences of the same sum: the error is of the order of the square of the step, 1e-4. */
export function numericalGradient(shape: AttentionShape, inputs: Inputs, of: 'q' | 'k' | 'v'): readonly number[] {
  const step = 1e-4;
  const sum = (x: Float64Array): number => {
    const [q, k, v] = (['q', 'k', 'v'] as const).map((name) => (name === of ? x : inputs[name]));
    return attention(shape, q!, k!, v!, softmax).values.reduce((total, value, i) => total + value * inputs.dav[i]!, 0);
  };
  return Array.from(inputs[of], (_, i) => {
    const x = Float64Array.from(inputs[of]);
    x[i] = inputs[of][i]! + step;
    const above = sum(x);
    x[i] = inputs[of][i]! - step;
    return (above - sum(x)) / (2 * step);
  });
}
