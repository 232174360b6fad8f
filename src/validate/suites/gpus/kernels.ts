import type { Run } from '../../suite.ts';
import {
  compiledBackward,
  cudnnBackward,
  flash2Backward,
  flash3Backward,
  flash4Backward,
  smallBackward,
} from './backward.ts';
import { flashDecoding, flashMla, mlaRefusal, padded } from './decoding.ts';
import type { Device, Generation } from './devices.ts';
import { neighborhood, neighborhoodBackward, neighborhoodRefusal } from './neighborhood.ts';
import { product, softmax } from './parts.ts';
import { attentionFormats, attentionSizes, type Plan, type Task } from './plan.ts';
import type { Pass } from './points.ts';
import { unfusedBackward, unfusedForward } from './unfused.ts';

/** Kernels that run the same way; what a generation of processors changes is in the plans. */
export type Family = {
  readonly name: string;
  /** Of a kernel's name, lower-case. */
  readonly matches: RegExp;
  /** Absent: all that have specs. */
  readonly vendor?: Device['vendor'];
  /** Why nothing can run for a task; undefined: something can. */
  readonly refusal?: (task: Task) => string | undefined;
  /** It has kernels of its own for operands with scales by block. */
  readonly hasScales?: true;
  readonly plans: Partial<Record<Exclude<Pass, 'fwd+bwd'>, Plan>>;
};

/** Tensors of the cascade that kernels hold in 16 bits or more, whatever comes in. */
const wide = ['QK', 'LM', 'RM', 'PRM', 'SLD', 'RD', 'SLNV', 'RNV', 'AV'];

/** Queries by keys. */
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
        ...attentionFormats(task, cascade === 'flash-attention' ? wide : []),
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

/**
 * flash_fwd_launch_template.h of FlashAttention 2; for heads of 256 a thread block has twice the warps, here two of half the rows.
 * Processors of AMD have less room for keys of wide heads.
 */
const flash2Tiles = (task: Task): Tiles =>
  byHead([64, tiles(128, 128)], [128, tiles(128, 64)], [256, wideTiles(task)])(task);
const wideTiles = ({ device }: Task): Tiles => tiles(64, device.vendor === 'AMD' ? 32 : 64);
const flash2 = tiled('flash-attention', 'fa2', flash2Tiles);

/** Autotuned: 128 queries by 64 keys more often than not. */
const compiled = tiled('flash-attention', 'fa2', (task) => byHead([128, tiles(128, 64)], [256, wideTiles(task)])(task));

/** Kernels of CUTLASS for several generations: 64 queries by 64 keys, 32 by 128 where a row does not stay in registers. */
const efficient = tiled('flash-attention', 'fa2', (task) =>
  byHead(
    [64, tiles(64, 64)],
    [128, tiles(32, task.device.vendor === 'AMD' ? 32 : 128)],
    [256, tiles(32, task.device.vendor === 'AMD' ? 16 : 64)],
  )(task),
);

const flash1 = tiled(
  'attention-1-pass-eager',
  'flash-attention-1',
  byHead([64, tiles(128, 256)], [128, tiles(128, 128)], [256, tiles(64, 64)]),
);
/** tile_size.h of FlashAttention 3. */
const flash3 = tiled('flash-attention', 'fa3', (task) =>
  byHead([64, tiles(192, 128)], [128, tiles(128, task.shape.causal ? 128 : 176)], [256, tiles(128, 80)])(task),
);
const cudnn9 = tiled('flash-attention', 'fa3', byHead([128, tiles(128, 128)], [256, tiles(128, 80)]));

/** Two tiles of queries take turns as long as tensor memory holds the results of both. */
const flash4Tiles = byHead([192, tiles(256, 128)], [256, tiles(128, 64)]);
const turns = tiled('flash-attention', 'fa4', flash4Tiles);

/** Both tiles go through all keys that one of them sees: as if a window were wider by the queries of the other. */
const flash4: Plan = (task) => {
  const { shape } = task;
  if (shape.sliding_window === undefined) return turns(task);
  const sliding_window = shape.sliding_window + flash4Tiles(task).rows - 128;
  return turns({ ...task, shape: { ...shape, sliding_window } });
};

/** A plan for each generation that has one of its own. */
const byGeneration =
  (usual: Plan, own: Partial<Record<Generation, Plan>>): Plan =>
  (task) =>
    (own[task.device.generation] ?? usual)(task);

/** "FlashAttention-3", "flash_attn 3.0", "FA3". */
const flash = (version: number): RegExp => new RegExp(`(flash[-_ ]?att[a-z]*|fa)[-_ ]?v?${version}`);

const flashDecodingFamily: Family = {
  name: 'FlashDecoding',
  matches: /flash-?decod|split-?k|flashinfer|trt-?llm|paged|vllm/,
  plans: { decode: flashDecoding },
};

