import type { Compute, Keep, Loop, PlacedBinding } from '../../mapper/placed.ts';
import { launching, tensorBytes } from '../../mapper/tile.ts';
import {
  coordinatesUpTo,
  countOf,
  type Factors,
  ifMoving,
  passesOver,
  productOf,
  type Sum,
  sizeOf,
} from './factors.ts';
import type { Value } from './graph.ts';
import { type Side, sidesOf } from './sides.ts';
import { isCutLeading, nodeAt, nodeOf } from './steps.ts';

/** What `traffic.ts` counts, in bytes. */
export type TrafficSums = {
  readonly movements: readonly MovementSums[];
  readonly computes: readonly ComputeSums[];
};

type MovementSums = { readonly keep: Keep; readonly fill: Sum; readonly drain: Sum; readonly entries: Value };

type ComputeSums = {
  readonly compute: Compute;
  readonly reads: readonly Sum[];
  readonly updateReads: Sum;
  readonly writes: Sum;
  /** Points that a lane computes for each binding. */
  readonly points: readonly Sum[];
};

/** Undefined where some tiles are no products of their sides. */
export function trafficSums(f: Factors): TrafficSums | undefined {
  const movements = f.p.keeps.map((keep) => movementSums(f, keep));
  const computes = f.p.computes.map((compute) => computeSums(f, compute));
  if (movements.includes(undefined) || computes.includes(undefined)) return undefined;
  return { movements: movements as MovementSums[], computes: computes as ComputeSums[] };
}

function movementSums(f: Factors, keep: Keep): MovementSums | undefined {
  const entries = countOf(f, keep.above, variablesOf(keep.above));
  if (keep.parent === undefined) return { keep, fill: [], drain: [], entries };
  const sides = f.sides[keep.id];
  const moved = sides && movedElements(f, keep, sides);
  if (moved === undefined) return undefined;
  const elementBytes = tensorBytes(f.p.workload.tensors[keep.tensor]!, 1);
  // A tile that is computed into for the first time is not in the parent yet.
  const drain = keep.wanted ? moved : ifMoving(f, keep.returning, moved);
  return {
    keep,
    fill: [
      { coefficient: elementBytes, value: moved },
      ...(keep.fill === 'always' ? [] : [{ coefficient: -elementBytes, value: sizeOf(f, sides!) }]),
    ],
    drain: [{ coefficient: elementBytes, value: drain }],
    entries,
  };
}

/**
 * Elements that move into a keep: those of its tiles, as often as loops that do not select among the tiles come by
 * outside of the innermost loop that changes the tile. Which that is depends on the numbers, and may differ from
 * piece to piece. Undefined where neighbouring tiles overlap or leave gaps.
 */
function movedElements(f: Factors, keep: Keep, sides: readonly Side[]): Value | undefined {
  const { p, graph: g } = f;
  const cut = keep.above.filter((l) => sides.some((side) => side.some((t) => t.variable === l.variable)));
  if (!sides.every((side) => isCutLeading(p, keep.above, side))) return undefined;
  const cutVariables = variablesOf(cut);
  const uncut = sides.flat().filter((t) => !cutVariables.includes(t.variable));
  const starting = new Set([...keep.renewing, ...launching(p, keep)]);
  const lasting = keep.above.findLastIndex((l) => starting.has(l)) + 1;
  /** How often the loops outside of a place that do not select among the tiles come by. */
  const repeats = (place: number): Value => {
    const outside = keep.above.slice(0, place);
    const others = variablesOf(outside).filter((v) => !cutVariables.includes(v));
    return countOf(f, outside, others);
  };
  /** Of the loops that change the tile, innermost first, those up to the one at hand. */
  const changing: Loop[] = [];
  /** Coordinates of a variable in pieces that these loops leave whole. */
  const stillCoordinates = (variable: number): Value => {
    const inner = changing.find((l) => l.variable === variable);
    const outer = changing.findLast((l) => l.variable === variable);
    if (inner === undefined) return f.sizes[variable]!;
    return coordinatesUpTo(f, nodeAt(p, outer!.above, variable), f.pieces[nodeOf(p, inner)]!.reach);
  };
  const still = (): Value =>
    productOf(g, [...cutVariables.map(stillCoordinates), ...uncut.map((t) => f.sizes[t.variable]!)]);
  let left = still();
  let moved: Value = 0;
  for (let place = keep.above.length - 1; place >= lasting; place--) {
    const loop = keep.above[place]!;
    if (!cut.includes(loop)) continue;
    changing.push(loop);
    // Elements of the tiles that stand still in this loop and those inside it.
    const rest = still();
    moved = g.add(moved, g.multiply(repeats(place), g.subtract(left, rest)));
    left = rest;
  }
  // Everything comes in at least once.
  return g.positive(g.add(moved, g.multiply(repeats(lasting), left)));
}

