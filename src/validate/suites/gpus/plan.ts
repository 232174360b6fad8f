import type { Run } from '../../suite.ts';
import type { Device } from './devices.ts';
import type { Shape } from './points.ts';

/** What is asked of a kernel. */
export type Task = {
  readonly device: Device;
  readonly shape: Shape;
  readonly dtype: string;
  /** As the measurement names it, lower-case: some say there what no field does. */
  readonly kernel: string;
};

/** What runs, one after the other. */
export type Plan = (task: Task) => readonly Run[];

/** Formats by how measurements name them, with their bits; two that a source does not tell apart count as the wider one. */
const formats: ReadonlyMap<string, 8 | 16> = new Map([
  ...['fp16', 'bf16', 'float16', 'bfloat16', 'half', 'fp16/bf16', 'bf16/fp16', 'bf16/fp8'].map((f) => [f, 16] as const),
  ...['fp8', 'fp8_e4m3', 'fp8_e5m2', 'e4m3', 'e5m2', 'mxfp8'].map((f) => [f, 8] as const),
]);

export const formatNames: readonly string[] = [...formats.keys()];

/** Of queries, keys and values; undefined: not known. */
export const bitsOf = (dtype: string): 8 | 16 | undefined => formats.get(dtype.toLowerCase());

/** All but the tile of keys, by the names of the attention cascades. */
export function attentionSizes({ shape }: Task): Record<string, number> {
  const { batch, heads_q, heads_kv, head_dim_qk, head_dim_v, seqlen_q, seqlen_kv, causal, sliding_window } = shape;
  return {
    B: batch,
    H: heads_q,
    G: heads_q / heads_kv,
    P: seqlen_q,
    M: seqlen_kv,
    E: head_dim_qk,
    F: head_dim_v,
    CAUSAL: causal ? 1 : 0,
    ...(sliding_window === undefined ? {} : { WINDOW: sliding_window }),
  };
}

/**
 * In fp8: what comes in, and the exponentials that are multiplied with the values; scales of blocks are left out. `wide`
 * are tensors that have 16 bits even so.
 */
export function attentionFormats({ dtype }: Task, wide: readonly string[] = []): Pick<Run, 'formats'> {
  if (bitsOf(dtype) !== 8) return {};
  const all = (tensors: readonly string[], format: string) => tensors.map((tensor) => [tensor, format] as const);
  return { formats: Object.fromEntries([...all(['Q', 'K', 'V', 'SLN'], 'fp8'), ...all(wide, 'bf16')]) };
}
