import type { SweepColumn } from './sweep-column.ts';
import { type Brush, placesIn, type Selection } from './sweep-selection.ts';

/** A column by its name in SQL. */
export type NamedColumn = SweepColumn & { readonly name: string };

/**
 * A condition in SQL that holds for the rows of the page that are selected, and for no others of it: numbers that are
 * rounded there are cut between those that they are rounded to. Empty if all are selected.
 */
export const conditionText = (columns: readonly NamedColumn[], selection: Selection): string =>
  [...selection]
    .sort(([a], [b]) => a - b)
    .map(([c, brush]) => brushText(columns[c]!, brush))
    .join(' AND ');

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function brushText(column: NamedColumn, brush: Brush): string {
  const name = quoted(column.name);
  if (brush.kind === 'range') return column.kind === 'number' ? rangeText(name, column, brush) : 'false';
  const texts = [...brush.codes].sort((a, b) => a - b).flatMap((code) => column.values[code] ?? []);
  const parts = [
    ...(texts.length === 0
      ? []
      : [`${name} IN (${texts.map((t) => `'${String(t).replaceAll("'", "''")}'`).join(', ')})`]),
    ...(brush.codes.has(column.values.length) ? [`${name} IS NULL`] : []),
  ];
  return parts.length === 0 ? 'false' : parts.length === 1 ? parts[0]! : `(${parts.join(' OR ')})`;
}

type NumberColumn = Extract<SweepColumn, { readonly kind: 'number' }>;

function rangeText(
  name: string,
  column: NumberColumn,
  { from, to }: Extract<Brush, { readonly kind: 'range' }>,
): string {
  const { values, codes } = column;
  const [first, end] = placesIn(values, from, to);
  const hasNone = codes.includes(values.length);
  const parts: string[] = [];
  if (from !== undefined) parts.push(`${name} >= ${literal(cut(column, first, from, 'lower'))}`);
  if (to !== undefined) parts.push(`${name} <= ${literal(cut(column, end, to, 'upper'))}`);
  // What is no number is more than all numbers in SQL.
  if (to === undefined && hasNone) parts.push(`NOT isnan(${name})`);
  return parts.join(' AND ');
}

/**
 * An end of a range that parts the values before a place from those at it and after it, from which (`lower`) or up to
 * which (`upper`) it goes: what is wished for if it does, else a short number between them.
 */
function cut({ values, digits }: NumberColumn, place: number, wished: number, end: 'lower' | 'upper'): number {
  if (digits === undefined) return wished;
  const below = place === 0 ? Number.NEGATIVE_INFINITY : roundedEnd(values[place - 1]!, digits, 1);
  const above = place === values.length ? Number.POSITIVE_INFINITY : roundedEnd(values[place]!, digits, -1);
  const parts = (at: number): boolean => (end === 'lower' ? at > below && at <= above : at >= below && at < above);
  const short = shortBetween(below, above);
  return [wished, short].find(parts) ?? (end === 'lower' ? above : below);
}

/** The least (`side` -1) or the most of all binary numbers that are rounded to this one. */
function roundedEnd(value: number, digits: number, side: 1 | -1): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string];
  const outwards = value > 0 === side > 0;
  // Below a power of ten numbers are rounded ten times as finely.
  const half = `5e${Number(exponent) - digits - (mantissa === '1' && !outwards ? 1 : 0)}`;
  const at = Number((Math.abs(value) + (outwards ? 1 : -1) * Number(half)).toPrecision(digits + 2)) * Math.sign(value);
  return Number(at.toPrecision(digits)) === value ? at : neighbour(at, side === 1 ? -1 : 1);
}

/** The binary number next to one that is not 0. */
function neighbour(value: number, side: 1 | -1): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! += BigInt(value > 0 ? side : -side);
  return new Float64Array(bits.buffer)[0]!;
}

/** A number of few digits that is not below one and not above another. */
export function shortBetween(least: number, most: number): number {
  if (least <= 0 && most >= 0) return 0;
  const middle = least / 2 + most / 2;
  for (let digits = 1; digits <= 17; digits++) {
    const short = Number(middle.toPrecision(digits));
    if (short >= least && short <= most) return short;
  }
  return middle;
}

/** A number as SQL reads it without loss: with decimals it would be no binary number. */
const literal = (value: number): string => (Number.isSafeInteger(value) ? String(value) : value.toExponential());
