/**
 * Numbers as they follow from each other, before any of them is known: a graph of operations, from which `code.ts`
 * makes a function. What can be computed at once is, and what is the same is there once. All are amounts: none is
 * negative.
 */

/** A number that is known, or one that will be computed. */
export type Value = number | Node;

export type Node = {
  /** After those of its arguments. */
  readonly id: number;
  readonly op: Op;
  readonly args: readonly Value[];
  /** Innermost steps that it depends on; undefined outside of all. */
  readonly inside: Steps | undefined;
  /** Of a sum or a last: the steps. */
  readonly over: Steps | undefined;
  /** Whether it is more than 0 for certain. */
  isPositive: boolean;
};

/**
 * `input`: an open number, by position. `above`: the third argument if the first is more than the second, else the
 * fourth. Of steps: `length` and `times` of those at hand, a `sum` over all, and what the `last` one says.
 */
type Op = 'input' | '+' | '-' | '*' | '/' | 'floor' | 'ceil' | 'max' | 'above' | 'length' | 'times' | 'sum' | 'last';

/** Steps of a loop: the full ones, which are all alike, and then, if its tile does not divide, the one that is left. */
export type Steps = {
  readonly id: number;
  readonly depth: number;
  readonly around: Steps | undefined;
  readonly tile: Value;
  readonly full: Value;
  readonly left: Value;
};

/** A loop as the inside sees it. */
export type Run = {
  /** Undefined if there are full steps only. */
  readonly steps: Steps | undefined;
  /** Coordinates of the steps at hand. */
  readonly length: Value;
  /** A value added up over all steps. */
  readonly sum: (value: Value) => Value;
  /** A value at the last step. */
  readonly last: (value: Value) => Value;
};

export type Graph = {
  /** An open number by position; `isPositive`: it is never 0. */
  readonly input: (position: number, isPositive?: boolean) => Value;
  readonly add: (a: Value, b: Value) => Value;
  readonly subtract: (a: Value, b: Value) => Value;
  readonly multiply: (a: Value, b: Value) => Value;
  readonly divide: (a: Value, b: Value) => Value;
  readonly floor: (a: Value) => Value;
  readonly ceil: (a: Value) => Value;
  readonly max: (a: Value, b: Value) => Value;
  readonly min: (a: Value, b: Value) => Value;
  /** `yes` if `a` is more than `b`, else `no`. */
  readonly ifAbove: (a: Value, b: Value, yes: Value, no: Value) => Value;
  /** A value of which more is known than what it is made of says: that it is never 0. */
  readonly positive: (a: Value) => Value;
  /** Steps of a tile over an extent, inside those around. */
  readonly run: (extent: Value, tile: Value, around: Steps | undefined) => Run;
};

const isPositive = (v: Value): boolean => (typeof v === 'number' ? v > 0 : v.isPositive);
const insideOf = (v: Value): Steps | undefined => (typeof v === 'number' ? undefined : v.inside);
const deeper = (a: Steps | undefined, b: Steps | undefined): Steps | undefined =>
  (a?.depth ?? 0) < (b?.depth ?? 0) ? b : a;

/**
 * Whether a value is no less than another, whatever the numbers are: it is more of it, or the most of it and others.
 * `others`: those that are known not to be.
 */
function covers(a: Value, b: Value, others?: Set<Value>): boolean {
  if (a === b || b === 0) return true;
  if (typeof a === 'number' || typeof b === 'number') return false;
  if (b.op === 'above' && covers(a, b.args[2]!) && covers(a, b.args[3]!)) return true;
  if (a.id < b.id || (a.op !== '+' && a.op !== 'max') || others?.has(a) === true) return false;
  const seen = others ?? new Set();
  seen.add(a);
  return a.args.some((arg) => covers(arg, b, seen));
}

