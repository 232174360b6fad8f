import type { Run } from '../../suite.ts';
import type { Device } from './devices.ts';
import { bitsOf } from './formats.ts';
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

/** In 8 bits: so many tensors of a cascade, and others in 16 bits, as kernels hold them even so. */
export function formatsOf({ dtype }: Task, narrow: readonly string[], wide: readonly string[]): Pick<Run, 'formats'> {
  if (bitsOf(dtype) !== 8) return {};
  const all = (tensors: readonly string[], format: string) => tensors.map((tensor) => [tensor, format] as const);
  return { formats: Object.fromEntries([...all(narrow, 'fp8'), ...all(wide, 'bf16')]) };
}

/** What comes in, and the exponentials that are multiplied with the values; scales of blocks are left out. */
export const attentionFormats = (task: Task, wide: readonly string[] = []): Pick<Run, 'formats'> =>
  formatsOf(task, ['Q', 'K', 'V', 'SLN'], wide);
