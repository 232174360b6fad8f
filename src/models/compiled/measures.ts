import type { PlacedMapping } from '../../mapper/placed.ts';
import type { Side } from './sides.ts';

/**
 * What the cost of an operation depends on, in one array: extents of the variables while the loops stand still,
 * bytes that keeps fill and drain at an entry, and what follows from the extents.
 */
export type Measures = {
  /** Where the bytes of fills and drains begin, by keep; extents of variables are in front. */
  readonly fills: number;
  readonly drains: number;
  /** Those that follow from extents, after all others. */
  readonly derived: Derived[];
  readonly first: number;
  readonly sizes: readonly number[];
};

type Derived =
  /** Passes of an array dimension over a variable. */
  | { readonly kind: 'passes'; readonly variable: number; readonly lanes: number }
  /** Length of a side of several variables, or of one with a coefficient. */
  | { readonly kind: 'length'; readonly terms: Side };

export function createMeasures({ workload, keeps }: PlacedMapping): Measures {
  const fills = workload.variables.length;
  const drains = fills + keeps.length;
  const sizes = workload.variables.map((v) => v.size);
  return { fills, drains, derived: [], first: drains + keeps.length, sizes };
}

/** Position of a derived measure, which is added if it is not there. */
export function measureOf({ derived, first }: Measures, measure: Derived): number {
  const name = JSON.stringify(measure);
  const known = derived.findIndex((d) => JSON.stringify(d) === name);
  if (known >= 0) return first + known;
  derived.push(measure);
  return first + derived.length - 1;
}

export type MeasureValues = {
  readonly values: Float64Array;
  /** Derived measures by the variable that they follow from, by position among the derived. */
  readonly following: readonly Int32Array[];
  readonly lanes: Float64Array;
  readonly lengths: readonly (Side | undefined)[];
  readonly first: number;
};

/** The measures with whole variables. */
export function valuesOfMeasures({ derived, first, sizes }: Measures): MeasureValues {
  const values = new Float64Array(first + derived.length);
  const of = (d: Derived): readonly number[] => (d.kind === 'passes' ? [d.variable] : d.terms.map((t) => t.variable));
  const measures: MeasureValues = {
    values,
    following: sizes.map((_, v) => Int32Array.from(derived.flatMap((d, i) => (of(d).includes(v) ? [i] : [])))),
    lanes: Float64Array.from(derived, (d) => (d.kind === 'passes' ? d.lanes : 0)),
    lengths: derived.map((d) => (d.kind === 'length' ? d.terms : undefined)),
    first,
  };
  for (let v = 0; v < sizes.length; v++) values[v] = sizes[v]!;
  for (let v = 0; v < sizes.length; v++) setExtent(measures, v, sizes[v]!);
  return measures;
}

export function setExtent(
  { values, following, lanes, lengths, first }: MeasureValues,
  variable: number,
  extent: number,
): void {
  values[variable] = extent;
  const those = following[variable]!;
  for (let i = 0; i < those.length; i++) {
    const d = those[i]!;
    const terms = lengths[d];
    values[first + d] = terms === undefined ? Math.ceil(extent / lanes[d]!) : lengthOf(terms, values);
  }
}

function lengthOf(side: Side, extents: Float64Array): number {
  let length = 1;
  for (let t = 0; t < side.length; t++) length += side[t]!.coefficient * (extents[side[t]!.variable]! - 1);
  return length;
}
