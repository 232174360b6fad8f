import { diagnostic } from '../diagnostic.ts';
import { spanning } from '../source.ts';
import { parseArithmetic } from './arithmetic.ts';
import type { Arithmetic, Expression, TensorAccess } from './ast.ts';
import { type TokenCursor, tooDeep } from './cursor.ts';
import { partTooDeep } from './depth.ts';
import type { Token } from './lex.ts';
import { infixOperators } from './operators.ts';
import { atSelection } from './selection.ts';
import { reservedWords } from './words.ts';

function parseChain(
  cursor: TokenCursor,
  symbols: ReadonlySet<string>,
  operand: (cursor: TokenCursor) => Expression | undefined,
): Expression | undefined {
  let left = operand(cursor);
  while (left !== undefined && symbols.has(cursor.peek().text)) {
    const symbol = cursor.next().text;
    const right = operand(cursor);
    if (right === undefined) return undefined;
    const operator = infixOperators.get(symbol) ?? symbol;
    left = { kind: 'map', operator, operands: [left, right], span: spanning(left.span, right.span) };
  }
  return left;
}

const additive: ReadonlySet<string> = new Set(['+', '-']);
const multiplicative: ReadonlySet<string> = new Set(['*', '/']);
const parseSum = (cursor: TokenCursor): Expression | undefined => parseChain(cursor, additive, parseProduct);
const parseProduct = (cursor: TokenCursor): Expression | undefined => parseChain(cursor, multiplicative, parseSigned);

function parseSigned(cursor: TokenCursor): Expression | undefined {
  const minus = cursor.accept('-');
  if (minus === undefined) return parsePrimary(cursor);
  if (isLiteral(cursor.peek())) return parseConstant(cursor, minus);
  const operand = cursor.nested(() => parseSigned(cursor));
  return operand && { kind: 'map', operator: 'neg', operands: [operand], span: spanning(minus.span, operand.span) };
}

const isLiteral = (token: Token): boolean => token.kind === 'number' || (token.kind === 'name' && token.text === 'inf');

function parseConstant(cursor: TokenCursor, minus: Token | undefined): Expression | undefined {
  const token = cursor.next();
  const magnitude = token.text === 'inf' ? Infinity : Number(token.text);
  const span = minus === undefined ? token.span : spanning(minus.span, token.span);
  if (token.text !== 'inf' && magnitude === Infinity)
    return cursor.report(
      diagnostic('number-range', `${token.text} is beyond the largest float64 (1.8e308)`, span, { help: 'write inf' }),
    );
  return { kind: 'constant', value: minus === undefined ? magnitude : -magnitude, span };
}

function parsePrimary(cursor: TokenCursor): Expression | undefined {
  const token = cursor.peek();
  if (isLiteral(token)) return parseConstant(cursor, undefined);
  const open = cursor.accept('(');
  if (open !== undefined) {
    const inner = cursor.nested(() => parseSum(cursor));
    const close = inner && cursor.expect(')', open);
    return inner && close && { ...inner, span: spanning(open.span, close.span) };
  }
  // `div(a, b)` is a quotient of values; the word `div` between sizes is not used here.
  const usable = !reservedWords.has(token.text) || (token.text === 'div' && cursor.peek(1).text === '(');
  if (atSelection(cursor))
    return cursor.report(
      diagnostic('syntax', `"${token.text}(...)" selects, and can only stand right after "="`, token.span, {
        help: 'write an Einsum of its own for it, and read that',
      }),
    );
  if (token.kind !== 'name' || !usable) return cursor.fail('a tensor access, a constant, an operator or "("');
  if (cursor.peek(1).text === '(') return parseMap(cursor);
  if (cursor.peek(1).text === '[') return parseAccess(cursor);
  return cursor.report(
    diagnostic('syntax', `"${token.text}" stands alone: a tensor is read with its indices`, token.span, {
      help: `write ${token.text}[...], with ${token.text}[] for a tensor of no ranks; sizes and index variables are no values`,
    }),
  );
}

/** True before `max(m0, m1)`: what is in the brackets is names alone, which no map has. */
export function atReduction(cursor: TokenCursor): boolean {
  if (cursor.peek(1).text !== '(') return false;
  const isName = (token: Token): boolean => token.kind === 'name' && !reservedWords.has(token.text);
  for (let i = 2; isName(cursor.peek(i)); i += 2) {
    const after = cursor.peek(i + 1);
    if (after.text === ')') return true;
    if (after.text !== ',') return false;
  }
  return false;
}

function parseMap(cursor: TokenCursor): Expression | undefined {
  if (atReduction(cursor)) {
    const { text, span } = cursor.peek();
    return cursor.report(
      diagnostic('syntax', `"${text}(...)" of index variables reduces, and can only stand right after "="`, span, {
        help: `write an Einsum of its own for it, or ${text}(A[...], B[...]) for a map`,
      }),
    );
  }
  const name = cursor.next();
  const open = cursor.next();
  const operands: Expression[] = [];
  do {
    const operand = cursor.nested(() => parseSum(cursor));
    if (operand === undefined) return undefined;
    operands.push(operand);
  } while (cursor.accept(',') !== undefined);
  const close = cursor.expect(')', open);
  return close && { kind: 'map', operator: name.text, operands, span: spanning(name.span, close.span) };
}

/** Reads `K[b, h div G, m1*M0+m0, e]`. */
export function parseAccess(cursor: TokenCursor): TensorAccess | undefined {
  const name = cursor.expectName('a tensor');
  const open = name && cursor.expect('[');
  if (name === undefined || open === undefined) return undefined;
  const indices: Arithmetic[] = [];
  while (!cursor.at(']')) {
    const index = parseArithmetic(cursor);
    if (index === undefined) return undefined;
    indices.push(index);
    if (cursor.accept(',') === undefined) break;
  }
  const close = cursor.expect(']', open);
  if (close === undefined) return undefined;
  return { kind: 'access', tensor: name.text, indices, nameSpan: name.span, span: spanning(name.span, close.span) };
}

/** Reads a map expression; operators written infix get their canonical names. */
export function parseExpression(cursor: TokenCursor): Expression | undefined {
  const value = parseSum(cursor);
  const deep = value && partTooDeep(value);
  return deep === undefined ? value : cursor.report(tooDeep(deep));
}
