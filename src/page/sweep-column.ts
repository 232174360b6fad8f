import { invariant } from '../invariant.ts';

/** Cells of a column by row: numbers, NaN where there is none, or texts as positions in a list, -1 where there is none. */
export type Cells = Float64Array | { readonly texts: readonly string[]; readonly codes: Int32Array };

/** A column as it stands in a page: its different values, and which of them each row has. */
export type PackedColumn = {
  readonly kind: 'number' | 'text';
  /** Significant digits that numbers are rounded to; absent: they are as they are. */
  readonly digits?: number;
  /** Rising; numbers that are infinite are texts. */
  readonly values: readonly (number | string)[];
  /**
   * By row the place of its value, beyond the last where there is none: in base 64, of a byte each where that is enough,
   * else of two, the lower first. Absent: row by row these are the values.
   */
  readonly codes?: string;
};

/** A column to work with. Rows of the code `values.length` have no value. */
export type SweepColumn =
  | {
      readonly kind: 'number';
      readonly digits: number | undefined;
      readonly values: Float64Array;
      readonly codes: Uint16Array;
    }
  | { readonly kind: 'text'; readonly values: readonly string[]; readonly codes: Uint16Array };

/** Digits of numbers of which there are more than so many different ones. */
export const roundedDigits = 7;
const mostExact = 1000;

/** Most rows of a column: places are of two bytes. */
const mostRows = 2 ** 16 - 2;

const bytesFor = (values: number): 1 | 2 => (values < 2 ** 8 ? 1 : 2);

/** Rounded where there are many different ones, but `exact`: then all are as they are. */
export function packColumn(cells: Cells, exact: 'exact' | 'rounded' = 'rounded'): PackedColumn {
  invariant((cells instanceof Float64Array ? cells : cells.codes).length <= mostRows, 'a page has so many rows');
  if (!(cells instanceof Float64Array)) return { kind: 'text', ...packTexts(cells.texts, cells.codes) };
  const all = distinct(cells);
  if (exact === 'exact' || all.length <= mostExact) return { kind: 'number', ...packNumbers(cells, all) };
  const rounded = cells.map((value) => Number(value.toPrecision(roundedDigits)));
  return { kind: 'number', digits: roundedDigits, ...packNumbers(rounded, distinct(rounded)) };
}

const distinct = (cells: Float64Array): Float64Array =>
  Float64Array.from(new Set(cells.filter((value) => !Number.isNaN(value)))).sort();

function packNumbers(cells: Float64Array, values: Float64Array): Pick<PackedColumn, 'values' | 'codes'> {
  const places = new Map([...values].map((value, place) => [value, place]));
  const codes = Uint16Array.from(cells, (value) => places.get(value) ?? values.length);
  const written = [...values].map((value) => (Number.isFinite(value) ? value : String(value)));
  const inOrder = values.length === cells.length && codes.every((code, row) => code === row);
  return inOrder ? { values: written } : { values: written, codes: encode(codes, bytesFor(values.length)) };
}

function packTexts(texts: readonly string[], codes: Int32Array): Pick<PackedColumn, 'values' | 'codes'> {
  const values = [...texts].sort();
  const places = new Map(values.map((value, place) => [value, place]));
  const byText = texts.map((text) => places.get(text)!);
  const placed = Uint16Array.from(codes, (code) => byText[code] ?? values.length);
  return { values, codes: encode(placed, bytesFor(values.length)) };
}

function encode(codes: Uint16Array, bytes: 1 | 2): string {
  const parts: string[] = [];
  for (let from = 0; from < codes.length; from += 4096)
    parts.push(
      String.fromCharCode(
        ...[...codes.subarray(from, from + 4096)].flatMap((code) => (bytes === 1 ? [code] : [code & 255, code >> 8])),
      ),
    );
  return btoa(parts.join(''));
}

function decode(text: string, bytes: 1 | 2): Uint16Array {
  const raw = atob(text);
  const codes = new Uint16Array(raw.length / bytes);
  for (let row = 0; row < codes.length; row++)
    codes[row] = bytes === 1 ? raw.charCodeAt(row) : raw.charCodeAt(2 * row) + raw.charCodeAt(2 * row + 1) * 256;
  return codes;
}

export function unpackColumn({ kind, digits, values, codes }: PackedColumn): SweepColumn {
  const unpacked =
    codes === undefined
      ? Uint16Array.from({ length: values.length }, (_, row) => row)
      : decode(codes, bytesFor(values.length));
  return kind === 'text'
    ? { kind, values: values.map(String), codes: unpacked }
    : { kind, digits, values: Float64Array.from(values, Number), codes: unpacked };
}

/** The value of a row; undefined where there is none. */
export const valueAt = ({ values, codes }: SweepColumn, row: number): number | string | undefined =>
  values[codes[row]!];