const variablesOf = (loops: readonly Loop[]): readonly number[] => [...new Set(loops.map((l) => l.variable))];

function computeSums(f: Factors, compute: Compute): ComputeSums | undefined {
  const { einsum, bindings, above } = compute;
  const { workload } = f.p;
  const accesses = [...einsum.operands, einsum.output];
  const sides = accesses.map((access) => sidesOf(workload, access));
  if (sides.includes(undefined) || bindings.some(hasVariableTwice)) return undefined;
  const open = f.machine.bindings[compute.id]!;
  const laid = (b: number): readonly Laid[] =>
    bindings[b]!.dimensions.map(({ variable }, d) => ({ variable, lanes: open[b]!.lanes[d]! }));
  const bytesOf = (i: number, lanes: readonly Laid[]): Sum => [
    {
      coefficient: tensorBytes(workload.tensors[accesses[i]!.tensor]!, 1),
      value: overTiles(f, above, sides[i]!, lanes),
    },
  ];
  const writes = bytesOf(einsum.operands.length, []);
  const elementBytes = tensorBytes(workload.tensors[einsum.output.tensor]!, 1);
  const isCut = above.some((l) => einsum.reduced.includes(l.variable));
  return {
    compute,
    reads: einsum.operands.map((_, i) => bytesOf(i, laid(0))),
    updateReads: isCut ? [...writes, { coefficient: -elementBytes, value: sizeOf(f, sides.at(-1)!) }] : [],
    writes,
    points: bindings.map(({ dimensions }, b) => {
      const inTime = einsum.variables.filter((v) => dimensions.every((d) => d.variable !== v));
      const side: Side[] = inTime.map((variable) => [{ variable, coefficient: 1 }]);
      return [{ coefficient: 1, value: overTiles(f, above, side, laid(b)) }];
    }),
  };
}

/** A rank along a dimension of an array, and its lanes there. */
type Laid = { readonly variable: number; readonly lanes: Value };

const hasVariableTwice = ({ dimensions }: PlacedBinding): boolean =>
  new Set(dimensions.map((d) => d.variable)).size < dimensions.length;

/**
 * The product of the lengths of sides and of the array passes along dimensions that have no part in them, summed over
 * the iterations of loops.
 */
function overTiles(f: Factors, above: readonly Loop[], sides: readonly Side[], dimensions: readonly Laid[]): Value {
  const indexed = new Set(sides.flat().map((t) => t.variable));
  const passed = dimensions.filter((d) => !indexed.has(d.variable));
  const repeated = variablesOf(above).filter((v) => !indexed.has(v) && passed.every((d) => d.variable !== v));
  return productOf(f.graph, [
    ...sides.map((side) => lengthsOf(f, above, side)),
    ...passed.map((d) => passesOver(f, above, d.variable, d.lanes)),
    countOf(f, above, repeated),
  ]);
}

/** Lengths of a side, summed over the pieces into which loops cut it. */
function lengthsOf(f: Factors, above: readonly Loop[], side: Side): Value {
  if (isCutLeading(f.p, above, side)) return sizeOf(f, [side]);
  const { graph: g } = f;
  const counts = side.map(({ variable }) => countOf(f, above, [variable]));
  return side.reduce<Value>(
    (sum, { variable, coefficient }, i) => {
      const others = productOf(
        g,
        counts.filter((_, o) => o !== i),
      );
      const steps = g.subtract(f.sizes[variable]!, counts[i]!);
      return g.add(sum, g.multiply(g.multiply(coefficient, steps), others));
    },
    productOf(g, counts),
  );
}
