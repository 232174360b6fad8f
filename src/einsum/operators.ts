import type { Name } from './ast.ts';

/** A map operator and, if it has an identity, a reduce operator. Values are float64. */
export type Operator = {
  readonly arity: 1 | 2;
  /** Present if the operator is associative and commutative: what a reduction of no points would be. */
  readonly identity?: number;
  readonly evaluate: (a: number, b: number) => number;
};

const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));

/**
 * Gaussian error function by its Maclaurin series (|x| < 3) and its continued fraction (beyond);
 * Abramowitz and Stegun, 7.1.5 and 7.1.14. Relative error below 1e-13.
 */
function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 3) {
    let term = magnitude;
    let sum = magnitude;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= -(magnitude * magnitude) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = magnitude;
  for (let n = 60; n > 0; n--) fraction = magnitude + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-magnitude * magnitude) / (Math.sqrt(Math.PI) * fraction));
}

/** By canonical name, which is also the name in operation counts and hardware specs. */
export const operators: ReadonlyMap<Name, Operator> = new Map<Name, Operator>([
  ['add', { arity: 2, identity: 0, evaluate: (a, b) => a + b }],
  ['sub', { arity: 2, evaluate: (a, b) => a - b }],
  ['mul', { arity: 2, identity: 1, evaluate: (a, b) => a * b }],
  ['div', { arity: 2, evaluate: (a, b) => a / b }],
  ['max', { arity: 2, identity: -Infinity, evaluate: Math.max }],
  ['min', { arity: 2, identity: Infinity, evaluate: Math.min }],
  ['any', { arity: 2, identity: 0, evaluate: (a, b) => (a !== 0 || b !== 0 ? 1 : 0) }],
  ['pow', { arity: 2, evaluate: Math.pow }],
  // Its first operand where that exists, else its second.
  ['first', { arity: 2, evaluate: (a) => a }],
  ['neg', { arity: 1, evaluate: (a) => -a }],
  ['abs', { arity: 1, evaluate: Math.abs }],
  ['square', { arity: 1, evaluate: (a) => a * a }],
  ['reciprocal', { arity: 1, evaluate: (a) => 1 / a }],
  ['sqrt', { arity: 1, evaluate: Math.sqrt }],
  ['rsqrt', { arity: 1, evaluate: (a) => 1 / Math.sqrt(a) }],
  ['exp', { arity: 1, evaluate: Math.exp }],
  ['exp2', { arity: 1, evaluate: (a) => 2 ** a }],
  ['log', { arity: 1, evaluate: Math.log }],
  ['sigmoid', { arity: 1, evaluate: sigmoid }],
  ['tanh', { arity: 1, evaluate: Math.tanh }],
  ['relu', { arity: 1, evaluate: (a) => Math.max(a, 0) }],
  // Hendrycks and Gimpel, arXiv 1606.08415: x times the normal distribution function of x.
  ['gelu', { arity: 1, evaluate: (a) => (a / 2) * (1 + erf(a / Math.SQRT2)) }],
  ['silu', { arity: 1, evaluate: (a) => a * sigmoid(a) }],
]);

/** Infix operators of an expression. */
export const infixOperators: ReadonlyMap<string, Name> = new Map([
  ['+', 'add'],
  ['-', 'sub'],
  ['*', 'mul'],
  ['/', 'div'],
]);

/** How a reduction may be spelled besides its canonical name; the first spelling is the one that is printed. */
export const reductionWords: ReadonlyMap<string, Name> = new Map([
  ['sum', 'add'],
  ['prod', 'mul'],
  ['+', 'add'],
  ['*', 'mul'],
]);

/** The spelling of a reduce operator: `sum` for `add`. */
export const reductionWord = (operator: Name): string =>
  [...reductionWords].find(([, name]) => name === operator)?.[0] ?? operator;
