/** What one size is called in configs of different families; a dot leads into a part of the config. */
export const sizeKeys = {
  heads: ['num_attention_heads', 'n_head', 'n_heads', 'num_heads', 'decoder_attention_heads'],
  keyHeads: ['num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num', 'attn_config.kv_n_heads'],
  headWidth: ['head_dim', 'd_kv', 'd_head', 'kv_channels'],
  width: ['hidden_size', 'n_embd', 'n_embed', 'd_model', 'dim'],
  layers: ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers', 'decoder_layers'],
  decoderLayers: ['num_decoder_layers'],
  networkWidth: [
    'intermediate_size',
    'n_inner',
    'd_inner',
    'ffn_dim',
    'd_ff',
    'ffn_hidden_size',
    'hidden_dim',
    'ffn_config.ffn_hidden_size',
    'decoder_ffn_dim',
  ],
  networkRatio: ['expansion_ratio', 'mlp_ratio'],
  vocabulary: ['vocab_size', 'padded_vocab_size'],
  positions: ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_seq_len'],
  window: ['sliding_window', 'window_size'],
  experts: ['num_local_experts', 'n_routed_experts', 'num_experts', 'ffn_config.moe_num_experts'],
  expertsPerToken: [
    'num_experts_per_tok',
    'num_experts_per_token',
    'experts_per_token',
    'moe_top_k',
    'ffn_config.moe_top_k',
  ],
  expertWidth: ['moe_intermediate_size'],
  sharedExperts: ['n_shared_experts', 'num_shared_experts'],
  latentKeys: ['kv_lora_rank'],
  latentQueries: ['q_lora_rank'],
  rotaryWidth: ['qk_rope_head_dim'],
  plainWidth: ['qk_nope_head_dim'],
  valueWidth: ['v_head_dim'],
} as const;

export type SizeName = keyof typeof sizeKeys;

export const decoderIsRead = 'of an encoder and a decoder with sizes of their own, the decoder is read';

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^encoder_(attention|ffn|layer)/, decoderIsRead],
  [/^(expansion|mlp)_ratio$/, 'the width of the network is given'],
  [/architectures|is_(en|de)coder|is_causal/, 'no mask follows from it: CAUSAL=1 is for --set'],
  [/rope|rotary|position|alibi|relative/, 'positions cost nothing in the cascades that ship'],
  [/token|vocab|embed|head_type|tie_/, 'what is before and after the layers is not in a workload'],
  [/dtype|quantiz|torch/, 'formats are those of the cascade; --format changes them'],
  [/norm|bias|act|softcap|scal|parallel/, 'norms, biases, activations and scales are not in a workload'],
  [
    /layer|pattern|moe|expert|router|dense|first_k|window/,
    'a workload is one kind of layer: how layers differ is not in it',
  ],
  [/drop|init|cache|train|aux_loss|gradient|transformers_version/, 'training and serving are not modelled'],
];

/** Why a key of a config has no counterpart. */
export function reasonFor(path: string): string {
  const key = path.split('.').at(-1) ?? path;
  return reasons.find(([pattern]) => pattern.test(key))?.[1] ?? 'it says no size of a layer';
}
