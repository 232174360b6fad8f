import type { Span } from '../source.ts';
import { type ArithmeticFunction, callMistake, isDivision, isInfix } from './arithmetic.ts';
import type { Arithmetic, Name } from './ast.ts';

/** A value that is worked out anew at each call; NaN where `evaluateArithmetic` has an error to tell. */
export type Formula = () => number;

const nothing: Formula = () => Number.NaN;

/** A function of names, such as `capacity(L2)`. */
export type Call = { readonly operator: Name; readonly names: readonly { readonly name: Name; readonly span: Span }[] };

/**
 * An expression as a function, for those that are worked out many times with other numbers: `positionOf` says where in
 * `values` a name has its number; undefined: nowhere. `ask` has the answers to functions of names.
 */
export function compileArithmetic(
  a: Arithmetic,
  values: Float64Array,
  positionOf: (name: Name) => number | undefined,
  functions: ReadonlyMap<Name, ArithmeticFunction>,
  ask: (call: Call) => Formula,
): Formula {
  if (a.kind === 'number') return () => a.value;
  if (a.kind === 'name') {
    const at = positionOf(a.name);
    return at === undefined ? nothing : () => values[at]!;
  }
  if (callMistake(a, functions) !== undefined) return nothing;
  const called = functions.get(a.operator);
  if (called?.of === 'names') {
    const names = a.operands.flatMap((o) => (o.kind === 'name' ? [o] : []));
    return names.length === a.operands.length ? ask({ operator: a.operator, names }) : nothing;
  }
  const operands = a.operands.map((o) => compileArithmetic(o, values, positionOf, functions, ask));
  return bounded(called === undefined ? operation(a, operands) : call(called.evaluate, operands));
}

/** Integers beyond 2^53 are not exact, and what is not finite is no number. */
const bounded =
  (formula: Formula): Formula =>
  () => {
    const value = formula();
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
  };

function call(evaluate: (...operands: number[]) => number, operands: readonly Formula[]): Formula {
  const [first, second] = operands as [Formula, Formula];
  if (operands.length === 1) return () => evaluate(first());
  if (operands.length === 2) return () => evaluate(first(), second());
  return () => evaluate(...operands.map((o) => o()));
}

function operation(a: Arithmetic & { kind: 'call' }, operands: readonly Formula[]): Formula {
  const [left, right] = operands as [Formula, Formula];
  if (!isInfix(a)) return () => -left();
  if (isDivision(a.operator)) {
    const divide = divisions[a.operator]!;
    return () => {
      const divisor = right();
      return divisor === 0 ? Number.NaN : divide(left(), divisor);
    };
  }
  if (a.operator === '+') return () => left() + right();
  if (a.operator === '*') return () => left() * right();
  return () => left() - right();
}

const divisions: Readonly<Record<string, (a: number, b: number) => number>> = {
  '/': (a, b) => a / b,
  div: (a, b) => Math.floor(a / b),
  mod: (a, b) => a - b * Math.floor(a / b),
};