export function createGraph(): Graph {
  const nodes = new Map<string, Node>();
  let loops = 0;

  const nodeOf = (
    op: Op,
    args: readonly Value[],
    positive: boolean,
    of?: Partial<Pick<Node, 'inside' | 'over'>>,
  ): Node => {
    let name: string = op;
    for (const a of args) name += typeof a === 'number' ? ` =${a}` : ` ${a.id}`;
    if (of !== undefined) name += ` of ${(of.over ?? of.inside)?.id}`;
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const inside = of === undefined ? args.map(insideOf).reduce(deeper, undefined) : of.inside;
    const node: Node = { id: nodes.size, op, args, inside, over: of?.over, isPositive: positive };
    nodes.set(name, node);
    return node;
  };
  /** The same whichever comes first. */
  const sorted = (a: Value, b: Value): readonly [Value, Value] =>
    typeof a === 'number' || (typeof b !== 'number' && a.id <= b.id) ? [a, b] : [b, a];

  const add = (a: Value, b: Value): Value => {
    if (typeof a === 'number' && typeof b === 'number') return a + b;
    if (a === 0) return b;
    return b === 0 ? a : nodeOf('+', sorted(a, b), isPositive(a) || isPositive(b));
  };
  const subtract = (a: Value, b: Value): Value => {
    if (a === b) return 0;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return b === 0 ? a : nodeOf('-', [a, b], false);
  };
  const multiply = (a: Value, b: Value): Value => {
    if (typeof a === 'number' && typeof b === 'number') return a * b;
    if (a === 0 || b === 0) return 0;
    if (a === 1) return b;
    if (b === 1) return a;
    const [first, second] = sorted(a, b);
    // Known factors are one.
    if (
      typeof second !== 'number' &&
      second.op === '*' &&
      typeof first === 'number' &&
      typeof second.args[0] === 'number'
    )
      return multiply(first * second.args[0], second.args[1]!);
    return nodeOf('*', [first, second], isPositive(a) && isPositive(b));
  };
  const divide = (a: Value, b: Value): Value => {
    if (a === b) return 1;
    if (typeof a === 'number' && typeof b === 'number') return a / b;
    if (typeof b === 'number' && Number.isInteger(Math.log2(b))) return multiply(1 / b, a);
    return a === 0 ? 0 : nodeOf('/', [a, b], isPositive(a) && isPositive(b));
  };
  const floor = (a: Value): Value => (typeof a === 'number' ? Math.floor(a) : nodeOf('floor', [a], false));
  const ceil = (a: Value): Value => (typeof a === 'number' ? Math.ceil(a) : nodeOf('ceil', [a], a.isPositive));
  const max = (a: Value, b: Value): Value => {
    if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
    if (covers(a, b)) return a;
    return covers(b, a) ? b : nodeOf('max', sorted(a, b), isPositive(a) || isPositive(b));
  };
  const ifAbove = (a: Value, b: Value, yes: Value, no: Value): Value => {
    if (yes === no || (b === 0 && isPositive(a))) return yes;
    if (typeof a === 'number' && typeof b === 'number') return a > b ? yes : no;
    return covers(b, a) ? no : nodeOf('above', [a, b, yes, no], isPositive(yes) && isPositive(no));
  };
  const min = (a: Value, b: Value): Value => ifAbove(a, b, b, a);

  const positive = (a: Value): Value => {
    if (typeof a !== 'number') a.isPositive = true;
    return a;
  };

  const run = (extent: Value, tile: Value, around: Steps | undefined): Run => {
    // A loop that is longer than what it divides has one step over all of it.
    const length = min(tile, extent);
    const full = floor(divide(extent, length));
    const left = subtract(extent, multiply(full, length));
    if (left === 0) return { steps: around, length, sum: (value) => multiply(full, value), last: (value) => value };
    const steps: Steps = { id: loops++, depth: (around?.depth ?? 0) + 1, around, tile: length, full, left };
    const times = nodeOf('times', [], true, { inside: steps });
    const count = ceil(divide(extent, length));
    const isInside = (value: Value): boolean => deeper(around, insideOf(value)) !== around;
    return {
      steps,
      length: nodeOf('length', [], true, { inside: steps }),
      sum: (value) =>
        isInside(value)
          ? nodeOf('sum', [multiply(times, value)], isPositive(value), { inside: around, over: steps })
          : multiply(count, value),
      last: (value) =>
        isInside(value) ? nodeOf('last', [value], isPositive(value), { inside: around, over: steps }) : value,
    };
  };
  return {
    input: (position, positive = true) => nodeOf('input', [position], positive),
    add,
    subtract,
    multiply,
    divide,
    floor,
    ceil,
    max,
    min,
    ifAbove,
    positive,
    run,
  };
}
