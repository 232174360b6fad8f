import type { Interval } from './experiment.ts';

/** Rounding noise that must not cost the last value. */
const noise = 1e-9;

/** How many values there are from one to another, both counted, where a step is added. */
export const stepCount = (from: number, to: number, step: number): number => Math.floor((to - from) / step + noise) + 1;

export const factorCount = (from: number, to: number, factor: number): number =>
  Math.floor(Math.log(to / from) / Math.log(factor) + noise) + 1;

/** Where steps lead to the end but for noise, it is met exactly, and never passed. */
const exactEnd = (value: number, to: number, step: number): number => (value > to - noise * step ? to : value);

export function risingByStep(from: number, to: number, step: number, count: number): Float64Array {
  const values = Float64Array.from({ length: count }, (_, i) => from + i * step);
  values[count - 1] = exactEnd(values[count - 1]!, to, step);
  return values;
}

export function risingByFactor(from: number, to: number, factor: number, count: number): Float64Array {
  const values = new Float64Array(count);
  let value = from;
  for (let i = 0; i < count; i++, value *= factor) values[i] = value;
  values[count - 1] = exactEnd(values[count - 1]!, to, to);
  return values;
}

/** So many values with both ends, of whole ones each once. */
export function fromInterval(interval: Interval, count: number): Float64Array {
  const { from, to, scale, whole } = interval;
  const between = (share: number): number =>
    scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  const values = Float64Array.from({ length: count }, (_, i) =>
    i === 0 ? from : i === count - 1 ? to : between(i / (count - 1)),
  );
  return whole ? Float64Array.from(new Set(values.map(Math.round))) : values;
}

/** The value at a share from 0 to below 1 of an interval. Of whole numbers each has an equal part, on the scale. */
export function valueIn({ from, to, scale, whole }: Interval, share: number): number {
  const end = whole ? to + 1 : to;
  const value = scale === 'log' ? from * (end / from) ** share : from + (end - from) * share;
  return whole ? Math.min(Math.floor(value), to) : Math.min(value, to);
}
