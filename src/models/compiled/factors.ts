import type { Loop } from '../../mapper/placed.ts';
import type { Graph, Value } from './graph.ts';
import type { OpenMapping } from './open.ts';
import { type Side, storedSides } from './sides.ts';
import { nodeAt, nodeOf, type Pieces, piecesOf } from './steps.ts';

/** A constant times a value. A count is a sum of such products. */
type Product = { readonly coefficient: number; readonly value: Value };
export type Sum = readonly Product[];

/** An open mapping, how its loops cut the variables, and the sides of its keeps' tiles: what its counts are made of. */
export type Factors = OpenMapping & {
  readonly pieces: readonly Pieces[];
  readonly sides: readonly (readonly Side[] | undefined)[];
};

export const createFactors = (open: OpenMapping): Factors => ({
  ...open,
  pieces: piecesOf(open),
  sides: open.p.keeps.map((keep) => storedSides(open.p.workload, keep)),
});

export const times = (sum: Sum, factor: number): Sum =>
  sum.map(({ coefficient, value }) => ({ coefficient: coefficient * factor, value }));

/** A sum times a value, which may be known. */
export const scaled = (g: Graph, sum: Sum, factor: Value): Sum =>
  typeof factor === 'number'
    ? times(sum, factor)
    : sum.map(({ coefficient, value }) => ({ coefficient, value: g.multiply(value, factor) }));

export const productOf = (g: Graph, values: readonly Value[]): Value =>
  values.reduce((product, value) => g.multiply(product, value), 1);

/** Elements of whole sides. */
export const sizeOf = ({ graph, sizes }: Factors, sides: readonly Side[]): Value =>
  productOf(
    graph,
    sides.flat().map(({ variable }) => sizes[variable]!),
  );

/** How long a side is while its variables have some extents. */
export function lengthOf({ graph: g }: Factors, side: Side, extents: readonly Value[]): Value {
  return side.reduce<Value>(
    (length, { variable, coefficient }) =>
      coefficient === 1 && side.length === 1
        ? extents[variable]!
        : g.add(length, g.multiply(coefficient, g.subtract(extents[variable]!, 1))),
    1,
  );
}

/** A sum as one value, with each product multiplied once. */
export function sumOf(g: Graph, sum: Sum): Value {
  const collected = new Map<Value, number>();
  let constant = 0;
  for (const { coefficient, value } of sum)
    if (typeof value === 'number') constant += coefficient * value;
    else collected.set(value, (collected.get(value) ?? 0) + coefficient);
  let total: Value = constant > 0 ? constant : 0;
  let less: Value = constant < 0 ? -constant : 0;
  // Terms of a sum are amounts: what is taken away is no term.
  for (const [value, coefficient] of collected)
    if (coefficient < 0) less = g.add(less, g.multiply(-coefficient, value));
    else total = g.add(total, g.multiply(coefficient, value));
  return g.subtract(total, less);
}

/** Pieces of variables inside some loops: how often the loops over them come by. */
export const countOf = ({ p, graph, pieces }: Factors, above: readonly Loop[], variables: readonly number[]): Value =>
  productOf(
    graph,
    variables.map((v) => pieces[nodeAt(p, above, v)]!.count),
  );

/** The longest piece of a variable inside some loops. */
export const reachIn = ({ p, pieces }: Factors, above: readonly Loop[], variable: number): Value =>
  pieces[nodeAt(p, above, variable)]!.reach;

/** Passes of so many lanes over all pieces of a variable inside some loops, each piece on its own. */
export function passesOver(
  { p, graph: g, pieces }: Factors,
  above: readonly Loop[],
  variable: number,
  lanes: Value,
): Value {
  const { lengths } = pieces[nodeAt(p, above, variable)]!;
  return lengths.reduce<Value>(
    (sum, { length, times }) => g.add(sum, g.multiply(times, g.ceil(g.divide(length, lanes)))),
    0,
  );
}

/** `yes` if one of the loops has more than one step anywhere, else 0. */
export function ifMoving({ p, graph: g, pieces }: Factors, loops: readonly Loop[], yes: Value): Value {
  let value: Value = 0;
  for (const loop of loops) {
    const around = pieces[nodeAt(p, loop.above, loop.variable)]!;
    value = g.ifAbove(around.reach, pieces[nodeOf(p, loop)]!.reach, yes, value);
  }
  return value;
}

/** Coordinates in those pieces of a node that are at most so long. */
export function coordinatesUpTo({ graph: g, pieces }: Factors, node: number, limit: Value): Value {
  return pieces[node]!.lengths.reduce<Value>(
    (sum, { length, times }) => g.add(sum, g.ifAbove(length, limit, 0, g.multiply(length, times))),
    0,
  );
}
