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
  /** Which keys a query sees of those that it could see; undefined: all of them. */
  readonly sees?: (query: number, key: number) => boolean;
};

/** The keys that a query sees. */
export function keysOf({ P, M, causal, window, sees }: AttentionShape, query: number): number[] {
  const keys: number[] = [];
  for (let m = 0; m < M; m++) {
    // The last query stands at the last key.
    const behind = M - 1 - m - (P - 1 - query);
    if ((!causal || behind >= 0) && (window === undefined || behind < window) && (sees?.(query, m) ?? true))
      keys.push(m);
  }
  return keys;
}

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
  const { B, H, P, M, E, F, group } = shape;
  const keyHeads = Math.ceil(H / group);
  const values: number[] = [];
  const visible: boolean[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let p = 0; p < P; p++) {
        const keyHead = b * keyHeads + Math.floor(h / group);
        const seen = keysOf(shape, p);
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

/** Which tokens [X, Y, Z] of a map a token sees. */
export function neighborsOf(dimensions: readonly MapDimension[]): (query: number, key: number) => boolean {
  const places = (token: number): number[] =>
    dimensions.map(([length], d) => {
      const inner = dimensions.slice(d + 1).reduce((n, [l]) => n * l, 1);
      return Math.floor(token / inner) % length;
    });
  return (query, key) => {
    const seen = places(key);
    return places(query).every((token, d) => {
      const start = windowStart(token, dimensions[d]!);
      return seen[d]! >= start && seen[d]! < start + dimensions[d]![1];
    });
  };
}
