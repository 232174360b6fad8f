import { quoteText } from './duckdb.ts';
import { type Identity, specHash } from './identity.ts';

/** Formats of files that tables are written in, by the end of their names. */
export const tableFormats = ['.csv', '.parquet'] as const;

export type TableFormat = (typeof tableFormats)[number];

/** A file that a table is written to. */
export type TableFile = { readonly path: string; readonly format: TableFormat };

/** Options of the engine that fix all that could differ from run to run. Parquet says what the rows belong to; CSV has no place for it. */
export const copyOptions = (format: TableFormat, identity: Identity): string =>
  format === '.csv'
    ? 'FORMAT csv, HEADER true'
    : `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {sweep: ${quoteText(identity.name)},
       spec_hash: ${quoteText(specHash(identity))}, code_hash: ${quoteText(identity.code)}}`;
