import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Span, spanning } from '../source.ts';
import type { Arithmetic, Name } from './ast.ts';
import { type TokenCursor, tooDeep } from './cursor.ts';
import { partTooDeep } from './depth.ts';
import type { Token } from './lex.ts';
import { reservedWords } from './words.ts';

/** Integers up to here are exact in a float64. */
const maxInteger = Number.MAX_SAFE_INTEGER;

const additive: ReadonlySet<string> = new Set(['+', '-']);
const multiplicative: ReadonlySet<string> = new Set(['*', '/', 'div', 'mod']);

// Parsing

/** Left-associative chain of binary operators. */
function parseChain(
  cursor: TokenCursor,
  operators: ReadonlySet<string>,
  operand: (cursor: TokenCursor) => Arithmetic | undefined,
): Arithmetic | undefined {
  let left = operand(cursor);
  while (left !== undefined && operators.has(cursor.peek().text)) {
    const operator = cursor.next().text;
    const right = operand(cursor);
    if (right === undefined) return undefined;
    left = { kind: 'call', operator, operands: [left, right], span: spanning(left.span, right.span) };
  }
  return left;
}

const parseSum = (cursor: TokenCursor): Arithmetic | undefined => parseChain(cursor, additive, parseProduct);
const parseProduct = (cursor: TokenCursor): Arithmetic | undefined => parseChain(cursor, multiplicative, parseSigned);

function parseSigned(cursor: TokenCursor): Arithmetic | undefined {
  const minus = cursor.accept('-');
  if (minus === undefined) return parsePrimary(cursor);
  if (cursor.peek().kind === 'number') return parseNumber(cursor, minus);
  const operand = cursor.nested(() => parseSigned(cursor));
  if (operand === undefined) return undefined;
  return { kind: 'call', operator: '-', operands: [operand], span: spanning(minus.span, operand.span) };
}

function parseNumber(cursor: TokenCursor, minus: Token | undefined): Arithmetic | undefined {
  const token = cursor.next();
  const value = Number(token.text);
  const span = minus === undefined ? token.span : spanning(minus.span, token.span);
  if (value > maxInteger) return cursor.report(outOfRange(token.text, span));
  return { kind: 'number', value: minus === undefined ? value : -value, span };
}

function parsePrimary(cursor: TokenCursor): Arithmetic | undefined {
  const token = cursor.peek();
  if (token.kind === 'number') return parseNumber(cursor, undefined);
  const open = cursor.accept('(');
  if (open !== undefined) {
    const inner = cursor.nested(() => parseSum(cursor));
    const close = inner && cursor.expect(')', open);
    return inner && close && { ...inner, span: spanning(open.span, close.span) };
  }
  if (token.kind !== 'name' || reservedWords.has(token.text)) return cursor.fail('a number, a name or "("');
  cursor.next();
  if (cursor.at('(')) return parseCall(cursor, token);
  if (cursor.at('['))
    return cursor.report(
      diagnostic(
        'syntax',
        `"${token.text}[...]" reads a tensor, which indices, filters and sizes cannot do`,
        token.span,
      ),
    );
  return { kind: 'name', name: token.text, span: token.span };
}

function parseCall(cursor: TokenCursor, name: Token): Arithmetic | undefined {
  const open = cursor.next();
  const operands: Arithmetic[] = [];
  do {
    const operand = cursor.nested(() => parseSum(cursor));
    if (operand === undefined) return undefined;
    operands.push(operand);
  } while (cursor.accept(',') !== undefined);
  const close = cursor.expect(')', open);
  return close && { kind: 'call', operator: name.text, operands, span: spanning(name.span, close.span) };
}

/**
 * Reads a sum; stops before the first token that cannot go on with it. A minus sign before a literal
 * belongs to the number; elsewhere it is a call of `-` with one operand.
 */
