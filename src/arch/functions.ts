import { baseUnit, type Dimension, isPlain, sameDimension } from '../units.ts';
import { combined, type Formula, formulaOf, isKnown, type Mistake, type Operand } from './operand.ts';

type Operation = {
  readonly arity: number;
  /** Rounding depends on the unit, so it is for plain numbers, bytes and cycles only. */
  readonly takes: 'any' | 'plain' | 'countable';
  readonly apply: (...values: number[]) => number;
};

const functions: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['ceil', { arity: 1, takes: 'countable', apply: Math.ceil }],
  ['floor', { arity: 1, takes: 'countable', apply: Math.floor }],
  ['round', { arity: 1, takes: 'countable', apply: Math.round }],
  ['abs', { arity: 1, takes: 'any', apply: Math.abs }],
  ['min', { arity: 2, takes: 'any', apply: Math.min }],
  ['max', { arity: 2, takes: 'any', apply: Math.max }],
  ['sqrt', { arity: 1, takes: 'plain', apply: Math.sqrt }],
  ['log2', { arity: 1, takes: 'plain', apply: Math.log2 }],
]);

/** The one function of any number of points. */
const interpolation = 'interpolate';

export const functionNames: ReadonlySet<string> = new Set([...functions.keys(), interpolation]);

/** Applies a function, one of `functionNames`. */
export function applyFunction(name: string, operands: readonly Operand[]): Operand | Mistake {
  if (name === interpolation) return interpolate(operands);
  const { arity, takes, apply } = functions.get(name)!;
  const [first, second] = operands as [Operand, Operand | undefined];
  if (operands.length !== arity)
    return {
      code: 'bad-expression',
      message: `"${name}" takes ${arity} value${arity === 1 ? '' : 's'}, but has ${operands.length}`,
    };
  const { dimension } = first;
  if (second !== undefined && !sameDimension(dimension, second.dimension))
    return mismatch(name, dimension, second.dimension);
  if (takes !== 'any' && !isPlain(dimension) && !(takes === 'countable' && isCountable(dimension)))
    return {
      code: 'wrong-dimension',
      message: `"${name}" takes a plain number${takes === 'countable' ? ', bytes or cycles' : ''}, but has one in ${baseUnit(dimension)}`,
    };
  const one = formulaOf(first);
  const two = second === undefined ? undefined : formulaOf(second);
  const run: Formula = two === undefined ? (values) => apply(one(values)) : (values) => apply(one(values), two(values));
  return combined(operands, run, dimension);
}

const isCountable = (dimension: Dimension): boolean => ['B', 'cycle'].includes(baseUnit(dimension));

export const mismatch = (name: string, left: Dimension, right: Dimension): Mistake => ({
  code: 'wrong-dimension',
  message: `"${name}" needs two values of one kind, but one is in ${baseUnit(left) || 'plain numbers'} and the other in ${baseUnit(right) || 'plain numbers'}`,
});

const badPoints = (message: string): Mistake => ({
  code: 'bad-expression',
  message: `"${interpolation}" ${message}`,
  help: `write ${interpolation}(x, x1, y1, x2, y2, ...), as in ${interpolation}(SIZE, 1 MiB, 2 mm^2, 4 MiB, 9 mm^2)`,
});

/**
 * `interpolate(x, x1, y1, x2, y2, ...)`: y at x on the line through the points, straight where both axes are logarithmic.
 * Beyond the first and the last point y goes on in proportion to x. NaN where numbers that come with a run are refused.
 */
function interpolate(operands: readonly Operand[]): Operand | Mistake {
  const [x, ...rest] = operands;
  if (x === undefined || rest.length < 2 || rest.length % 2 === 1)
    return badPoints('takes a value and one or more points');
  const xs = rest.filter((_, i) => i % 2 === 0);
  const ys = rest.filter((_, i) => i % 2 === 1);
  const [y] = ys as [Operand];
  for (const other of xs)
    if (!sameDimension(other.dimension, x.dimension)) return mismatch(interpolation, x.dimension, other.dimension);
  for (const other of ys)
    if (!sameDimension(other.dimension, y.dimension)) return mismatch(interpolation, y.dimension, other.dimension);
  const known = operands.filter(isKnown).map(({ value }) => value);
  if (!known.every((value) => value > 0)) return badPoints('takes values above 0 only');
  if (xs.every(isKnown) && !isRising(xs.map(({ value }) => value))) return badPoints('takes points of rising x');
  return combined(operands, curve(formulaOf(x), xs.map(formulaOf), ys.map(formulaOf)), y.dimension);
}

const isRising = (xs: readonly number[]): boolean => xs.every((x, i) => i === 0 || x > xs[i - 1]!);

function curve(x: Formula, xs: readonly Formula[], ys: readonly Formula[]): Formula {
  const points = { xs: new Float64Array(xs.length), ys: new Float64Array(ys.length) };
  return (values) => {
    const at = x(values);
    for (let i = 0; i < xs.length; i++) {
      points.xs[i] = xs[i]!(values);
      points.ys[i] = ys[i]!(values);
      if (!(points.ys[i]! > 0 && points.xs[i]! > (i === 0 ? 0 : points.xs[i - 1]!))) return Number.NaN;
    }
    return at > 0 ? throughPoints(at, points.xs, points.ys) : Number.NaN;
  };
}

function throughPoints(x: number, xs: Float64Array, ys: Float64Array): number {
  let after = 0;
  while (after < xs.length - 1 && x > xs[after]!) after++;
  const [x1, y1] = [xs[after]!, ys[after]!];
  // At a point, its value to the last bit; beyond the last one or before the first, in proportion.
  if (x >= x1 || after === 0) return y1 * (x / x1);
  const [x0, y0] = [xs[after - 1]!, ys[after - 1]!];
  return y0 * (y1 / y0) ** (Math.log(x / x0) / Math.log(x1 / x0));
}
