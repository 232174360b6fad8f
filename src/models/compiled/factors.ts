import type { Loop, PlacedMapping } from '../../mapper/placed.ts';
import { coordinatesUpTo, createSteps, cutSteps, hasSteps, nodeAt, passesOver, type Steps } from './steps.ts';

/** A constant times a product of factors, by position. A count is a sum of such products. */
export type Product = { readonly coefficient: number; readonly factors: readonly number[] };
export type Sum = readonly Product[];

/**
 * The numbers that the counts of a mapping are made of. The first are the pieces of the nodes (`steps.ts`); the
 * others are added by whoever needs them, and found again by those who need the same.
 */
export type Factors = {
  readonly p: PlacedMapping;
  readonly computed: ComputedFactor[];
};

type ComputedFactor =
  /** Passes of an array over the pieces of a node. */
  | { readonly kind: 'passes'; readonly node: number; readonly lanes: number }
  /** Lengths, summed over the pieces, of a side that loops cut elsewhere than at its leading digit. */
  | {
      readonly kind: 'lengths';
      readonly terms: readonly { readonly node: number; readonly coefficient: number; readonly size: number }[];
    }
  /** 1 if one of the loops moves, else 0. */
  | { readonly kind: 'moves'; readonly loops: readonly number[] }
  | ({ readonly kind: 'moved' } & MovedElements);

/**
 * Elements that move into a keep: those of its tiles, as often as loops that do not select among the tiles come by
 * outside of the innermost loop that changes the tile. Which that is depends on the numbers, and may differ from
 * piece to piece.
 */
type MovedElements = {
  /** Elements of the part of the tiles that no loop cuts. */
  readonly uncut: number;
  /** Sizes of the variables that loops cut. */
  readonly sizes: readonly number[];
  /** Loops that select among the tiles, innermost first. */
  readonly changing: readonly {
    readonly loop: number;
    /** Node around it. */
    readonly around: number;
    /** Its variable's position among the sizes. */
    readonly variable: number;
    /** Nodes whose pieces say how often the tiles come by if this loop is the innermost that changes them. */
    readonly repeats: readonly number[];
  }[];
  /** The same if none of them does. */
  readonly repeats: readonly number[];
};

export const createFactors = (p: PlacedMapping): Factors => ({ p, computed: [] });

/** Position of a factor, which is added if it is not there. */
export function factorOf({ p, computed }: Factors, factor: ComputedFactor): number {
  const nodes = p.workload.variables.length + p.loops.length;
  const name = JSON.stringify(factor);
  const known = computed.findIndex((f) => JSON.stringify(f) === name);
  if (known >= 0) return nodes + known;
  computed.push(factor);
  return nodes + computed.length - 1;
}

/** Pieces of a variable inside some loops; none where no loop cuts it. */
export function piecesIn(f: Factors, above: readonly Loop[], variable: number): readonly number[] {
  const node = nodeAt(f.p, above, variable);
  return node === variable ? [] : [node];
}

export const product = (coefficient: number, ...factors: readonly number[]): Product => ({ coefficient, factors });

export const times = (sum: Sum, factor: number): Sum =>
  sum.map(({ coefficient, factors }) => ({ coefficient: coefficient * factor, factors }));

export type FactorValues = { readonly values: Float64Array; readonly steps: Steps; readonly update: () => void };

/** The factors of a mapping with such tiles, in an array that `update` overwrites. */
export function valuesOf({ p, computed }: Factors, tiles: Float64Array): FactorValues {
  const nodes = p.workload.variables.length + p.loops.length;
  const values = new Float64Array(nodes + computed.length);
  const steps = createSteps(p, values.subarray(0, nodes));
  const update = (): void => {
    cutSteps(steps, tiles);
    for (let i = 0; i < computed.length; i++) values[nodes + i] = computeFactor(steps, tiles, computed[i]!);
  };
  return { values, steps, update };
}

function computeFactor(s: Steps, tiles: Float64Array, factor: ComputedFactor): number {
  switch (factor.kind) {
    case 'passes':
      return passesOver(s, factor.node, factor.lanes);
    case 'lengths':
      return lengthsOver(s, factor.terms);
    case 'moves':
      for (let i = 0; i < factor.loops.length; i++) if (hasSteps(s, tiles, factor.loops[i]!)) return 1;
      return 0;
    case 'moved':
      return movedElements(s, tiles, factor);
  }
}

function lengthsOver({ pieces }: Steps, terms: (ComputedFactor & { kind: 'lengths' })['terms']): number {
  let all = 1;
  for (let i = 0; i < terms.length; i++) all *= pieces[terms[i]!.node]!;
  let sum = all;
  for (let i = 0; i < terms.length; i++) {
    const { node, coefficient, size } = terms[i]!;
    sum += coefficient * (size - pieces[node]!) * (all / pieces[node]!);
  }
  return sum;
}

function repeated({ pieces }: Steps, nodes: readonly number[]): number {
  let n = 1;
  for (let i = 0; i < nodes.length; i++) n *= pieces[nodes[i]!]!;
  return n;
}

function movedElements(s: Steps, tiles: Float64Array, m: MovedElements): number {
  const { changing, sizes } = m;
  let left = m.uncut;
  for (let i = 0; i < sizes.length; i++) left *= sizes[i]!;
  let moved = 0;
  for (let i = 0; i < changing.length; i++) {
    const { repeats } = changing[i]!;
    // Elements of the tiles that stand still in this loop and those inside it.
    let still = m.uncut;
    for (let v = 0; v < sizes.length && still > 0; v++) still *= stillCoordinates(s, tiles, m, i, v);
    moved += repeated(s, repeats) * (left - still);
    left = still;
    if (left === 0) return moved;
  }
  return moved + repeated(s, m.repeats) * left;
}

/** Coordinates of a variable in pieces that the innermost loops, up to the given one, leave whole. */
function stillCoordinates(s: Steps, tiles: Float64Array, m: MovedElements, last: number, variable: number): number {
  let limit = Number.POSITIVE_INFINITY;
  let node = -1;
  for (let i = 0; i <= last; i++) {
    const change = m.changing[i]!;
    if (change.variable !== variable) continue;
    limit = Math.min(limit, tiles[change.loop]!);
    node = change.around;
  }
  return node < 0 ? m.sizes[variable]! : coordinatesUpTo(s, node, limit);
}