export function parseArithmetic(cursor: TokenCursor): Arithmetic | undefined {
  const value = parseSum(cursor);
  const deep = value && partTooDeep(value);
  return deep === undefined ? value : cursor.report(tooDeep(deep));
}

// Printing

type Strength = 'sum' | 'product' | 'signed' | 'primary';
const strengths: readonly Strength[] = ['sum', 'product', 'signed', 'primary'];

export const isInfix = (a: Arithmetic & { kind: 'call' }): boolean =>
  a.operands.length === 2 && (additive.has(a.operator) || multiplicative.has(a.operator));

function strengthOf(a: Arithmetic): Strength {
  if (a.kind === 'number') return a.value < 0 || Object.is(a.value, -0) ? 'signed' : 'primary';
  if (a.kind === 'name') return 'primary';
  if (isInfix(a)) return additive.has(a.operator) ? 'sum' : 'product';
  return a.operator === '-' ? 'signed' : 'primary';
}

function printAtLeast(a: Arithmetic, least: Strength): string {
  const text = printArithmetic(a);
  return strengths.indexOf(strengthOf(a)) >= strengths.indexOf(least) ? text : `(${text})`;
}

/** Fewest brackets that keep the tree: `a - (b - c)`, but `a - b - c`. */
export function printArithmetic(a: Arithmetic): string {
  if (a.kind === 'number') return Object.is(a.value, -0) ? '-0' : String(a.value);
  if (a.kind === 'name') return a.name;
  const [first, second] = a.operands;
  if (first !== undefined && second !== undefined && isInfix(a)) {
    const [left, right]: [Strength, Strength] = additive.has(a.operator) ? ['sum', 'product'] : ['product', 'signed'];
    return `${printAtLeast(first, left)} ${a.operator} ${printAtLeast(second, right)}`;
  }
  if (a.operator === '-' && first !== undefined)
    return first.kind === 'number' ? `-(${printArithmetic(first)})` : `-${printAtLeast(first, 'signed')}`;
  return `${a.operator}(${a.operands.map(printArithmetic).join(', ')})`;
}

// Evaluating

/**
 * A function that arithmetic may call. One of numbers gets the values of its operands. One of names
 * gets the names as written, such as the level in `capacity(GlobalBuffer)`, and can refuse them.
 * An arity left out allows one operand or more.
 */
export type ArithmeticFunction =
  | { readonly of: 'numbers'; readonly arity?: number; readonly evaluate: (...operands: number[]) => number }
  | {
      readonly of: 'names';
      readonly arity?: number;
      readonly evaluate: (names: readonly { readonly name: Name; readonly span: Span }[]) => Result<number>;
    };

/** The value at a position, counted from 0; the first before all positions, the last beyond them. */
const choose = (position: number, ...values: readonly number[]): number =>
  values[Math.max(0, Math.min(values.length - 1, Math.floor(position)))] ?? Number.NaN;

export const builtInFunctions: ReadonlyMap<Name, ArithmeticFunction> = new Map<Name, ArithmeticFunction>([
  ['ceil', { of: 'numbers', arity: 1, evaluate: Math.ceil }],
  ['floor', { of: 'numbers', arity: 1, evaluate: Math.floor }],
  ['abs', { of: 'numbers', arity: 1, evaluate: Math.abs }],
  ['min', { of: 'numbers', evaluate: Math.min }],
  ['max', { of: 'numbers', evaluate: Math.max }],
  ['choose', { of: 'numbers', evaluate: choose }],
]);

/** Values by name; the keys are what a diagnostic suggests. Any map of numbers is one. */
export type Scope = Pick<ReadonlyMap<Name, number>, 'get' | 'keys'>;

function outOfRange(shown: string, at: Span): Diagnostic {
  return diagnostic(
    'number-range',
    `${shown} is beyond ${maxInteger} (2^53 - 1), the last integer that is sure to be exact`,
    at,
  );
}

