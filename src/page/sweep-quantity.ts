/** The unit that the name of a column says, as metrics have it: "latency_s" is in seconds. */
export function unitOf(name: string): string {
  if (/^(traffic|buffer)_bytes\./.test(name)) return 'B';
  const [, suffix] = /_(s|j|pj|w|mm2|bytes|cycles|hz|ops_per_s|ops_per_byte)$/.exec(name) ?? [];
  return suffix === undefined ? '' : unitNames[suffix]!;
}

const unitNames: Readonly<Record<string, string>> = {
  s: 's',
  j: 'J',
  pj: 'pJ',
  w: 'W',
  mm2: 'mm²',
  bytes: 'B',
  cycles: 'cycles',
  hz: 'Hz',
  ops_per_s: 'FLOP/s',
  ops_per_byte: 'FLOP/B',
};

/** Units that take prefixes; others are counted in thousands of their own. */
const decimals = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const noPrefix = 5;
const binaries = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

const unprefixed: ReadonlySet<string> = new Set(['mm²', 'pJ']);

/** A power of ten by which numbers are written, and the prefix that says so. */
function prefixFor(value: number, unit: string): { readonly exponent: number; readonly prefix: string } {
  const exponent = value === 0 ? 0 : Math.floor(Number(Math.abs(value).toExponential().split('e')[1]) / 3) * 3;
  const isPlain =
    unprefixed.has(unit) || (exponent >= 0 && Math.abs(value) < 1e5 && (unit === '' || unit === 'cycles'));
  const prefix = decimals[exponent / 3 + noPrefix];
  // Shares and counts have no milli.
  if (isPlain || prefix === undefined || ((unit === '' || unit === 'cycles') && exponent < 0))
    return { exponent: 0, prefix: '' };
  return { exponent, prefix };
}

/** "4 Mi" of 4194304: whole numbers that are a few of a power of 1024. */
function binaryText(value: number): string | undefined {
  if (!Number.isInteger(value) || value === 0) return undefined;
  let [rest, power] = [value, 0];
  while (rest % 1024 === 0 && power + 1 < binaries.length) [rest, power] = [rest / 1024, power + 1];
  while (power > 0 && Math.abs(rest) >= 1024 && power + 1 < binaries.length) [rest, power] = [rest / 1024, power + 1];
  const text = String(rest);
  return power === 0 || text.length > 6 ? undefined : `${text} ${binaries[power]}`;
}

const joined = (number: string, prefix: string, unit: string): string => `${number} ${prefix}${unit}`.trimEnd();

/** A decimal number times a power of ten, exactly as it is written. */
const shifted = (text: string, by: number): number => {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e');
  return Number(`${mantissa}e${Number(exponent) + by}`);
};

function written(value: number, unit: string, digits: number | undefined): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const binary = unit === '' ? binaryText(value) : undefined;
  if (binary !== undefined) return binary;
  const rounded = digits === undefined ? value : Number(value.toPrecision(digits));
  const { exponent, prefix } = prefixFor(rounded, unit);
  return joined(String(shifted(String(rounded), -exponent)), prefix, unit);
}

/** A value for people, of five digits: "2.0134 ms", "4 Mi". */
export const shownText = (value: number, unit: string): string => written(value, unit, 5);

/** A value so that `readValue` gives the same number. */
export function exactText(value: number, unit: string): string {
  const text = written(value, unit, undefined);
  return readValue(text, unit) === value ? text : joined(String(value), '', unit);
}

/** A number as people write it, with a prefix and the unit or without: "2.5 ms", "2.5m", "0.0025". Undefined: it is none. */
export function readValue(text: string, unit: string): number | undefined {
  const trimmed = text.trim().replaceAll(',', '').replace('μ', 'µ');
  const [, number, end = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)$/.exec(trimmed) ?? [];
  if (number === undefined) return undefined;
  const prefix = unit !== '' && end.endsWith(unit) ? end.slice(0, -unit.length).trim() : end;
  const power = binaries.indexOf(prefix as 'Ki');
  if (power > 0) return Number(number) * 1024 ** power;
  const at = decimals.indexOf((prefix === 'u' ? 'µ' : prefix === 'K' ? 'k' : prefix) as 'k');
  return at < 0 ? undefined : shifted(number, (at - noPrefix) * 3);
}
