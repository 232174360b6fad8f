import { didYouMean } from './did-you-mean.ts';

declare const unit: unique symbol;

/** A number that carries its unit in the type; `*` and `/` drop it, so the result must be named again. */
type Quantity<U extends string> = number & { readonly [unit]: U };
export type BytesPerSecond = Quantity<'bytes/s'>;
export type OperationsPerSecond = Quantity<'operations/s'>;
export type OperationsPerByte = Quantity<'operations/byte'>;
export type Watts = Quantity<'watts'>;

/** One MAC is a multiplication and an addition: the field's count of FLOPs. */
export const operationsPerMac = 2;

/** Operations a byte above which the peak and not the bandwidth limits (Williams et al., Roofline, CACM 2009). */
export const ridgePoint = (peak: OperationsPerSecond, bandwidth: BytesPerSecond): OperationsPerByte =>
  (peak / bandwidth) as OperationsPerByte;

/** Power of a component that does an action of `energy_pj` at a rate of `actions_per_s`. */
export const power = (energy_pj: number, actions_per_s: number): Watts => (energy_pj * 1e-12 * actions_per_s) as Watts;

/**
 * Exponents of the base quantities. Base units: byte, second, cycle, picojoule, millimetre.
 * Cycles are apart from seconds because only a machine's clock turns one into the other.
 */
export type Dimension = {
  readonly data: number;
  readonly time: number;
  readonly cycles: number;
  readonly energy: number;
  readonly length: number;
};

/** A number in base units and what it measures. */
export type Measure = { readonly value: number; readonly dimension: Dimension };

const bases = ['data', 'time', 'cycles', 'energy', 'length'] as const;
const baseUnits = { data: 'B', time: 's', cycles: 'cycle', energy: 'pJ', length: 'mm' } as const;

export const noDimension: Dimension = { data: 0, time: 0, cycles: 0, energy: 0, length: 0 };
const dimension = (part: Partial<Dimension>): Dimension => ({ ...noDimension, ...part });

export const sameDimension = (a: Dimension, b: Dimension): boolean => bases.every((base) => a[base] === b[base]);

export const isPlain = (d: Dimension): boolean => sameDimension(d, noDimension);

/** Exponents of a x b^times: product (1), quotient (-1). */
export function combineDimensions(a: Dimension, b: Dimension, times: number): Dimension {
  const sum = (base: (typeof bases)[number]): number => a[base] + b[base] * times;
  return { data: sum('data'), time: sum('time'), cycles: sum('cycles'), energy: sum('energy'), length: sum('length') };
}

/** `B/s`, `pJ/B`, `mm^2`: the base unit of a dimension. */
export function baseUnit(d: Dimension): string {
  const side = (sign: number): string =>
    bases
      .filter((base) => d[base] * sign > 0)
      .map((base) => baseUnits[base] + (d[base] * sign === 1 ? '' : `^${d[base] * sign}`))
      .join(' ');
  const below = side(-1);
  return below === '' ? side(1) : `${side(1) || '1'}/${below}`;
}

type Scale = { readonly symbol: string; readonly factor: number };
const decimal = (...symbols: string[]): Scale[] =>
  symbols.map((symbol, i) => ({ symbol, factor: 10 ** (3 * (i + 1)) }));
const small: readonly Scale[] = [
  { symbol: 'm', factor: 1e3 },
  { symbol: 'u', factor: 1e6 },
  { symbol: 'n', factor: 1e9 },
  { symbol: 'p', factor: 1e12 },
];

/** Factors are kept as a quotient of two exact numbers, so that "1545 um^2" is exactly 1545 / 10^6 mm^2. */
export type UnitSymbol = { readonly above: number; readonly below: number; readonly dimension: Dimension };

function unitTable(): ReadonlyMap<string, UnitSymbol> {
  const table = new Map<string, UnitSymbol>();
  const add = (name: string, above: number, below: number, d: Partial<Dimension>): void => {
    table.set(name, { above, below, dimension: dimension(d) });
  };
  const data = { data: 1 };
  for (const [symbols, bits] of [
    [['B', 'byte', 'bytes'], 1],
    [['b', 'bit', 'bits'], 8],
  ] as const)
    for (const symbol of symbols) add(symbol, 1, bits, data);
  for (const { symbol, factor } of decimal('k', 'M', 'G', 'T', 'P')) {
    add(`${symbol}B`, factor, 1, data);
    add(`${symbol}b`, factor, 8, data);
    add(`${symbol}Hz`, factor, 1, { time: -1 });
  }
  ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'].forEach((symbol, i) => {
    add(`${symbol}B`, 1024 ** (i + 1), 1, data);
    add(`${symbol}b`, 1024 ** (i + 1), 8, data);
  });
  add('Hz', 1, 1, { time: -1 });
  add('s', 1, 1, { time: 1 });
  for (const { symbol, factor } of small) add(`${symbol}s`, 1, factor, { time: 1 });
  for (const symbol of ['cycle', 'cycles']) add(symbol, 1, 1, { cycles: 1 });
  add('J', 1e12, 1, { energy: 1 });
  for (const { symbol, factor } of small) add(`${symbol}J`, 1e12 / factor, 1, { energy: 1 });
  add('fJ', 1, 1e3, { energy: 1 });
  const watts = { energy: 1, time: -1 };
  for (const [symbol, above, below] of [
    ['W', 1, 1],
    ['kW', 1e3, 1],
    ['mW', 1, 1e3],
  ] as const)
    add(symbol, above * 1e12, below, watts);
  add('m', 1e3, 1, { length: 1 });
  add('cm', 10, 1, { length: 1 });
  for (const { symbol, factor } of small.slice(0, 3)) add(`${symbol}m`, 1e3, factor, { length: 1 });
  return table;
}

/** Every unit symbol that a text may use; case matters. */
export const units: ReadonlyMap<string, UnitSymbol> = unitTable();

/** Help for an unknown unit: the usual slips first, then the nearest known symbol. */
export function unitHelp(name: string): string | undefined {
  const rate = /^(.+)ps$/.exec(name)?.[1];
  if (rate !== undefined && units.get(rate)?.dimension.data === 1) return `did you mean "${rate}/s"?`;
  if (/^K[Bb]$/.test(name)) return `did you mean "k${name[1]}" (1000) or "Ki${name[1]}" (1024)?`;
  return caseHelp(name) ?? didYouMean(name, units.keys());
}

/** Help for a name that is a unit but for its case. */
export function caseHelp(name: string): string | undefined {
  const folded = [...units.keys()].filter((known) => known.toLowerCase() === name.toLowerCase());
  if (folded.length === 0) return undefined;
  const meant = folded.map((f) => `"${f}"`).join(' or ');
  return `case matters: did you mean ${meant}? (B is a byte, b a bit, M is 10^6, m is 10^-3)`;
}
