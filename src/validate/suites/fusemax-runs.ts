import { invariant } from '../../invariant.ts';
import type { ReadShipped, Run } from '../suite.ts';
import type { FusemaxRow } from './fusemax-rows.ts';

type AttentionConfiguration = {
  readonly workload: string;
  readonly seqlen: number;
  readonly mapping: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly cycle_parameters?: Readonly<Record<string, number | string>>;
};

/** What the artifact chose for each row, as data beside its points. */
export type FusemaxConfigurations = {
  readonly unfused: readonly AttentionConfiguration[];
  readonly flat: readonly AttentionConfiguration[];
  readonly pareto: readonly {
    readonly workload: string;
    readonly pe_dim: number;
    readonly global_buffer_bytes: number;
    readonly rf2d_entries: number;
    readonly rf1d_entries: number;
  }[];
};

export const folder = 'experiments/fusemax';

/** A file of the experiment that ships, as JSON of the type that its reader knows. */
export async function shippedJson<T>(readShipped: ReadShipped, file: string): Promise<T> {
  const source = await readShipped(`${folder}/${file}`);
  invariant(source !== undefined, `${folder}/${file} ships`);
  return JSON.parse(source.text) as T;
}

export async function readFusemaxConfigurations(readShipped: ReadShipped): Promise<FusemaxConfigurations> {
  const read = async <K extends keyof FusemaxConfigurations>(kind: K): Promise<FusemaxConfigurations[K]> =>
    (await shippedJson<{ configurations: FusemaxConfigurations[K] }>(readShipped, `${kind}-configurations.json`))
      .configurations;
  return { unfused: await read('unfused'), flat: await read('flat'), pareto: await read('pareto') };
}

/** Workloads that ship, by the paper's names. */
export const workloads: Readonly<Record<string, string>> = {
  BERT: 'bert-base',
  TrXL: 'trxl',
  T5: 't5-small',
  XLM: 'xlm',
};

/** The artifact chooses the tiles of +Cascade for the buffer of FuseMax and runs it with FLAT's, of twice the size. */
const cascadeTiles = { BUFFER: String(2 ** 24) };

type Platform = Pick<Run, 'cascade' | 'hardware' | 'mapping'> & { readonly parameters?: Run['parameters'] };

const attention: Readonly<Record<string, Platform>> = {
  unfused: { cascade: 'attention-3-pass', hardware: 'flat', mapping: 'unfused' },
  flat: { cascade: 'attention-3-pass', hardware: 'flat', mapping: 'flat' },
  cascade: {
    cascade: 'attention-1-pass',
    hardware: 'flat-cascade',
    mapping: 'fusemax-cascade',
    parameters: cascadeTiles,
  },
  arch: { cascade: 'attention-1-pass', hardware: 'fusemax', mapping: 'fusemax-architecture' },
  binding: { cascade: 'attention-1-pass', hardware: 'fusemax', mapping: 'fusemax-binding' },
};

const linear: Readonly<Record<string, Platform>> = {
  linear_on_flat_arch: { cascade: 'linear-layers', hardware: 'flat', mapping: 'linear-layers' },
  linear_on_fusemax_arch: { cascade: 'linear-layers', hardware: 'fusemax', mapping: 'linear-layers' },
};

const linearOf = (variant: string): string =>
  variant === 'arch' || variant === 'binding' ? 'linear_on_fusemax_arch' : 'linear_on_flat_arch';

const texts = (values: Readonly<Record<string, string | number>> = {}): Run['parameters'] =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

function attentionRun(row: FusemaxRow, { unfused, flat }: FusemaxConfigurations): Run {
  const platform = attention[row.variant!]!;
  const configurations = row.variant === 'flat' ? flat : row.variant === 'unfused' ? unfused : [];
  const found = configurations.find((c) => c.workload === row.workload && c.seqlen === row.seqlen);
  const chosen = row.sizes === undefined ? found : undefined;
  return {
    cascade: platform.cascade,
    hardware: platform.hardware,
    mapping: chosen?.mapping ?? platform.mapping,
    workload: workloads[row.workload]!,
    sizes: { P: row.seqlen, M: row.seqlen, ...row.sizes },
    parameters: { ...platform.parameters, ...texts(chosen?.parameters), ...texts(row.parameters) },
    ...(chosen?.cycle_parameters === undefined ? {} : { cycle_parameters: texts(chosen.cycle_parameters) }),
  };
}

const linearRun = (row: FusemaxRow, variant: string): Run => ({
  ...linear[variant]!,
  workload: workloads[row.workload]!,
  sizes: { P: row.seqlen, ...row.sizes },
  parameters: texts(row.parameters),
});

/** +Binding with arrays of `pe_dim` lanes a side, and the buffer and registers that the artifact gives them. */
function paretoRun(row: FusemaxRow, { pareto }: FusemaxConfigurations): Run {
  const chosen = pareto.find((c) => c.workload === row.workload && c.pe_dim === row.pe_dim);
  const memories = {
    GLOBAL_BUFFER: row.derived_global_buffer_bytes ?? chosen?.global_buffer_bytes,
    RF2D_ENTRIES: row.derived_rf2d_entries ?? chosen?.rf2d_entries,
    RF1D_ENTRIES: row.derived_rf1d_entries ?? chosen?.rf1d_entries,
  };
  const known = Object.fromEntries(Object.entries(memories).filter(([, value]) => value !== undefined));
  return {
    ...attention['binding']!,
    workload: workloads[row.workload]!,
    sizes: { P: row.seqlen, M: row.seqlen, M0: row.pe_dim!, ...row.sizes },
    parameters: texts({
      PE_DIM: row.pe_dim!,
      ...known,
      ...('GLOBAL_BUFFER' in known ? { GLOBAL_BUFFER: `${known['GLOBAL_BUFFER']} B` } : {}),
      ...row.parameters,
    }),
  };
}

/** What to run for a row; of an end-to-end layer, attention and the linear layers on the same machine. */
export function fusemaxRuns(row: FusemaxRow, configurations: FusemaxConfigurations): readonly Run[] {
  switch (row.kernel) {
    case 'attention':
      return [attentionRun(row, configurations)];
    case 'linear_layers':
      return [linearRun(row, row.variant!)];
    case 'end_to_end_layer':
      return [attentionRun(row, configurations), linearRun(row, linearOf(row.variant!))];
    case 'pareto':
      return [paretoRun(row, configurations)];
  }
}
