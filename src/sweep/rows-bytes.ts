import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import { invariant } from '../invariant.ts';
import type { Cells, Column, Range, Rows } from './table.ts';

/** Before the arrays: what they are, as JSON. Arrays follow in the order of the columns, little-endian, after the points. */
type Header = {
  readonly range: Range;
  readonly rows: number;
  /** Of each column its texts, or null if it has numbers. */
  readonly texts: readonly (readonly string[] | null)[];
};

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Longest that is taken from others, decompressed. */
const mostBytes = 2 ** 30;

const bytesOf = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Rows as bytes, compressed: columns of parameters repeat themselves. */
export function packRows({ range, points, columns }: Rows): Promise<Buffer> {
  const texts = columns.map((cells) => ('codes' in cells ? cells.texts : null));
  const header: Header = { range, rows: points.length, texts };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const arrays = columns.map((cells) => bytesOf('codes' in cells ? cells.codes : cells));
  return compress(Buffer.concat([length, json, bytesOf(points), ...arrays]), { level: constants.Z_BEST_SPEED });
}

/** Rows of a range from their bytes. Throws if they are not those of a table with these columns. */
export async function unpackRows(packed: Uint8Array, range: Range, columns: readonly Column[]): Promise<Rows> {
  const bytes = await decompress(packed, { maxOutputLength: mostBytes });
  const start = 4 + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString('utf8', 4, start)) as Header;
  const { first, count } = header.range;
  invariant(first === range.first && count === range.count, 'rows are those of another range');
  invariant(
    header.texts.length === columns.length &&
      columns.every(({ type }, i) => (header.texts[i] === null) === (type === 'number')),
    'rows have other columns than the table',
  );
  let at = start;
  // Copied, since arrays of numbers must begin at multiples of their size.
  const take = (length: number): ArrayBuffer => {
    invariant(at + length <= bytes.length, 'rows are shorter than they say');
    at += length;
    return new Uint8Array(bytes.subarray(at - length, at)).buffer;
  };
  const points = new Float64Array(take(8 * header.rows));
  const cells = header.texts.map(
    (texts): Cells =>
      texts === null
        ? new Float64Array(take(8 * header.rows))
        : { texts, codes: new Int32Array(take(4 * header.rows)) },
  );
  return { range: header.range, points, columns: cells };
}
