import type { RowForm } from '../points.ts';

export const kernels = ['attention', 'linear_layers', 'end_to_end_layer', 'pareto'] as const;
export type Kernel = (typeof kernels)[number];

const attentionVariants = ['unfused', 'flat', 'cascade', 'arch', 'binding'] as const;
const linearVariants = ['linear_on_flat_arch', 'linear_on_fusemax_arch'] as const;
const modelNames = ['BERT', 'TrXL', 'T5', 'XLM'] as const;

/** A row of points as the artifact's results have it, and what is unlike them (`sizes`, `parameters`). */
export type FusemaxRow = {
  readonly kernel: Kernel;
  /** Absent in `pareto`, which is all +Binding. */
  readonly variant?: string;
  readonly workload: string;
  readonly seqlen: number;
  readonly pe_dim?: number;
  readonly derived_global_buffer_bytes?: number;
  readonly derived_rf2d_entries?: number;
  readonly derived_rf1d_entries?: number;
  /** Parts of csv_util_2d. */
  readonly csv_util_2d_by_einsum?: Readonly<Record<string, number>>;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, string | number>>;
} & { readonly [figure in StatedFigure]?: number };

/** Fields that state a figure, in their units. */
const shares = ['csv_util_2d', 'csv_util_1d'] as const;
const amounts = [
  'latency_cycles',
  'latency_s',
  'csv_latency_s',
  'dram_bytes',
  'csv_dram_bytes',
  'energy_pJ',
  'csv_energy_pJ',
  'model_energy_total_without_uint64_overflow_pJ',
  'array2d_busy_s',
  'array1d_busy_s',
  'array2d_area_um2',
  'total_area_um2',
] as const;
type StatedFigure = (typeof shares)[number] | (typeof amounts)[number];

const positiveInteger = { type: 'integer', minimum: 1, maximum: 2 ** 40 } as const;

const common = {
  kernel: { enum: kernels },
  workload: { enum: modelNames },
  seqlen: positiveInteger,
  csv_util_2d_by_einsum: { type: 'object', additionalProperties: { type: 'number', minimum: 0, maximum: 1.001 } },
  sizes: { type: 'object', additionalProperties: positiveInteger },
  parameters: { type: 'object', additionalProperties: { type: ['number', 'string'] } },
  ...Object.fromEntries(shares.map((name) => [name, { type: 'number', minimum: 0, maximum: 1.001 }])),
  ...Object.fromEntries(amounts.map((name) => [name, { type: 'number', exclusiveMinimum: 0 }])),
};

const unused = [
  'source',
  'source_csv',
  'note',
  'model_energy_by_component_pJ',
  'model_energy_total_pJ',
  'dram_accesses_8B',
  'global_buffer_accesses_512B',
  'regfile_accesses_one_instance_words',
  'ops_2d',
  'ops_1d',
  'cycles_by_einsum',
  'compute_cycles',
  'dram_latency_cycles',
  'dram_latency_s',
  'array2d_busy_cycles',
  'array2d_active_cycles',
  'array2d_pe_weighted_busy_cycles',
  'array1d_busy_cycles',
  'qk_av_dram_bytes',
  'softmax_dram_bytes',
  'dram_operand_passes_Q_or_K_and_V',
  'bound',
  'flat_config',
  'P1_capacity_limit',
  'P1_tiles',
  'P2',
  'speedup_vs_unfused',
  'speedup_vs_flat',
  'energy_vs_unfused',
  'energy_vs_flat',
] as const;

const form = (properties: Record<string, object>, required: readonly string[]): RowForm => ({
  schema: { type: 'object', required, properties: { ...common, ...properties } } as RowForm['schema'],
  unused,
});

const forms: Readonly<Record<Kernel, RowForm>> = {
  attention: form({ variant: { enum: attentionVariants } }, ['kernel', 'variant', 'workload', 'seqlen']),
  linear_layers: form({ variant: { enum: linearVariants } }, ['kernel', 'variant', 'workload', 'seqlen']),
  end_to_end_layer: form({ variant: { enum: attentionVariants } }, ['kernel', 'variant', 'workload', 'seqlen']),
  pareto: form(
    {
      pe_dim: positiveInteger,
      derived_global_buffer_bytes: positiveInteger,
      derived_rf2d_entries: positiveInteger,
      derived_rf1d_entries: positiveInteger,
    },
    ['workload', 'seqlen', 'pe_dim'],
  ),
};

export const formOf = (kernel: Kernel): RowForm => forms[kernel];

/** JSON Schemas of rows by the table that they stand in: in the first, by what they are of. */
export const rowSchemas = {
  results: {
    type: 'object',
    required: ['kernel'],
    properties: { kernel: { enum: kernels.filter((kernel) => kernel !== 'pareto') } },
    allOf: kernels
      .filter((kernel) => kernel !== 'pareto')
      .map((kernel) => ({
        if: { required: ['kernel'], properties: { kernel: { const: kernel } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: forms[kernel].schema,
      })),
  },
  pareto: forms.pareto.schema,
};