/** Both quotients are exact for integers up to 2^53: no integer lies between the true and the rounded one. */
function infix(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case 'div':
      return Math.floor(a / b);
    default:
      return a - b * Math.floor(a / b);
  }
}

export const isDivision = (operator: Name): boolean => operator !== '*' && multiplicative.has(operator);

/** For a quotient whose divisor has the value 0. */
export function divisionByZero(quotient: Arithmetic & { kind: 'call' }): Diagnostic {
  const divisor = quotient.operands[1];
  const because = divisor === undefined || divisor.kind === 'number' ? '' : `: "${printArithmetic(divisor)}" is 0`;
  return diagnostic('division-by-zero', `"${printArithmetic(quotient)}" divides by zero${because}`, quotient.span);
}

/** Why a call cannot be evaluated whatever its operands are: an unknown function or a wrong number of operands. */
export function callMistake(
  call: Arithmetic & { kind: 'call' },
  functions: ReadonlyMap<Name, ArithmeticFunction> = builtInFunctions,
): Diagnostic | undefined {
  if (isInfix(call) || (call.operator === '-' && call.operands.length === 1)) return undefined;
  const found = functions.get(call.operator);
  if (found === undefined)
    return diagnostic('unknown-function', `there is no function "${call.operator}"`, call.span, {
      help: didYouMean(call.operator, functions.keys()),
    });
  if (found.arity === undefined || found.arity === call.operands.length) return undefined;
  const needs = `${found.arity} ${found.arity === 1 ? 'operand' : 'operands'}`;
  return diagnostic(
    'function-arity',
    `"${call.operator}" takes ${needs}, but is given ${call.operands.length}`,
    call.span,
  );
}

function callFunction(
  call: Arithmetic & { kind: 'call' },
  found: ArithmeticFunction & { of: 'names' },
): Result<number> {
  const names = call.operands.filter((o) => o.kind === 'name');
  const other = call.operands.find((o) => o.kind !== 'name');
  if (other === undefined) return found.evaluate(names);
  return failure([diagnostic('function-arity', `"${call.operator}" takes names, not values`, other.span)]);
}

/**
 * Value of an expression. `/` divides reals; `div` and `mod` round to minus infinity. The result need
 * not be an integer: a caller that needs one rounds or refuses.
 *
 * Errors: `unknown-parameter`, `unknown-function`, `function-arity`, `division-by-zero`, and
 * `number-range` if any intermediate value is not finite or beyond 2^53.
 */
export function evaluateArithmetic(
  a: Arithmetic,
  scope: Scope,
  functions: ReadonlyMap<Name, ArithmeticFunction> = builtInFunctions,
): Result<number> {
  if (a.kind === 'number') return success(a.value);
  if (a.kind === 'name') {
    const value = scope.get(a.name);
    if (value !== undefined) return success(value);
    const help = didYouMean(a.name, scope.keys());
    return failure([diagnostic('unknown-parameter', `"${a.name}" is not known here`, a.span, { help })]);
  }
  const mistake = callMistake(a, functions);
  if (mistake !== undefined) return failure([mistake]);
  const called = functions.get(a.operator);
  if (called?.of === 'names') return callFunction(a, called);

  const operands = a.operands.map((operand) => evaluateArithmetic(operand, scope, functions));
  const failed = operands.flatMap((o) => (o.ok ? [] : o.diagnostics));
  if (failed.length > 0) return failure(failed);
  const values = operands.flatMap((o) => (o.ok ? [o.value] : []));
  const [first = 0, second = 0] = values;
  if (isInfix(a) && second === 0 && isDivision(a.operator)) return failure([divisionByZero(a)]);
  const value = called ? called.evaluate(...values) : values.length === 1 ? -first : infix(a.operator, first, second);
  if (!(Math.abs(value) <= maxInteger)) return failure([outOfRange(`"${printArithmetic(a)}" = ${value}`, a.span)]);
  return success(value);
}
