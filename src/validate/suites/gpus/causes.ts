import type { Measurement, Shape } from './points.ts';

/**
 * What is known, or plain from the measurements around, to make one unlike its prediction: by kernel, pass, format and how
 * far a size goes, so that it holds of any row of the kind.
 */
type Cause = {
  readonly name: string;
  /** For people. */
  readonly text: string;
  readonly holds: (measurement: Measurement, shape: Shape) => boolean;
};

const isTriton = ({ kernel }: Measurement): boolean => /triton/i.test(kernel);

const causes: readonly Cause[] = [
  {
    name: 'library',
    text: 'a short call through a library, whose own work is in the measured time',
    holds: ({ kernel, time_ms }) => kernel.includes('as installed by') && time_ms! < 0.5,
  },
  {
    name: 'spills',
    text: 'gradients of heads of 256 do not fit the registers of kernels on mma.sync, which keep them elsewhere meanwhile: that is not modelled',
    holds: ({ kernel, pass }, { head_dim_qk }) =>
      /flash[-_]att(n|ention)/i.test(kernel) && pass.includes('bwd') && head_dim_qk >= 256,
  },
  {
    name: 'few tiles',
    text: 'kernels of Triton take as long for few keys as for twice as many, masked half or with half the columns: what they do besides the products is not known',
    holds: (m, { seqlen_kv, head_dim_qk, causal }) =>
      isTriton(m) && ((seqlen_kv <= 256 && head_dim_qk <= 64) || (seqlen_kv <= 512 && causal)),
  },
  {
    name: 'default tiles',
    text: 'tiles that were not chosen for the window: which the kernel takes then is known from its documents only',
    holds: ({ kernel }) => /default config/.test(kernel),
  },
  {
    name: 'version',
    text: 'the version of PyTorch is not known: before 2.2 its fused kernel was that of FlashAttention-1',
    holds: ({ device, kernel, pass }) => /^torch SDPA$/i.test(kernel) && device === 'A100' && pass === 'fwd',
  },
  {
    name: 'pairs',
    text: 'for wide heads pairs of processors share what they read of keys and values; here each reads its own, and L2 is the bound',
    holds: ({ kernel, device, pass }, { head_dim_qk }) =>
      /cudnn/i.test(kernel) && /b[23]00/i.test(device) && pass === 'fwd' && head_dim_qk >= 256,
  },
  {
    name: 'not linear',
    text: 'the source has more than twice the time for twice as many queries of the same window in 16 bits, and twice in 8 bits',
    holds: ({ pass, dtype }, { sliding_window, seqlen_q }) =>
      pass === 'fwd' && dtype === 'bf16' && sliding_window !== undefined && seqlen_q > 128 * sliding_window,
  },
];

/** The first that holds; undefined: none is known. */
export const causeOf = (measurement: Measurement, shape: Shape): string | undefined =>
  causes.find(({ holds }) => holds(measurement, shape))?.name;

export const causeTexts: Readonly<Record<string, string>> = Object.fromEntries(
  causes.map(({ name, text }) => [name, text]),
);
