import type { Run } from '../../suite.ts';
import type { LanguageModel, Quantization } from './models.ts';

/** Tokens that one pass over the weights is for, and the tokens that they see. */
export type Pass = { readonly tokens: number; readonly context: number };

type Machine = { readonly hardware: string; readonly parameters: Readonly<Record<string, string>> };

const weightTensors = ['WQ', 'WK', 'WV', 'WZ', 'W1', 'W2', 'W3'];
/** What is multiplied with weights is quantized first; results are fp32. */
const multiplied = ['S', 'AV', 'ZN', 'HIDDEN'];
const results = ['Q', 'K', 'V', 'Z', 'GATE', 'UP', 'FFN'];

const allOf = (tensors: readonly string[], format: string): Record<string, string> =>
  Object.fromEntries(tensors.map((tensor) => [tensor, format]));

/** What weights are multiplied with: blocks for blocks. */
const activationFormat = (weights: string): string => (weights.startsWith('q') ? 'q8_k' : weights);

/** Of so many layers, how many have more bits: the first and the last eighth, and every third between (llama.cpp). */
function layersWithMore(layers: number): number {
  const [first, last] = [Math.floor(layers / 8), Math.floor((7 * layers) / 8)];
  return first + (layers - last) + Math.floor((last - first) / 3);
}

/** The linear layers: in two parts where some layers have tensors in another format. */
function layerRuns(model: LanguageModel, quantization: Quantization, pass: Pass, machine: Machine): readonly Run[] {
  const { weights, more } = quantization;
  const { experts = 1, experts_per_token = 1 } = model;
  // A token is for so many experts; those that get any are as many as there are tokens for, at most all.
  const given = pass.tokens * experts_per_token;
  const X = Math.min(experts, given);
  const sizes = {
    B: 1,
    P: pass.tokens,
    D: model.hidden,
    H: model.heads,
    G: model.heads / model.key_heads,
    E: model.head_size,
    FF: model.network,
    X,
    T: experts === 1 ? pass.tokens : Math.ceil(given / X),
  };
  const formats = {
    ...allOf(weightTensors, weights),
    ...allOf(multiplied, activationFormat(weights)),
    ...allOf(results, 'fp32'),
  };
  const run = (L: number, own: Readonly<Record<string, string>>): Run => ({
    ...machine,
    cascade: 'decoder-layers',
    mapping: 'decoder-layers',
    workload: undefined,
    sizes: { ...sizes, L },
    formats: { ...formats, ...own },
  });
  if (more === undefined) return [run(model.layers, {})];
  const some = layersWithMore(model.layers);
  return [run(some, more), run(model.layers - some, {})];
}

/** Attention of all layers: they are as many batches. */
const attentionRun = (model: LanguageModel, { tokens, context }: Pass, machine: Machine): Run => ({
  ...machine,
  cascade: 'attention-1-pass',
  mapping: 'attention-cores',
  workload: undefined,
  sizes: {
    B: model.layers,
    H: model.heads,
    G: model.heads / model.key_heads,
    P: tokens,
    M: context,
    E: model.head_size,
    F: model.head_size,
    M0: Math.min(64, context),
    CAUSAL: tokens === 1 ? 0 : 1,
  },
});

/** The output layer, for one token: of a prompt only the last one is asked for. */
const outputRun = (model: LanguageModel, { output }: Quantization, machine: Machine): Run => ({
  ...machine,
  cascade: 'gemm',
  mapping: 'gemm-cores',
  workload: undefined,
  sizes: { M: 1, N: model.vocabulary, K: model.hidden },
  formats: { A: activationFormat(output), B: output, Z: 'fp32' },
});

/** One pass of a language model, one run after the other. Norms, positions and the choice of experts are left out. */
export const runsOf = (
  model: LanguageModel,
  quantization: Quantization,
  pass: Pass,
  machine: Machine,
): readonly Run[] => [
  ...layerRuns(model, quantization, pass, machine),
  attentionRun(model, pass, machine),
  outputRun(model, quantization, machine),
];