/** The first that a name fits counts: what is named after an algorithm and a compiler is the compiler's. */
const families: readonly Family[] = [
  {
    name: 'warp-specialised',
    matches: /tlx|warp-?speciali[sz]ed|gluon|thunder|mla.*prefill/,
    plans: {
      fwd: byGeneration(compiled, { hopper: flash3, blackwell: flash4 }),
      bwd: byGeneration(compiledBackward, { hopper: flash3Backward, blackwell: flash4Backward }),
    },
  },
  { name: 'FlashMLA', matches: /mla/, refusal: mlaRefusal, plans: { decode: flashMla } },
  flashDecodingFamily,
  {
    name: 'neighborhood',
    matches: /\b[gf]?na\b|natten|-fna\b|neighbou?rhood/,
    refusal: neighborhoodRefusal,
    plans: { fwd: neighborhood, bwd: neighborhoodBackward },
  },
  { name: 'unfused product', matches: /batched/, plans: { fwd: product, decode: product } },
  { name: 'unfused softmax', matches: /softmax(?!.*attention)/, plans: { fwd: softmax, decode: softmax } },
  {
    name: 'unfused',
    matches: /unfused|eager|\bmath\b/,
    plans: { fwd: unfusedForward, bwd: unfusedBackward, decode: unfusedForward },
  },
  {
    name: 'cuDNN',
    matches: /cudnn/,
    hasScales: true,
    plans: {
      fwd: byGeneration(flash2, { hopper: cudnn9, blackwell: flash4 }),
      bwd: byGeneration(flash2Backward, { hopper: flash3Backward, blackwell: cudnnBackward }),
    },
  },
  { name: 'Triton', matches: /triton|flex|flydsl|tilelang|helion/, plans: { fwd: compiled, bwd: compiledBackward } },
  { name: 'AITER', vendor: 'AMD', matches: /aiter|asm/, plans: { fwd: flash2, bwd: flash2Backward } },
  { name: 'MAX', vendor: 'AMD', matches: /modular|max/, plans: { fwd: flash2, bwd: flash2Backward } },
  {
    name: 'hand-written',
    vendor: 'AMD',
    matches: /hand-?written|moonmath|hipkittens|\bhk\b/,
    plans: { fwd: flash2, bwd: flash2Backward },
  },
  { name: 'CK', vendor: 'AMD', matches: /flash|\bck\b|composable/, plans: { fwd: flash2, bwd: flash2Backward } },
  { name: 'SDPA', vendor: 'AMD', matches: /sdpa|torch/, plans: { fwd: flash2, bwd: flash2Backward } },
  {
    name: 'FlashAttention-4',
    matches: flash(4),
    plans: {
      fwd: byGeneration(flash2, { hopper: flash3, blackwell: flash4 }),
      bwd: byGeneration(flash2Backward, { hopper: flash3Backward, blackwell: flash4Backward }),
    },
  },
  { name: 'FlashAttention-3', matches: flash(3), plans: { fwd: flash3, bwd: flash3Backward } },
  { name: 'FlashAttention-1', matches: flash(1), plans: { fwd: flash1, bwd: flash2Backward } },
  {
    name: 'FlashAttention-2',
    matches: /flash[-_]?att[a-z]* ?[-_]?v?2\.0/,
    plans: { fwd: flash2, bwd: flash2Backward, decode: padded(flash2, flash2Tiles) },
  },
  { name: 'FlashAttention-2', matches: /flash|fa[-_ ]?v?2/, plans: { fwd: flash2, bwd: flash2Backward } },
  { name: 'memory-efficient', matches: /xformers|efficient|cutlass/, plans: { fwd: efficient, bwd: smallBackward } },
  { name: 'FlashAttention-2', matches: /sdpa|torch/, plans: { fwd: flash2, bwd: flash2Backward } },
];

/** Forward and backward together are both, one after the other. */
const partsOfPass = (pass: Pass): readonly (keyof Family['plans'])[] => (pass === 'fwd+bwd' ? ['fwd', 'bwd'] : [pass]);

/**
 * The family of a kernel on a device; undefined: no rule fits its name and pass. What has no kernel of its own for few queries
 * over many keys runs as FlashDecoding does, which by now is in all libraries.
 */
export function familyOf(kernel: string, pass: Pass, { vendor }: Device): Family | undefined {
  const name = kernel.toLowerCase();
  const named = families.filter((f) => f.matches.test(name) && (f.vendor ?? vendor) === vendor);
  const family = named.find(({ plans }) => partsOfPass(pass).every((part) => plans[part] !== undefined));
  return family ?? (pass === 'decode' && named.length > 0 ? flashDecodingFamily : undefined);
}

export const familyNames: readonly string[] = [...new Set(families.map((f) => f.name))];

/** What runs for a pass that the family has plans for. */
export const runsOf = (family: Family, pass: Pass, task: Task): readonly Run[] =>
  partsOfPass(pass).flatMap((part) =>
    family.plans[part]!(task).map((run) => ({ ...run, kernel: kernelOf(family, part, task) })),
  );

/** What the specs call a family's kernel of a pass: "cudnn", "flash-attention-2-bwd"; with scales by block it is another one. */
function kernelOf({ name, plans, hasScales }: Family, pass: Pass, { dtype }: Task): string {
  const words = [name.toLowerCase().replaceAll(' ', '-')];
  if (pass === 'bwd' || (pass === 'decode' && plans.fwd !== undefined)) words.push(pass);
  if (hasScales && dtype.startsWith('mx')) words.push('mx');
  return words.join('-');
}
