import { failure, type Result, success } from '../../../diagnostic.ts';
import { dialect } from '../../../json-schema.ts';
import type { Source, Span } from '../../../source.ts';
import { type PointRow, pointsSchema, type RowForm, readRow, readRows } from '../../points.ts';
import { bitsOf } from './formats.ts';

const passes = ['fwd', 'bwd', 'fwd+bwd', 'decode'] as const;
export type Pass = (typeof passes)[number];

/** What a kernel was given: heads and lengths are those of one device, lengths in tokens. */
export type Shape = {
  readonly batch: number;
  readonly heads_q: number;
  readonly heads_kv: number;
  readonly head_dim_qk: number;
  readonly head_dim_v: number;
  readonly seqlen_q: number;
  readonly seqlen_kv: number;
  /** Key m of query p is masked unless m <= p + seqlen_kv - seqlen_q. */
  readonly causal: boolean;
  /** Keys that a query sees, itself and those before it; undefined: all. */
  readonly sliding_window: number | undefined;
};

/** A measurement as a file has it; null is what its source does not say. */
type Row = { readonly [field in keyof Shape]?: Shape[field] | null } & {
  readonly device: string;
  readonly kernel: string;
  readonly pass: Pass;
  readonly dtype: string;
  readonly time_ms?: number | null;
  readonly tflops?: number | null;
  readonly gbps?: number | null;
  readonly note?: string | null;
};

/** A measurement that was read. */
export type Measurement = {
  /** Its name in the file, such as "measurements[3]". */
  readonly row: string;
  readonly at: Span;
  /** As the file has them. */
  readonly device: string;
  readonly kernel: string;
  readonly pass: Pass;
  readonly dtype: string;
  /** Or the fields that are not known. */
  readonly shape: Shape | readonly string[];
  /** Milliseconds; undefined if nothing that is stated leads there. */
  readonly time_ms: number | undefined;
  readonly note: string | undefined;
};

const orNull = (type: string, limits: object = {}): object => ({ type: [type, 'null'], ...limits });
const count = orNull('integer', { minimum: 1, maximum: 2 ** 40 });
const amount = orNull('number', { exclusiveMinimum: 0 });
const name = { type: 'string', minLength: 1, maxLength: 200 };

const rowSchema = {
  title: 'measured kernel of attention',
  type: 'object',
  required: ['device', 'kernel', 'pass', 'dtype'],
  properties: {
    device: name,
    kernel: name,
    pass: { enum: passes },
    dtype: name,
    causal: orNull('boolean'),
    batch: count,
    heads_q: count,
    heads_kv: count,
    head_dim_qk: count,
    head_dim_v: count,
    seqlen_q: count,
    seqlen_kv: count,
    sliding_window: count,
    time_ms: amount,
    tflops: amount,
    gbps: amount,
    note: orNull('string'),
  },
} as const;

/** JSON Schema (draft 2020-12) of a row: the fields that are used. */
export const measurementSchema = { $schema: dialect, ...rowSchema } as const;

/** JSON Schema of a file of them. */
export const measurementsSchema = pointsSchema('gpus', { measurements: rowSchema });

const form: RowForm = {
  schema: measurementSchema,
  unused: ['provenance', 'source', 'derived_fields', 'check_ratio_recomputed_over_printed'],
};

const needed = [
  'batch',
  'heads_q',
  'heads_kv',
  'head_dim_qk',
  'head_dim_v',
  'seqlen_q',
  'seqlen_kv',
  'causal',
] as const satisfies readonly (keyof Shape)[];

/** The fields that are missing, or the shape. One query sees all keys, masked or not; a window ends with the query. */
function shapeOf(row: Row): Measurement['shape'] {
  const isWindowed = row.sliding_window !== undefined && row.sliding_window !== null;
  const causal = isWindowed || (row.causal ?? (row.pass === 'decode' && row.seqlen_q === 1 ? false : undefined));
  const stated = { ...row, causal };
  const missing = needed.filter((field) => stated[field] === undefined || stated[field] === null);
  if (missing.length > 0) return missing;
  return { ...(stated as Shape), sliding_window: row.sliding_window ?? undefined };
}

/** Pairs of a query and a key that count as work, by the convention of published rates: half of all where causal. */
const pairsOf = ({ seqlen_q, seqlen_kv, causal, sliding_window }: Shape): number =>
  sliding_window === undefined
    ? (seqlen_q * seqlen_kv) / (causal ? 2 : 1)
    : seqlen_q * Math.min(sliding_window, seqlen_kv / 2);

/**
 * Floating-point operations as published rates count them: products of matrices alone, two forward and five backward,
 * 2 a MAC.
 */
export function conventionalFlops(shape: Shape, pass: Pass): number {
  const { batch, heads_q, head_dim_qk, head_dim_v } = shape;
  const forward = head_dim_qk + head_dim_v;
  const backward = 3 * head_dim_qk + 2 * head_dim_v;
  const columns = { fwd: forward, decode: forward, bwd: backward, 'fwd+bwd': forward + backward }[pass];
  return 2 * batch * heads_q * pairsOf(shape) * columns;
}

/** Bytes of keys and values, once. Where values are a part of the keys (latent attention), there are no others. */
function keyBytes({ batch, heads_kv, seqlen_kv, head_dim_qk, head_dim_v }: Shape, dtype: string): number {
  const element_bytes = (bitsOf(dtype) ?? 16) / 8;
  const isLatent = heads_kv === 1 && head_dim_v > 256;
  return batch * heads_kv * seqlen_kv * (head_dim_qk + (isLatent ? 0 : head_dim_v)) * element_bytes;
}

/** The time itself, or what a rate says of it: of arithmetic, else of keys and values read. */
function timeOf(row: Row, shape: Measurement['shape']): number | undefined {
  if (row.time_ms !== undefined && row.time_ms !== null) return row.time_ms;
  if (!('batch' in shape)) return undefined;
  const { tflops, gbps } = row;
  if (tflops !== undefined && tflops !== null) return conventionalFlops(shape, row.pass) / (tflops * 1e9);
  return gbps === undefined || gbps === null ? undefined : keyBytes(shape, row.dtype) / (gbps * 1e6);
}

/** Reads measurements: a list of them, or a block with the list `measurements`. Other fields of a row are passed over. */
export function readMeasurements(source: Source): Result<readonly Measurement[]> {
  const rows = readRows(source, ['measurements']);
  if (!rows.ok) return rows;
  const read = rows.value.map((row) => ({ row, value: readRow<Row>(row, form) }));
  const wrong = read.flatMap(({ value }) => (value.ok ? [] : value.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  // Rows may say more than is used here; what may be misspelt is told.
  const warnings = read.flatMap(({ value }) => (value.ok ? value.warnings : []));
  return success(
    read.flatMap(({ row, value }) => (value.ok ? [measurementOf(row, value.value)] : [])),
    warnings.filter(({ help }) => help?.startsWith('did you mean')),
  );
}

function measurementOf({ name, node }: PointRow, row: Row): Measurement {
  const shape = shapeOf(row);
  const { device, kernel, pass, dtype, note } = row;
  return {
    row: name,
    at: node.span,
    device,
    kernel,
    pass,
    dtype,
    shape,
    time_ms: timeOf(row, shape),
    note: note ?? undefined,
  };
}
