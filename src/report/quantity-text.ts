import { baseUnit, type Dimension } from '../units.ts';

/**
 * Numbers for people: four significant digits and a prefix. Reports keep the full numbers; only
 * tables and plots use these.
 */

const decimal = [
  { factor: 1e-15, prefix: 'f' },
  { factor: 1e-12, prefix: 'p' },
  { factor: 1e-9, prefix: 'n' },
  { factor: 1e-6, prefix: 'µ' },
  { factor: 1e-3, prefix: 'm' },
  { factor: 1, prefix: '' },
  { factor: 1e3, prefix: 'k' },
  { factor: 1e6, prefix: 'M' },
  { factor: 1e9, prefix: 'G' },
  { factor: 1e12, prefix: 'T' },
  { factor: 1e15, prefix: 'P' },
  { factor: 1e18, prefix: 'E' },
] as const;

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** `significant(0.96512, 3)` is "0.965"; whole numbers below 10^digits keep no trailing zeros. */
export function significant(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 10 ** digits) return String(value);
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Number(text)) : text;
}

/** The prefix that leaves a value at one or more: what values up to this are divided by, and their unit with it. */
export function prefixed(most: number, unit: string): { readonly factor: number; readonly name: string } {
  const { factor, prefix } = prefixOf(most);
  return { factor, name: `${prefix}${unit}` };
}

function prefixOf(value: number): (typeof decimal)[number] {
  let chosen: (typeof decimal)[number] = decimal[0];
  for (const step of decimal) if (Math.abs(value) >= step.factor * (1 - 1e-12)) chosen = step;
  return chosen;
}

/**
 * Value with an engineering prefix: `engineering(2.0081e-3, 's')` is "2.008 ms". For countable things
 * use `countText`, which has no milli.
 */
export function engineering(value: number, unit: string, digits = 4): string {
  if (!Number.isFinite(value)) return `${significant(value)} ${unit}`;
  if (value === 0) return `0 ${unit}`;
  // Rounding comes first: 999.96 is 1.000 k, not 1000.
  const chosen = prefixOf(Number(value.toPrecision(digits)));
  return `${significant(roundTo(value / chosen.factor, digits), digits)} ${chosen.prefix}${unit}`;
}

const roundTo = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** Five digits, no trailing zeros: "0.25". */
export const plainText = (value: number): string =>
  Number.isFinite(value) ? String(roundTo(value, 5)) : significant(value);

/** Counts of things: no prefix below ten thousand, since half a cycle is no 500 mcycles. */
export const countText = (value: number, unit: string): string =>
  Math.abs(value) < 1e4 ? `${plainText(value)} ${unit}` : engineering(value, unit);

/** Bytes moved, in decimal prefixes as bandwidths are. */
export const bytesText = (value: number): string => countText(value, 'B');

/** Bytes held, in binary prefixes as capacities are: "192 KiB". */
export function capacityText(value: number | null): string {
  if (value === null || value === Number.POSITIVE_INFINITY) return 'unlimited';
  let power = 0;
  while (power + 1 < binary.length && Math.abs(value) >= 1024 ** (power + 1)) power++;
  return `${significant(roundTo(value / 1024 ** power, 4))} ${binary[power]}`;
}

/** Share of one as a percentage: 0.96512 is "96.5%". */
export const percentText = (share: number): string => {
  const percent = share * 100;
  if (percent > 0 && percent < 0.005) return '<0.01%';
  const digits = percent !== 0 && Math.abs(percent) < 0.1 ? 2 : 1;
  return `${percent.toFixed(digits)}%`;
};

/** Difference in hundredths, with its sign: 0.0041 is "+0.4", -0.00002 is "-0.002". */
export function signedPercent(difference: number): string {
  const percent = Math.abs(difference * 100);
  const digits = percent < 0.1 ? String(Number(percent.toPrecision(1))) : percent.toFixed(1);
  return `${difference < 0 ? '-' : '+'}${digits}`;
}

/** Rates with three digits: "989 TFLOP/s", "3.35 TB/s". */
export const rateText = (value: number, unit: string): string => engineering(value, unit, 3);

/** Intensities are read off an axis without prefixes: "28150 FLOP/B". */
export const intensityText = (value: number): string => `${significant(roundTo(value, 4), 4)} FLOP/B`;

/** A number in base units, as people write it: "16 MiB", "400 GB/s", "700 W", "256". Whole numbers keep all digits. */
export const quantityText = (value: number, dimension: Dimension): string => unitText(value, baseUnit(dimension));

/** The same of a base unit by its name, as data has it. */
export function unitText(value: number, unit: string): string {
  if (unit === 'B') return capacityText(value);
  if (unit === 'B/s') return rateText(value, unit);
  if (unit === 's') return engineering(value, unit);
  if (unit === '1/s') return engineering(value, 'Hz');
  if (unit === 'pJ') return engineering(value * 1e-12, 'J');
  if (unit === 'pJ/s') return engineering(value * 1e-12, 'W');
  return `${Number.isInteger(value) ? value : significant(value)} ${unit}`.trimEnd();
}

/** A time as people wait for it, rounded up: "40 s", "3 min 20 s", "2 h 5 min". */
export function durationText(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
