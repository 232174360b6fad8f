import { axesOf, combinations } from './axis-tree.ts';
import type { AxisTree, Interval, Sampling } from './experiment.ts';
import { turn, type Wheel, wheelsOf } from './grid.ts';
import { valueIn } from './interval.ts';
import { permuted } from './permutation.ts';
import { randomShare } from './philox.ts';
import { directionNumbers, sobolCoordinate } from './sobol.ts';

type Drawn = Exclude<Sampling, { readonly method: 'grid' }>;

/** What one coordinate of a point decides: where it is in an interval, or which combination it has of some axes. */
type Draw =
  | { readonly position: number; readonly interval: Interval }
  | { readonly wheels: readonly Wheel[]; readonly count: number };

/** Draws the values of the axes of a point, which depend on the seed and the point's number alone. */
export function openSample(axes: AxisTree, sampling: Drawn): (point: number, into: Float64Array) => void {
  const draws = drawsOf(axes, 0);
  const share = shares[sampling.method](sampling, draws.length);
  return (point, into) => {
    for (let i = 0; i < draws.length; i++) {
      const draw = draws[i]!;
      const at = share(point, i);
      if ('interval' in draw) into[draw.position] = valueIn(draw.interval, at);
      else turn(draw.wheels, Math.min(Math.floor(at * draw.count), draw.count - 1), into);
    }
  };
}

/** Axes of a product are drawn apart, those of a zip together. */
function drawsOf(tree: AxisTree, position: number): readonly Draw[] {
  if (tree.kind === 'product') {
    const draws: Draw[] = [];
    let next = position;
    for (const part of tree.parts) {
      draws.push(...drawsOf(part, next));
      next += axesOf(part).length;
    }
    return draws;
  }
  const values = tree.kind === 'axis' ? tree.axis.values : undefined;
  if (values?.kind === 'numbers' && values.interval !== undefined) return [{ position, interval: values.interval }];
  return [{ wheels: wheelsOf(tree, position), count: combinations(tree) }];
}

/** A coordinate of a point, in [0, 1). */
type Share = (point: number, dimension: number) => number;

/** The counter of what belongs to a whole dimension; no point has it. */
const wholeDimension = 0xffffffff;

const shares = {
  random:
    ({ seed }: Drawn): Share =>
    (point, dimension) =>
      randomShare(seed, point, dimension),

  /** Each of as many strata as there are points has one of them, at a random place. */
  'latin-hypercube': ({ seed, points }: Drawn, dimensions: number): Share => {
    const keys = keysOf(seed, dimensions);
    return (point, dimension) => {
      const stratum = permuted(point, points, keys[dimension]!);
      return (stratum + insideStratum(randomShare(seed, point, dimension))) / points;
    };
  },

  /** Shifted digit by digit, which keeps how evenly points are spread. */
  sobol: ({ seed }: Drawn, dimensions: number): Share => {
    const shifts = keysOf(seed, dimensions);
    const numbers = Array.from({ length: dimensions }, (_, dimension) => directionNumbers(dimension));
    return (point, dimension) => ((sobolCoordinate(numbers[dimension]!, point) ^ shifts[dimension]!) >>> 0) / 2 ** 32;
  },
};

const keysOf = (seed: number, dimensions: number): Int32Array =>
  Int32Array.from({ length: dimensions }, (_, dimension) => randomShare(seed, wholeDimension, dimension) * 2 ** 32);

const places = 2 ** 20;

/** One of a million places, none at an edge, where rounding could bring it into the next stratum. */
const insideStratum = (share: number): number => (Math.floor(share * places) + 0.5) / places;
