import type { Compute, Keep, Loop, PlacedBinding } from '../../mapper/placed.ts';
import { launching, tensorBytes } from '../../mapper/tile.ts';
import { type Factors, factorOf, type Product, piecesIn, product, type Sum, times } from './factors.ts';
import { type Side, sidesOf, storedSides } from './sides.ts';
import { isCutLeading, nodeAt } from './steps.ts';

/** What `traffic.ts` counts, in bytes, as sums of products of factors. */
export type TrafficSums = {
  readonly movements: readonly MovementSums[];
  readonly computes: readonly ComputeSums[];
};

type MovementSums = { readonly keep: Keep; readonly fill: Sum; readonly drain: Sum; readonly entries: Sum };

type ComputeSums = {
  readonly compute: Compute;
  readonly reads: readonly Sum[];
  readonly updateReads: Sum;
  readonly writes: Sum;
  /** Cycles that each binding holds its unit. */
  readonly units: readonly Sum[];
};

/** Undefined where some tiles are no products of their sides. */
export function trafficSums(f: Factors): TrafficSums | undefined {
  const movements = f.p.keeps.map((keep) => movementSums(f, keep));
  const computes = f.p.computes.map((compute) => computeSums(f, compute));
  if (movements.includes(undefined) || computes.includes(undefined)) return undefined;
  return { movements: movements as MovementSums[], computes: computes as ComputeSums[] };
}

function movementSums(f: Factors, keep: Keep): MovementSums | undefined {
  const entries = [product(1, ...[...variablesOf(keep.above)].flatMap((v) => piecesIn(f, keep.above, v)))];
  if (keep.parent === undefined) return { keep, fill: [], drain: [], entries };
  const sides = storedSides(f.p.workload, keep);
  const moved = sides && movedProduct(f, keep, sides);
  if (moved === undefined) return undefined;
  const elementBytes = tensorBytes(f.p.workload.tensors[keep.tensor]!, 1);
  const size = sides!.flat().reduce((n, { variable }) => n * f.p.workload.variables[variable]!.size, 1);
  // A tile that is computed into for the first time is not in the parent yet.
  const fill = keep.fill === 'always' ? [moved] : [moved, product(-size)];
  return { keep, fill: times(fill, elementBytes), drain: times(drained(f, keep, moved), elementBytes), entries };
}

function drained(f: Factors, keep: Keep, moved: Product): Sum {
  if (keep.wanted) return [moved];
  if (keep.returning.length === 0) return [];
  const moves = factorOf(f, { kind: 'moves', loops: keep.returning.map((l) => l.id) });
  return [{ coefficient: moved.coefficient, factors: [...moved.factors, moves] }];
}

/** Elements that move into a keep; undefined where neighbouring tiles overlap or leave gaps. */
function movedProduct(f: Factors, keep: Keep, sides: readonly Side[]): Product | undefined {
  const { p } = f;
  const { variables } = p.workload;
  const cut = keep.above.filter((l) => sides.some((side) => side.some((t) => t.variable === l.variable)));
  if (!sides.every((side) => isCutLeading(p, keep.above, side))) return undefined;
  const cutVariables = [...variablesOf(cut)];
  const uncut = sides.flat().filter((t) => !cutVariables.includes(t.variable));
  const starting = new Set([...keep.renewing, ...launching(p, keep)]);
  const lasting = keep.above.findLastIndex((l) => starting.has(l)) + 1;
  /** How often the loops outside of a place that do not select among the tiles come by. */
  const repeats = (place: number): readonly number[] => {
    const outside = keep.above.slice(0, place);
    const others = [...variablesOf(outside)].filter((v) => !cutVariables.includes(v));
    return others.flatMap((v) => piecesIn(f, outside, v));
  };
  const changing = keep.above
    .map((loop, place) => ({ loop, place }))
    .filter(({ loop, place }) => place >= lasting && cut.includes(loop))
    .reverse();
  const factor = factorOf(f, {
    kind: 'moved',
    uncut: uncut.reduce((n, t) => n * variables[t.variable]!.size, 1),
    sizes: cutVariables.map((v) => variables[v]!.size),
    changing: changing.map(({ loop, place }) => ({
      loop: loop.id,
      around: nodeAt(p, loop.above, loop.variable),
      variable: cutVariables.indexOf(loop.variable),
      repeats: repeats(place),
    })),
    repeats: repeats(lasting),
  });
  return product(1, factor);
}

