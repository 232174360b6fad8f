import { hasLittleRoom } from './devices.ts';
import { bitsOf } from './formats.ts';
import { attentionSizes, formatsOf, type Plan, type Task } from './plan.ts';

/** Fused kernels that compute gradients. */

/** Queries by keys; `more` are other parameters. */
type Tiles = { readonly rows: number; readonly keys: number; readonly more?: Readonly<Record<string, string>> };

const tiles = (rows: number, keys: number, more: Tiles['more'] = {}): Tiles => ({ rows, keys, more });

const headOf = ({ shape }: Task): number => Math.max(shape.head_dim_qk, shape.head_dim_v);

/** What comes in, the weights and the gradient of the scores; the gradients that go out have 16 bits. */
const gradientFormats = (task: Task) => formatsOf(task, ['Q', 'K', 'V', 'AV', 'DAV', 'A', 'DS'], ['DQ', 'DK', 'DV']);

/** A fused kernel whose thread blocks have so many keys, past which so many queries go at a time. */
const backward =
  (mapping: string, tilesOf: (task: Task) => Tiles): Plan =>
  (task) => {
    const { rows, keys, more } = tilesOf(task);
    const { seqlen_q, seqlen_kv } = task.shape;
    return [
      {
        cascade: 'attention-backward',
        hardware: task.device.hardware,
        mapping,
        workload: undefined,
        sizes: attentionSizes(task),
        ...gradientFormats(task),
        parameters: { ROWS: String(Math.min(rows, seqlen_q)), KEYS: String(Math.min(keys, seqlen_kv)), ...more },
      },
    ];
  };

/** Two tiles of the queries where a processor has room for them. */
const stages = ({ generation }: Task['device']): Tiles['more'] => ({ STAGES: generation === 'ampere' ? '1' : '2' });

/** flash_bwd_launch_template.h of FlashAttention 2; a processor of AMD has less room for a thread block before CDNA4. */
export const flash2Backward = backward('fa2-backward', (task) => {
  const { device } = task;
  const head = headOf(task);
  if (device.generation === 'cdna4') return head <= 128 ? tiles(64, 128) : tiles(32, 64);
  if (device.vendor === 'AMD') return head <= 128 ? tiles(32, 64) : tiles(16, 32);
  return head <= 128 ? tiles(head <= 64 ? 128 : 64, 128) : tiles(64, 64, stages(device));
});

/** Kernels of CUTLASS for several generations: 64 queries by 64 keys. */
export const smallBackward = backward('fa2-backward', (task) => {
  const { device } = task;
  if (device.vendor === 'AMD') return headOf(task) <= 128 ? tiles(32, 32) : tiles(16, 32);
  return tiles(64, 64, stages(device));
});

/** Kernels of compilers: as wide as those that were written by hand, on AMD as small as those for several generations. */
export const compiledBackward: Plan = (task) => (hasLittleRoom(task.device) ? smallBackward : flash2Backward)(task);

/** flash_bwd_launch_template.h of FlashAttention 3, whose 80 queries for heads of 128 and 256 are 64 here. */
export const flash3Backward = backward('fa3-backward', (task) => {
  const head = headOf(task);
  return head <= 64 ? tiles(128, 128) : head <= 128 ? tiles(64, 128) : head <= 192 ? tiles(64, 96) : tiles(64, 64);
});

/** Of wider heads tensor memory has room for fewer queries. */
export const flash4Backward = backward('fa4-backward', (task) => {
  const { head_dim_qk, head_dim_v } = task.shape;
  if (headOf(task) > 192) return tiles(64, 64);
  return headOf(task) <= 128 ? tiles(128, 128) : tiles(Math.min(head_dim_qk, head_dim_v) <= 128 ? 96 : 64, 128);
});

/** In 8 bits the backward kernels of cuDNN skip no tile outside of a window: their times grow as the triangle does. */
export const cudnnBackward: Plan = (task) =>
  flash4Backward(task).map((run) => {
    const { WINDOW, ...sizes } = run.sizes;
    return { ...run, sizes: WINDOW === undefined || bitsOf(task.dtype) !== 8 ? run.sizes : sizes };
  });
