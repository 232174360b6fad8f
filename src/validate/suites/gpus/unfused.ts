import type { Run } from '../../suite.ts';
import { attentionSizes, type Plan, type Task } from './plan.ts';

/** Attention of frameworks without a fused kernel, as PyTorch runs it. */

/** Nothing is skipped: where queries do not see all keys, a mask is added to the scores. */
const products =
  (cascade: string, mapping: string): Plan =>
  (task) => {
    // Keys and values have been repeated for each query head of their group.
    const { CAUSAL, WINDOW, ...sizes }: Record<string, number> = { ...attentionSizes(task), G: 1 };
    return [{ cascade, hardware: task.device.hardware, mapping, workload: undefined, sizes, parameters: steps(task) }];
  };

/** Processors of AMD have less room for steps of the columns of wide heads. */
const steps = ({ device, shape }: Task): Run['parameters'] =>
  device.vendor === 'AMD' && Math.max(shape.head_dim_qk, shape.head_dim_v) > 128 ? { STEP: '16' } : {};

const plain = products('attention-3-pass', 'unfused-gpu');
const masked = products('attention-3-pass-masked', 'unfused-gpu-masked');
const backward = products('attention-3-pass-backward', 'unfused-gpu-backward');

/** What is copied: rows of so many heads, read as G times fewer. */
type Rows = { readonly rows: number; readonly head: number; readonly G: number };

const copyOf =
  ({ device, shape: { batch, heads_q } }: Task) =>
  ({ rows, head, G }: Rows): Run => ({
    cascade: 'heads-first',
    hardware: device.hardware,
    mapping: 'heads-first-gpu',
    workload: undefined,
    sizes: { B: batch, H: heads_q, P: rows, E: head, G },
    parameters: {},
  });

/** A batched product has one rank for batch and heads. That is a view of its operands where there is one batch, else a copy. */
const isCopied = ({ shape }: Task): boolean => shape.batch > 1;

function operandCopies(task: Task): readonly Run[] {
  const { heads_q, heads_kv, seqlen_q, seqlen_kv, head_dim_qk, head_dim_v } = task.shape;
  const keys = [head_dim_qk, head_dim_v].map((head) => ({ rows: seqlen_kv, head }));
  const repeated = heads_q === heads_kv ? [] : keys.map((k) => ({ ...k, G: heads_q / heads_kv }));
  const arranged = isCopied(task) ? [{ rows: seqlen_q, head: head_dim_qk }, ...keys].map((k) => ({ ...k, G: 1 })) : [];
  return [...repeated, ...arranged].map(copyOf(task));
}

/** The gradients of queries and keys are scaled, and the three are put together as queries, keys and values lie. */
function gradientCopies(task: Task): readonly Run[] {
  const { seqlen_q, seqlen_kv, head_dim_qk, head_dim_v } = task.shape;
  const [q, k, v] = [
    { rows: seqlen_q, head: head_dim_qk, G: 1 },
    { rows: seqlen_kv, head: head_dim_qk, G: 1 },
    { rows: seqlen_kv, head: head_dim_v, G: 1 },
  ] as const;
  const result = isCopied(task) ? [{ rows: seqlen_q, head: head_dim_v, G: 1 }] : [];
  return [...result, q, k, q, k, v].map(copyOf(task));
}

export const unfusedForward: Plan = (task) => [...operandCopies(task), ...(task.shape.causal ? masked : plain)(task)];
export const unfusedBackward: Plan = (task) => [...backward(task), ...gradientCopies(task)];
