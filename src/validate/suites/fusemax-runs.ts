import { invariant } from '../../invariant.ts';
import { openTexts } from '../shipped-texts.ts';
import type { ReadShipped, Run } from '../suite.ts';
import type { FusemaxRow } from './fusemax-rows.ts';

type AttentionChoice = {
  readonly mapping: string;
  readonly parameters: Readonly<Record<string, number | string>>;
};

type AttentionConfiguration = AttentionChoice & { readonly workload: string; readonly seqlen: number };

type AttentionConfigurations = {
  readonly configurations: readonly AttentionConfiguration[];
  /** What is chosen for all that is not listed, from so many keys on; the last that fits. */
  readonly otherwise?: readonly ({ readonly from_keys: number } & Partial<AttentionChoice>)[];
};

type ParetoConfiguration = {
  readonly workload: string;
  readonly pe_dim: number;
  readonly global_buffer_bytes: number;
  readonly rf2d_entries: number;
  readonly rf1d_entries: number;
};

/** What the artifact chose for each row, as data beside its points. */
export type FusemaxConfigurations = {
  readonly unfused: AttentionConfigurations;
  readonly flat: AttentionConfigurations;
  readonly cascade: AttentionConfigurations;
  readonly pareto: { readonly configurations: readonly ParetoConfiguration[] };
  /** Sizes of the shipped workloads, by the paper's names. */
  readonly sizes: Readonly<Record<string, ReadonlyMap<string, number>>>;
};

export const folder = 'experiments/fusemax';

/** A file of the experiment that ships, as JSON of the type that its reader knows. */
export async function shippedJson<T>(readShipped: ReadShipped, file: string): Promise<T> {
  const source = await readShipped(`${folder}/${file}`);
  invariant(source !== undefined, `${folder}/${file} ships`);
  return JSON.parse(source.text) as T;
}

/** Workloads that ship, by the paper's names. */
export const workloads: Readonly<Record<string, string>> = {
  BERT: 'bert-base',
  TrXL: 'trxl',
  T5: 't5-small',
  XLM: 'xlm',
};

/** What the artifact of FuseMax chose for its rows, from the files that ship. */
export async function readFusemaxConfigurations(readShipped: ReadShipped): Promise<FusemaxConfigurations> {
  const read = <K extends keyof FusemaxConfigurations>(kind: K): Promise<FusemaxConfigurations[K]> =>
    shippedJson(readShipped, `${kind}-configurations.json`);
  const { workload } = openTexts(readShipped);
  const sizes = Object.entries(workloads).map(async ([name, shipped]) => {
    const preset = await workload(shipped);
    invariant(preset.ok, `workload ${shipped} ships`);
    return [name, preset.value.sizes] as const;
  });
  return {
    unfused: await read('unfused'),
    flat: await read('flat'),
    cascade: await read('cascade'),
    pareto: await read('pareto'),
    sizes: Object.fromEntries(await Promise.all(sizes)),
  };
}

type Platform = Pick<Run, 'cascade' | 'hardware' | 'mapping'>;

const attention: Readonly<Record<string, Platform>> = {
  unfused: { cascade: 'attention-3-pass', hardware: 'flat', mapping: 'unfused' },
  flat: { cascade: 'attention-3-pass', hardware: 'flat', mapping: 'flat' },
  cascade: { cascade: 'attention-1-pass', hardware: 'flat-cascade', mapping: 'fusemax-cascade' },
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

/** Sizes that blocks are chosen by. */
const blockSizes = ['P', 'M', 'E', 'F'];

/** What the artifact chose for a row with these sizes, or for all that it does not list. */
function configurationOf(row: FusemaxRow, sizes: Run['sizes'], all: FusemaxConfigurations): Partial<AttentionChoice> {
  const { variant } = row;
  const { configurations = [], otherwise = [] } =
    variant === 'unfused' || variant === 'flat' || variant === 'cascade' ? all[variant] : {};
  const published: Record<string, number> = { ...Object.fromEntries(all.sizes[row.workload]!), ...lengthsOf(row) };
  const unlike = blockSizes.some((name) => name in sizes && sizes[name] !== published[name]);
  const listed = configurations.find((c) => c.workload === row.workload && c.seqlen === row.seqlen);
  return (unlike ? undefined : listed) ?? otherwise.findLast((o) => sizes['M']! >= o.from_keys) ?? {};
}

const lengthsOf = ({ seqlen }: FusemaxRow) => ({ P: seqlen, M: seqlen });

function attentionRun(row: FusemaxRow, configurations: FusemaxConfigurations): Run {
  const platform = attention[row.variant!]!;
  const sizes = { ...lengthsOf(row), ...row.sizes };
  const { mapping, parameters } = configurationOf(row, sizes, configurations);
  return {
    cascade: platform.cascade,
    hardware: platform.hardware,
    mapping: mapping ?? platform.mapping,
    workload: workloads[row.workload]!,
    sizes,
    parameters: { ...texts(parameters), ...texts(row.parameters) },
  };
}

const linearRun = (row: FusemaxRow, variant: string): Run => ({
  ...linear[variant]!,
  workload: workloads[row.workload]!,
  sizes: { P: row.seqlen, ...row.sizes },
  parameters: texts(row.parameters),
});

/** Buffer and registers of a row of `pareto`, as parameters: its own, or what the artifact gives an array of the size. */
function memoriesOf(row: FusemaxRow, { configurations }: FusemaxConfigurations['pareto']): Run['parameters'] {
  const chosen = configurations.find((c) => c.workload === row.workload && c.pe_dim === row.pe_dim);
  const buffer_bytes = row.derived_global_buffer_bytes ?? chosen?.global_buffer_bytes;
  const memories = {
    GLOBAL_BUFFER: buffer_bytes === undefined ? undefined : `${buffer_bytes} B`,
    RF2D_ENTRIES: row.derived_rf2d_entries ?? chosen?.rf2d_entries,
    RF1D_ENTRIES: row.derived_rf1d_entries ?? chosen?.rf1d_entries,
  };
  return Object.fromEntries(
    Object.entries(memories).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** What is unlike the paper in a row, for people. */
export function ownValues(row: FusemaxRow, { pareto }: FusemaxConfigurations): Readonly<Record<string, unknown>> {
  const { derived_global_buffer_bytes: _, derived_rf2d_entries: _2, derived_rf1d_entries: _3, ...underived } = row;
  const chosen = memoriesOf(underived, pareto);
  const memories = Object.entries(memoriesOf(row, pareto)).filter(([name, value]) => chosen[name] !== value);
  return { ...(row.kernel === 'pareto' ? Object.fromEntries(memories) : {}), ...row.sizes, ...row.parameters };
}

/** +Binding with arrays of `pe_dim` lanes a side, and the buffer and registers that the artifact gives them. */
function paretoRun(row: FusemaxRow, { pareto }: FusemaxConfigurations): Run {
  return {
    ...attention['binding']!,
    workload: workloads[row.workload]!,
    sizes: { ...lengthsOf(row), M0: row.pe_dim!, ...row.sizes },
    parameters: texts({ PE_DIM: row.pe_dim!, ...memoriesOf(row, pareto), ...row.parameters }),
  };
}

/**
 * What to run for a row; of an end-to-end layer, attention and the linear layers on the same machine, both with all
 * sizes and parameters of the row.
 */
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
