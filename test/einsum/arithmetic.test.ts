import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/diagnostic.ts';
import { failure, success } from '../../src/diagnostic.ts';
import {
  type ArithmeticFunction,
  builtInFunctions,
  evaluateArithmetic,
  parseArithmetic,
  printArithmetic,
} from '../../src/einsum/arithmetic.ts';
import type { Arithmetic } from '../../src/einsum/ast.ts';
import { createTokenCursor } from '../../src/einsum/cursor.ts';
import { lex } from '../../src/einsum/lex.ts';

function parse(text: string): Arithmetic {
  const tokens = lex({ name: 'test', text });
  const cursor = createTokenCursor(tokens.ok ? tokens.value : []);
  const value = parseArithmetic(cursor);
  if (value === undefined) throw new Error(cursor.diagnostics.map((d) => d.message).join('; '));
  return value;
}

const sizes = new Map([
  ['M', 1000],
  ['M0', 256],
  ['ZERO', 0],
]);
const codes = (r: Result<number>): unknown => (r.ok ? r.value : r.diagnostics.map((d) => d.code));
const evaluate = (text: string): unknown => codes(evaluateArithmetic(parse(text), sizes));

describe('values', () => {
  test.each([
    ['ceil(M / M0)', 4],
    ['M div M0', 3],
    ['M mod M0', 232],
    ['-7 div 2', -4],
    ['-7 mod 4', 1],
    ['7 mod -4', -1],
    ['2 - 3 - 4', -5],
    ['2 - (3 - 4)', 3],
    ['2 + 3 * 4', 14],
    ['-(2 + 3) * 2', -10],
    ['max(1, M, 3) - min(2, M0) + abs(-3) + floor(3.9)', 1004],
    ['ceil(9007199254740991 / 2)', 4503599627370496],
    ['9007199254740991 mod 2', 1],
  ])('%s is %d', (text, expected) => expect(evaluate(text)).toBe(expected));
});

describe('mistakes', () => {
  test.each([
    ['M / ZERO', ['division-by-zero']],
    ['M div (2 - 2)', ['division-by-zero']],
    ['M mod ZERO', ['division-by-zero']],
    ['N + P', ['unknown-parameter', 'unknown-parameter']],
    ['constructor', ['unknown-parameter']],
    ['sqrt(M)', ['unknown-function']],
    ['toString(M)', ['unknown-function']],
    ['ceil(M, M0)', ['function-arity']],
    ['M * 9007199254740991', ['number-range']],
    ['(M * 9007199254740991) mod 2', ['number-range']],
  ])('%s is %j', (text, expected) => expect(evaluate(text)).toEqual(expected));

  test('an unknown name comes with names that are near', () => {
    const result = evaluateArithmetic(parse('MO'), sizes);
    expect(result.ok ? undefined : result.diagnostics[0]?.help).toContain('"M0"');
  });
});

describe('functions of the caller', () => {
  const functions = new Map<string, ArithmeticFunction>([
    ...builtInFunctions,
    [
      'capacity',
      { of: 'names', arity: 1, evaluate: ([level]) => (level?.name === 'L2' ? success(4096) : failure([])) },
    ],
    ['largest_divisor', { of: 'numbers', arity: 2, evaluate: (n, limit) => (n % limit === 0 ? limit : 1) }],
    ['nothing', { of: 'numbers', arity: 1, evaluate: () => Number.NaN }],
  ]);
  const value = (text: string): unknown => codes(evaluateArithmetic(parse(text), sizes, functions));

  test('see names where they ask for names', () => {
    expect(value('capacity(L2) / 2')).toBe(2048);
    expect(value('capacity(L3)')).toEqual([]);
    expect(value('capacity(2 * L2)')).toEqual(['function-arity']);
  });

  test('see values otherwise', () => expect(value('largest_divisor(M, ceil(9.5))')).toBe(10));

  test('that give no number are reported', () => expect(value('nothing(M)')).toEqual(['number-range']));
});

describe('printing', () => {
  test.each([
    ['((m1)*(M0))+m0', 'm1 * M0 + m0'],
    ['a-(b-c)', 'a - (b - c)'],
    ['(a-b)-c', 'a - b - c'],
    ['a*(b*c)', 'a * (b * c)'],
    ['(a+b)div c', '(a + b) div c'],
    ['-(a+b)', '-(a + b)'],
    ['-a*b', '-a * b'],
    ['-(a*b)', '-(a * b)'],
    ['a - -3', 'a - -3'],
    ['-(3)', '-(3)'],
    ['--a', '--a'],
    ['max( a ,-1)', 'max(a, -1)'],
  ])('%s as %s', (text, expected) => expect(printArithmetic(parse(text))).toBe(expected));
});
