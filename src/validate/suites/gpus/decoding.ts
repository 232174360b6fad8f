import { hasLittleRoom } from './devices.ts';
import { attentionFormats, attentionSizes, type Plan, type Task } from './plan.ts';

/** Kernels for few queries a head over many keys. */

/**
 * Into how many parts FlashAttention 2 and 3 cut the keys of each of so many blocks: the fewest that keep the processors at
 * least 0.85 times as busy as the best number does (num_splits_heuristic of its flash_api.cpp).
 */
export function partsOf(blocks: number, processors: number, tiles: number): number {
  if (blocks >= 0.8 * processors) return 1;
  const busy = (parts: number): number => (blocks * parts) / processors / Math.ceil((blocks * parts) / processors);
  // Of numbers of parts that are equally long, the fewest.
  const counts = Array.from({ length: Math.min(128, processors, tiles) }, (_, i) => i + 1).filter(
    (n) => n === 1 || Math.ceil(tiles / n) !== Math.ceil(tiles / (n - 1)),
  );
  const best = Math.max(...counts.map(busy));
  return counts.find((n) => busy(n) >= 0.85 * best)!;
}

/** Keys of a tile: kBlockN of the kernels with split keys of FlashAttention 2, fewer where there is little room. */
function keysOf({ device, shape }: Task): number {
  const head = Math.max(shape.head_dim_qk, shape.head_dim_v);
  const keys = head <= 64 ? 256 : head <= 128 ? 128 : 64;
  return hasLittleRoom(device) ? keys / 4 : keys;
}

/** Of a window only the keys in it are there, for which the queries need no mask. */
function windowed(task: Task): Task {
  const { sliding_window, ...shape } = task.shape;
  if (sliding_window === undefined) return task;
  const seqlen_kv = Math.min(shape.seqlen_kv, sliding_window + shape.seqlen_q - 1);
  return { ...task, shape: { ...shape, seqlen_kv, causal: shape.seqlen_q > 1, sliding_window: undefined } };
}

/** The G query heads of a key head are rows of one block; its keys are split if there are fewer blocks than processors. */
export const flashDecoding: Plan = (asked) => {
  const task = windowed(asked);
  const { shape, device } = task;
  const sizes = attentionSizes(task);
  const M0 = Math.min(keysOf(task), shape.seqlen_kv);
  const S = partsOf(shape.batch * shape.heads_kv, device.processors, Math.ceil(shape.seqlen_kv / M0));
  const split = S > 1;
  return [
    {
      cascade: split ? 'attention-split-kv' : 'flash-attention',
      hardware: device.hardware,
      mapping: split ? 'decode-split' : 'decode',
      workload: undefined,
      sizes: { ...sizes, M0, ...(split ? { S } : {}) },
      ...attentionFormats(task),
      parameters: { ROWS: String(shape.seqlen_q) },
    },
  ];
};

/** A kernel for many queries, used for few: it computes all the rows of its blocks. */
export const padded =
  (plan: Plan, tilesOf: (task: Task) => { readonly rows: number }): Plan =>
  (task) => {
    const { rows } = tilesOf(task);
    const seqlen_q = Math.ceil(task.shape.seqlen_q / rows) * rows;
    return plan({ ...task, shape: { ...task.shape, seqlen_q } });
  };

/** Tiles for which the schedule of FlashMLA counts the begin of a batch. */
const beginning = 5;

/**
 * How many processors share all key tiles of all batches: get_mla_metadata of FlashMLA gives each as many tiles, and does not
 * begin a batch for fewer than it costs to begin one.
 */
export function sharesOf(batches: number, tiles: number, processors: number): number {
  const most = Math.ceil((batches * (tiles + beginning)) / processors);
  const begun = most % tiles;
  const share = most > tiles && begun <= beginning ? most - begun : most;
  return Math.ceil((batches * tiles) / share);
}

/** Why nothing can run; undefined: something can. */
export const mlaRefusal = ({ shape: { heads_kv, head_dim_qk, head_dim_v } }: Task): string | undefined =>
  heads_kv === 1 && head_dim_qk > head_dim_v
    ? undefined
    : 'latent attention has one key head, of which the first columns are the values';

export const flashMla: Plan = ({ device, shape }) => {
  const { batch, heads_q, seqlen_q, seqlen_kv, head_dim_qk, head_dim_v, causal } = shape;
  const [rows, M0] = [64, 64];
  const blocks = Math.ceil(heads_q / rows);
  const S = sharesOf(batch, Math.ceil(seqlen_kv / M0), Math.max(1, Math.floor(device.processors / blocks)));
  return [
    {
      cascade: 'attention-mla',
      hardware: device.hardware,
      mapping: 'flash-mla',
      workload: undefined,
      sizes: {
        B: batch,
        H: heads_q,
        P: seqlen_q,
        M: seqlen_kv,
        F: head_dim_v,
        R: head_dim_qk - head_dim_v,
        CAUSAL: causal ? 1 : 0,
        M0,
        S,
      },
      parameters: {},
    },
  ];
};
