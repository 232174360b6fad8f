import type { Name } from './ast.ts';
import type { TensorValue } from './evaluate.ts';
import type { Workload } from './workload.ts';

/** A second way to compute a cascade's output: plain loops over the formula, without Einsums. */
export type Oracle = {
  /** The formula, for a person. */
  readonly formula: string;
  readonly output: Name;
  /** From row-major inputs to the output tensor, in the shape that the cascade gives it. */
  evaluate(inputs: ReadonlyMap<Name, Float64Array>): TensorValue;
};

type Inputs = ReadonlyMap<Name, Float64Array>;

/** The oracle for cascades that go by a shipped name and have its tensors; undefined for any other. */
export function builtInOracle(w: Workload): Oracle | undefined {
  const { name } = w.cascade;
  if (/^attention-([123]-pass|split-kv)(-|$)/.test(name) && hasTensors(w, attentionTensors)) return softmaxOracle(w);
  if (name === 'attention-stream-k' && hasTensors(w, groupedTensors)) return softmaxOracle(w);
  if (name === 'sigmoid-attention' && hasTensors(w, { ...attentionTensors, BIAS: 'H' })) return sigmoidOracle(w);
  if (name === 'linear-attention-recurrent' && hasTensors(w, { ...linearTensors, AV: 'B,H,M,F' }))
    return linearOracle(w);
  if (name === 'linear-attention-chunked' && hasTensors(w, { ...linearTensors, AV: 'B,H,M1,N0,F' }))
    return linearOracle(w);
  if (name === 'gemm' && hasTensors(w, { A: 'M,K', B: 'K,N', Z: 'M,N' })) return gemmOracle(w);
  return undefined;
}

const attentionTensors = { Q: 'B,H,P,E', K: 'B,HK,M,E', V: 'B,HK,M,F', AV: 'B,H,P,F' };
/** The queries of a key head side by side: the layout of `attentionTensors`, in other words, where G divides H. */
const groupedTensors = { Q: 'B,HK,G,P,E', K: 'B,HK,M,E', V: 'B,HK,M,F', AV: 'B,HK,G,P,F' };
const linearTensors = { Q: 'B,H,M,E', K: 'B,H,M,E', V: 'B,H,M,F' };

const hasTensors = (w: Workload, ranks: Readonly<Record<Name, string>>): boolean =>
  Object.entries(ranks).every(([name, wanted]) => {
    const tensor = w.tensors.find((t) => t.name === name);
    return tensor?.dimensions.map((d) => d.rank).join() === wanted;
  });

function softmaxOracle(w: Workload): Oracle {
  const weigh = (scores: Float64Array): void => {
    const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    let total = 0;
    for (const [i, s] of scores.entries()) {
      scores[i] = Math.exp(s - top);
      total += scores[i];
    }
    for (const i of scores.keys()) scores[i]! /= total;
  };
  return {
    formula: 'softmax(Q K^T) V',
    output: 'AV',
    evaluate: (inputs) => attend(w, inputs, weigh),
  };
}

function sigmoidOracle(w: Workload): Oracle {
  return {
    formula: 'sigmoid(Q K^T + bias) V',
    output: 'AV',
    evaluate: (inputs) => {
      const bias = inputs.get('BIAS')!;
      return attend(w, inputs, (scores, head) => {
        for (const [i, s] of scores.entries()) scores[i] = 1 / (1 + Math.exp(-s - bias[head]!));
      });
    },
  };
}

const size = (w: Workload, name: Name): number => w.sizes.get(name)!;

/** `weigh` turns the scores of the keys that a query sees into weights, in place. */
function attend(w: Workload, inputs: Inputs, weigh: (scores: Float64Array, head: number) => void): TensorValue {
  const [B, P, M, E, F] = ['B', 'P', 'M', 'E', 'F'].map((name) => size(w, name)) as Five;
  const [heads, group, causal] = [size(w, 'HK'), size(w, 'G'), size(w, 'CAUSAL') !== 0];
  const window = w.sizes.get('WINDOW') ?? 0;
  // A layout of its own for the groups has room for heads that the last group may lack.
  const H = w.tensors.some((t) => t.dimensions.some((d) => d.rank === 'G')) ? heads * group : size(w, 'H');
  const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!) as Three;
  const values = new Float64Array(B * H * P * F);
  const exists = new Uint8Array(values.length);
  for (let row = 0; row < B * H * P; row++) {
    const p = row % P;
    const h = Math.floor(row / P) % H;
    const keys = (Math.floor(row / P / H) * heads + Math.floor(h / group)) * M;
    const seen = causal ? Math.min(M, Math.max(0, p + M - P + 1)) : M;
    const first = window === 0 ? 0 : Math.min(seen, Math.max(0, p + M - P - window + 1));
    const scores = new Float64Array(seen - first);
    for (const m of scores.keys())
      for (let e = 0; e < E; e++) scores[m]! += q[row * E + e]! * k[(keys + first + m) * E + e]!;
    weigh(scores, h);
    for (let f = 0; f < F; f++) {
      for (const [m, weight] of scores.entries()) values[row * F + f]! += weight * v[(keys + first + m) * F + f]!;
      exists[row * F + f] = scores.length > 0 ? 1 : 0;
    }
  }
  return { values, exists };
}

type Three = [Float64Array, Float64Array, Float64Array];
type Five = [number, number, number, number, number];

/** Works for the chunked form too: there a head has M1*N0 rows, of which the first M exist. */
function linearOracle(w: Workload): Oracle {
  return {
    formula: 'the sum over j <= m of (Q[m] . K[j]) V[j]',
    output: 'AV',
    evaluate: (inputs) => {
      const [heads, M, E, F] = [size(w, 'B') * size(w, 'H'), size(w, 'M'), size(w, 'E'), size(w, 'F')];
      const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!) as Three;
      const rows = w.sizes.has('M1') ? size(w, 'M1') * size(w, 'N0') : M;
      const values = new Float64Array(heads * rows * F);
      const exists = new Uint8Array(values.length);
      for (let head = 0; head < heads; head++)
        for (let m = 0; m < M; m++) {
          const out = (head * rows + m) * F;
          exists.fill(1, out, out + F);
          for (let j = 0; j <= m; j++) {
            let score = 0;
            for (let e = 0; e < E; e++) score += q[(head * M + m) * E + e]! * k[(head * M + j) * E + e]!;
            for (let f = 0; f < F; f++) values[out + f]! += score * v[(head * M + j) * F + f]!;
          }
        }
      return { values, exists };
    },
  };
}

function gemmOracle(w: Workload): Oracle {
  return {
    formula: 'A B',
    output: 'Z',
    evaluate: (inputs) => {
      const [M, N, K] = [size(w, 'M'), size(w, 'N'), size(w, 'K')];
      const values = new Float64Array(M * N);
      for (let m = 0; m < M; m++)
        for (let n = 0; n < N; n++)
          for (let k = 0; k < K; k++) values[m * N + n]! += inputs.get('A')![m * K + k]! * inputs.get('B')![k * N + n]!;
      return { values, exists: new Uint8Array(values.length).fill(1) };
    },
  };
}
