import { baseUnit, type Dimension } from '../units.ts';

/** Sliders go so many times up and down, in so many steps for each doubling. */
const reach = 8;
const stepsPerDoubling = 8;
/** Whole numbers up to here are stepped through one by one. */
const mostCounted = 32;

/** Sizes are 1 at least and counts 0; both are whole. */
export type ControlKind = 'size' | 'count' | 'quantity';

const inSignificant = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** As people read it; whole numbers keep all digits. */
const readable = (value: number): number => (Number.isInteger(value) ? value : inSignificant(value, 6));

/** Five binary digits: tiles divide such sizes. */
function inBinary(value: number): number {
  const grain = Math.max(1, 2 ** (Math.floor(Math.log2(value)) - 4));
  return Math.round(value / grain) * grain;
}

const rising = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b);

/** Where a slider of a value stops: from an eighth of it to eight times it; shares end at 1. The value itself is one. */
export function choicesFor(value: number, kind: ControlKind, dimension: Dimension): readonly number[] {
  const whole = kind !== 'quantity' && Number.isInteger(value);
  if (value === 0) return whole ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  if (value < 0) return [value];
  if (whole && value <= mostCounted) {
    const least = Math.max(kind === 'size' ? 1 : 0, Math.floor(value / reach));
    return Array.from({ length: value * reach - least + 1 }, (_, i) => least + i);
  }
  const ends = stepsPerDoubling * Math.log2(reach);
  const round = whole ? inBinary : (v: number) => inSignificant(v, 3);
  const around = Array.from({ length: 2 * ends + 1 }, (_, i) => round(value * 2 ** ((i - ends) / stepsPerDoubling)));
  const most = !whole && baseUnit(dimension) === '' && value <= 1 ? 1 : Number.POSITIVE_INFINITY;
  return rising([...around.filter((v) => v <= most), ...(most === 1 ? [1] : []), value]);
}

const decimal = (unit: string, prefixes: readonly (readonly [string, number])[]) =>
  prefixes.map(([prefix, factor]) => ({ unit: `${prefix}${unit}`, factor }));
const large = [
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
] as const;
const binary = [
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
] as const;
const small = [
  ['', 1],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
] as const;
const energies = [
  ['p', 1],
  ['n', 1e3],
  ['u', 1e6],
  ['m', 1e9],
  ['', 1e12],
] as const;

/** Units that a spec may use for a dimension; where none is listed, its base unit. */
const unitsOf: Readonly<Record<string, readonly { readonly unit: string; readonly factor: number }[]>> = {
  B: [...decimal('B', large), ...decimal('B', binary)],
  'B/s': [...decimal('B/s', large), ...decimal('B/s', binary)],
  '1/s': decimal('Hz', large),
  s: decimal('s', small),
  pJ: decimal('J', energies),
  'pJ/s': [
    { unit: 'W', factor: 1e12 },
    { unit: 'mW', factor: 1e9 },
  ],
};

/** A value in base units as a spec, a slider and `--param` have it: "16 MiB", "3.35 TB/s", "0.9174"; from 1 to 1000 of a unit, and of these the shortest way to write it. */
export function valueText(value: number, dimension: Dimension): string {
  const base = baseUnit(dimension);
  if (base === '') return String(readable(value));
  const written = (unitsOf[base] ?? [{ unit: base === 'cycle' ? 'cycles' : base, factor: 1 }]).map(
    ({ unit, factor }) => ({
      number: readable(value / factor),
      unit,
    }),
  );
  const short = written.filter(({ number }) => Math.abs(number) >= 1 && Math.abs(number) < 1000);
  const [best] = (short.length > 0 ? short : written.slice(0, 1)).toSorted(
    (a, b) => String(a.number).length - String(b.number).length || a.number - b.number,
  );
  return `${best!.number} ${best!.unit}`;
}
