import type { Run } from '../../suite.ts';
import { flashDecoding, flashMla, padded } from './decoding.ts';
import type { Device, Generation } from './devices.ts';
import { attentionFormats, attentionSizes, type Plan, type Task } from './plan.ts';
import type { Pass } from './points.ts';

/** Kernels that run the same way; what a generation of processors changes is in the plans. */
export type Family = {
  readonly name: string;
  /** Of a kernel's name, lower-case. */
  readonly matches: RegExp;
  /** Absent: all that have specs. */
  readonly vendor?: Device['vendor'];
  /** Of forward and backward together, both run. */
  readonly plans: Partial<Record<Exclude<Pass, 'fwd+bwd'>, Plan>>;
};

type Tiles = { readonly rows: number; readonly keys: number };

/** A run of an attention mapping whose tiles are ROWS queries by M0 keys. */
const tiled =
  (cascade: string, mapping: string, tilesOf: (task: Task) => Tiles): Plan =>
  (task) => {
    const { rows, keys } = tilesOf(task);
    return [
      {
        cascade,
        hardware: task.device.hardware,
        mapping,
        workload: undefined,
        sizes: { ...attentionSizes(task), M0: Math.min(keys, task.shape.seqlen_kv) },
        ...attentionFormats(task),
        parameters: { ROWS: String(Math.min(rows, task.shape.seqlen_q)) },
      },
    ];
  };

/** The table of tiles that the wider head of a kernel fits, by the largest head size of each line. */
const byHead =
  (...lines: readonly (readonly [head: number, tiles: Tiles])[]) =>
  ({ shape }: Task): Tiles => {
    const head = Math.max(shape.head_dim_qk, shape.head_dim_v);
    return (lines.find(([most]) => head <= most) ?? lines.at(-1)!)[1];
  };

const tiles = (rows: number, keys: number): Tiles => ({ rows, keys });

/** flash_fwd_launch_template.h of FlashAttention 2. */
const flash2Tiles = byHead([64, tiles(128, 128)], [128, tiles(128, 64)], [256, tiles(64, 64)]);
const flash2 = tiled('attention-1-pass', 'flash-attention-2', flash2Tiles);

const flash1 = tiled(
  'attention-1-pass-eager',
  'flash-attention-1',
  byHead([64, tiles(128, 256)], [128, tiles(128, 128)], [256, tiles(64, 64)]),
);
const flash3 = tiled('attention-1-pass', 'flash-attention-3', byHead([128, tiles(128, 128)], [256, tiles(128, 64)]));

/** A plan for each generation that has one of its own. */
const byGeneration =
  (usual: Plan, own: Partial<Record<Generation, Plan>>): Plan =>
  (task) =>
    (own[task.device.generation] ?? usual)(task);

/** "FlashAttention-3", "flash_attn 3.0", "FA3". */
const flash = (version: number): RegExp => new RegExp(`(flash[-_ ]?att[a-z]*|fa)[-_ ]?v?${version}`);

/** The first that a name fits counts: what is named after an algorithm and a compiler is the compiler's. */
const families: readonly Family[] = [
  { name: 'FlashMLA', matches: /mla/, plans: { decode: flashMla } },
  {
    name: 'FlashDecoding',
    matches: /flash-?decod|split-?k|flashinfer|trt-?llm|paged|vllm/,
    plans: { decode: flashDecoding },
  },
  { name: 'neighborhood', matches: /\b[gf]?na\b|natten|-fna\b|neighbou?rhood/, plans: {} },
  { name: 'unfused product', matches: /batched/, plans: {} },
  { name: 'unfused softmax', matches: /softmax/, plans: {} },
  { name: 'unfused', matches: /unfused|eager|math/, plans: {} },
  { name: 'cuDNN', matches: /cudnn/, plans: { fwd: byGeneration(flash2, { hopper: flash3 }) } },
  { name: 'Triton', matches: /triton|flex|tlx/, plans: { fwd: flash2 } },
  {
    name: 'CK',
    vendor: 'AMD',
    matches: /flash|aiter|\bck\b|composable|hipkittens|asm|hand-?written|moonmath|modular|max/,
    plans: { fwd: flash2 },
  },
  { name: 'FlashAttention-4', matches: flash(4), plans: {} },
  { name: 'FlashAttention-3', matches: flash(3), plans: { fwd: flash3 } },
  { name: 'FlashAttention-1', matches: flash(1), plans: { fwd: flash1 } },
  {
    name: 'FlashAttention-2',
    matches: /flash|fa[-_ ]?v?2/,
    plans: { fwd: flash2, decode: padded(flash2, flash2Tiles) },
  },
  { name: 'memory-efficient', matches: /xformers|efficient|cutlass/, plans: { fwd: flash2 } },
  { name: 'FlashAttention-2', matches: /sdpa/, plans: { fwd: flash2 } },
];

/** The family of a kernel on a device; undefined: no rule fits its name. */
export function familyOf(kernel: string, { vendor }: Device): Family | undefined {
  const name = kernel.toLowerCase();
  return families.find((f) => f.matches.test(name) && (f.vendor ?? vendor) === vendor);
}

export const familyNames: readonly string[] = [...new Set(families.map((f) => f.name))];

/** What runs for a pass; undefined: the family has no mapping for it. */
export function runsOf(family: Family, pass: Pass, task: Task): readonly Run[] | undefined {
  const plans = pass === 'fwd+bwd' ? [family.plans.fwd, family.plans.bwd] : [family.plans[pass]];
  return plans.every((plan) => plan !== undefined) ? plans.flatMap((plan) => plan(task)) : undefined;
}
