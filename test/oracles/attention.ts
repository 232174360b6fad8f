/** Plain loops over flat arrays, written against the formulas and sharing nothing with `src`. */

export type AttentionShape = {
  readonly B: number;
  readonly H: number;
  readonly P: number;
  readonly M: number;
  readonly E: number;
  readonly F: number;
  readonly causal: boolean;
  /** Query heads a key and value head. */
  readonly group: number;
  /** Each query sees no more than the last so many of the keys that it could see; undefined: all of them. */
  readonly window?: number;
};

export type Attended = { readonly values: number[]; readonly visible: boolean[] };

/** How the scores of a query (of the keys that it sees) become weights. */
export type Weighting = (scores: readonly number[], head: number) => readonly number[];

export const softmax: Weighting = (scores) => {
  const top = Math.max(...scores);
  const raised = scores.map((s) => Math.E ** (s - top));
  const total = raised.reduce((a, b) => a + b);
  return raised.map((r) => r / total);
};

/** Output [B, H, P, F] and, for each of its elements, whether the query sees any key. */
export function attention(
  shape: AttentionShape,
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  weigh: Weighting,
): Attended {
  const { B, H, P, M, E, F, causal, group, window } = shape;
  const keyHeads = Math.ceil(H / group);
  const values: number[] = [];
  const visible: boolean[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let p = 0; p < P; p++) {
        const keyHead = b * keyHeads + Math.floor(h / group);
        const seen: number[] = [];
        for (let m = 0; m < M; m++) {
          // The last query stands at the last key.
          const behind = M - 1 - m - (P - 1 - p);
          if ((!causal || behind >= 0) && (window === undefined || behind < window)) seen.push(m);
        }
        const scores = seen.map((m) => {
          let s = 0;
          for (let e = 0; e < E; e++) s += q[((b * H + h) * P + p) * E + e]! * k[(keyHead * M + m) * E + e]!;
          return s;
        });
        const weights = seen.length === 0 ? [] : weigh(scores, h);
        for (let f = 0; f < F; f++) {
          let sum = 0;
          for (const [i, m] of seen.entries()) sum += weights[i]! * v[(keyHead * M + m) * F + f]!;
          values.push(sum);
          visible.push(seen.length > 0);
        }
      }
  return { values, visible };
}

/** Causal linear attention without normaliser: out[m] = sum over j <= m of (q[m] . k[j]) v[j], as [B, H, M, F]. */
export function linearAttention(
  { B, H, M, E, F }: Pick<AttentionShape, 'B' | 'H' | 'M' | 'E' | 'F'>,
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
): number[] {
  const out: number[] = [];
  for (let head = 0; head < B * H; head++)
    for (let m = 0; m < M; m++)
      for (let f = 0; f < F; f++) {
        let sum = 0;
        for (let j = 0; j <= m; j++) {
          let dot = 0;
          for (let e = 0; e < E; e++) dot += q[(head * M + m) * E + e]! * k[(head * M + j) * E + e]!;
          sum += dot * v[(head * M + j) * F + f]!;
        }
        out.push(sum);
      }
  return out;
}

/** A dimension of a map: tokens, window, and stride. */
export type MapDimension = readonly [length: number, window: number, stride: number];

/** Where the window of a token begins, as the documents of NATTEN define it: around the leader of its group, clamped. */
function windowStart(token: number, [length, window, stride]: MapDimension): number {
  const leader = Math.min(Math.floor(token / stride) * stride + Math.floor(stride / 2), length - 1);
  const left = Math.floor(window / 2);
  const right = left + (window % 2) - 1;
  const start = Math.max(leader - left, 0);
  return leader + right >= length ? start + (length - right - leader - 1) : start;
}

/** Neighbourhood attention of one head over [X, Y, Z] tokens of E and F: output [X, Y, Z, F]. */
export function neighborhoodAttention(
  [x, y, z]: readonly [MapDimension, MapDimension, MapDimension],
  [E, F]: readonly [number, number],
  [q, k, v]: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
): number[] {
  const out: number[] = [];
  for (let i = 0; i < x[0]; i++)
    for (let j = 0; j < y[0]; j++)
      for (let l = 0; l < z[0]; l++) {
        const [a, b, c] = [windowStart(i, x), windowStart(j, y), windowStart(l, z)];
        const keys: number[] = [];
        for (let s = a; s < a + x[1]; s++)
          for (let t = b; t < b + y[1]; t++) for (let u = c; u < c + z[1]; u++) keys.push((s * y[0] + t) * z[0] + u);
        const token = (i * y[0] + j) * z[0] + l;
        const scores = keys.map((m) => {
          let score = 0;
          for (let e = 0; e < E; e++) score += q[token * E + e]! * k[m * E + e]!;
          return score;
        });
        const weights = softmax(scores, 0);
        for (let f = 0; f < F; f++) {
          let sum = 0;
          for (const [n, m] of keys.entries()) sum += weights[n]! * v[m * F + f]!;
          out.push(sum);
        }
      }
  return out;
}
