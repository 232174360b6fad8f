import type { Plan } from './plan.ts';

/** Parts of attention without a fused kernel that were measured by themselves. */

/** One of the two products of the forward pass: the one of weights and values, "A*V", or that of queries and keys. */
export const product: Plan = ({ device, shape, kernel }) => {
  const { batch, heads_q, seqlen_q, seqlen_kv, head_dim_qk, head_dim_v } = shape;
  const [N, K] = /\*\s*v/.test(kernel) ? [head_dim_v, seqlen_kv] : [seqlen_kv, head_dim_qk];
  return [
    {
      cascade: 'batched-gemm',
      hardware: device.hardware,
      mapping: 'batched-gemm-gpu',
      workload: undefined,
      sizes: { B: batch * heads_q, M: seqlen_q, N, K },
      parameters: {},
    },
  ];
};

export const softmax: Plan = ({ device, shape: { batch, heads_q, seqlen_q, seqlen_kv } }) => [
  {
    cascade: 'softmax',
    hardware: device.hardware,
    mapping: 'softmax-gpu',
    workload: undefined,
    sizes: { B: batch, H: heads_q, P: seqlen_q, M: seqlen_kv },
    parameters: {},
  },
];