const variablesOf = (loops: readonly Loop[]): ReadonlySet<number> => new Set(loops.map((l) => l.variable));

function computeSums(f: Factors, compute: Compute): ComputeSums | undefined {
  const { einsum, bindings, above } = compute;
  const { workload } = f.p;
  const accesses = [...einsum.operands, einsum.output];
  const sides = accesses.map((access) => sidesOf(workload, access));
  if (sides.includes(undefined) || bindings.some(hasVariableTwice)) return undefined;
  const sumOf = (i: number, lanes: PlacedBinding['dimensions']): Sum => {
    const bytes = tensorBytes(workload.tensors[accesses[i]!.tensor]!, 1);
    return times([overTiles(f, above, sides[i]!, lanes)], bytes);
  };
  const writes = sumOf(einsum.operands.length, []);
  const once = sides
    .at(-1)!
    .flat()
    .reduce((n, t) => n * workload.variables[t.variable]!.size, 1);
  const bytesOnce = tensorBytes(workload.tensors[einsum.output.tensor]!, once);
  const isCut = above.some((l) => einsum.reduced.includes(l.variable));
  return {
    compute,
    reads: einsum.operands.map((_, i) => sumOf(i, bindings[0]!.dimensions)),
    updateReads: isCut ? [...writes, product(-bytesOnce)] : [],
    writes,
    units: bindings.map((binding) => {
      const { dimensions, cyclesPerPoint } = binding;
      const inTime = einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v));
      const side: Side[] = inTime.map((variable) => [{ variable, coefficient: 1 }]);
      return times([overTiles(f, above, side, dimensions)], cyclesPerPoint);
    }),
  };
}

const hasVariableTwice = ({ dimensions }: PlacedBinding): boolean =>
  new Set(dimensions.map((d) => d.variable)).size < dimensions.length;

/**
 * The product of the lengths of sides and of the array passes along dimensions that have no part in them, summed over
 * the iterations of loops.
 */
function overTiles(
  f: Factors,
  above: readonly Loop[],
  sides: readonly Side[],
  dimensions: PlacedBinding['dimensions'],
): Product {
  const indexed = new Set(sides.flat().map((t) => t.variable));
  const passed = dimensions.filter((d) => !indexed.has(d.variable));
  const repeated = [...variablesOf(above)].filter((v) => !indexed.has(v) && passed.every((d) => d.variable !== v));
  return multiply([
    ...sides.map((side) => lengthsOf(f, above, side)),
    ...passed.map((d) => passesOf(f, above, d)),
    product(1, ...repeated.flatMap((v) => piecesIn(f, above, v))),
  ]);
}

const multiply = (products: readonly Product[]): Product => ({
  coefficient: products.reduce((n, { coefficient }) => n * coefficient, 1),
  factors: products.flatMap(({ factors }) => factors),
});

function passesOf(
  f: Factors,
  above: readonly Loop[],
  { variable, size }: PlacedBinding['dimensions'][number],
): Product {
  const node = nodeAt(f.p, above, variable);
  return node === variable
    ? product(Math.ceil(f.p.workload.variables[variable]!.size / size))
    : product(1, factorOf(f, { kind: 'passes', node, lanes: size }));
}

/** Lengths of a side over the pieces into which loops cut it. */
function lengthsOf(f: Factors, above: readonly Loop[], side: Side): Product {
  const { variables } = f.p.workload;
  if (isCutLeading(f.p, above, side)) return product(side.reduce((n, t) => n * variables[t.variable]!.size, 1));
  const terms = side.map(({ variable, coefficient }) => ({
    node: nodeAt(f.p, above, variable),
    coefficient,
    size: variables[variable]!.size,
  }));
  return product(1, factorOf(f, { kind: 'lengths', terms }));
}
