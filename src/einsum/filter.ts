import { diagnostic } from '../diagnostic.ts';
import { spanning } from '../source.ts';
import { parseArithmetic, printArithmetic } from './arithmetic.ts';
import type { Filter } from './ast.ts';
import { type TokenCursor, tooDeep } from './cursor.ts';
import { partTooDeep } from './depth.ts';
import { parseAccess } from './expression.ts';

type Comparison = Extract<Filter, { kind: 'compare' }>['operator'];

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);
const isComparison = (text: string): text is Comparison => comparisons.has(text);

function parseChain(
  cursor: TokenCursor,
  kind: 'and' | 'or',
  operand: (cursor: TokenCursor) => Filter | undefined,
): Filter | undefined {
  const first = operand(cursor);
  if (first === undefined || !cursor.at(kind)) return first;
  const operands = [first];
  while (cursor.accept(kind) !== undefined) {
    const next = operand(cursor);
    if (next === undefined) return undefined;
    operands.push(next);
  }
  return { kind, operands, span: spanning(first.span, operands.at(-1)!.span) };
}

const parseOr = (cursor: TokenCursor): Filter | undefined => parseChain(cursor, 'or', parseAnd);
const parseAnd = (cursor: TokenCursor): Filter | undefined => parseChain(cursor, 'and', parseNot);

function parseNot(cursor: TokenCursor): Filter | undefined {
  const not = cursor.accept('not');
  if (not !== undefined) {
    const operand = cursor.nested(() => parseNot(cursor));
    return operand && { kind: 'not', operand, span: spanning(not.span, operand.span) };
  }
  if (atFilterInBrackets(cursor)) return parseBrackets(cursor);
  return cursor.peek().kind === 'name' && cursor.peek(1).text === '[' ? parseExists(cursor) : parseComparison(cursor);
}

/** `(` may open a filter or the arithmetic of a comparison; only the former has a comparison inside. */
function atFilterInBrackets(cursor: TokenCursor): boolean {
  if (!cursor.at('(')) return false;
  let depth = 0;
  for (let i = 0; ; i++) {
    const token = cursor.peek(i);
    if (token.kind === 'end' || token.kind === 'newline') return false;
    // Arithmetic reads no tensor.
    if (isComparison(token.text) || token.text === 'not' || token.text === '[') return true;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return false;
  }
}

function parseBrackets(cursor: TokenCursor): Filter | undefined {
  const open = cursor.next();
  const inner = cursor.nested(() => parseOr(cursor));
  const close = inner && cursor.expect(')', open);
  return inner && close && { ...inner, span: spanning(open.span, close.span) };
}

/** `TK[l, m]`: an element that is there. */
function parseExists(cursor: TokenCursor): Filter | undefined {
  const access = parseAccess(cursor);
  if (access === undefined) return undefined;
  const { text, span } = cursor.peek();
  if (!isComparison(text)) return { kind: 'exists', access, span: access.span };
  return cursor.report(
    diagnostic('syntax', `a filter asks whether "${access.tensor}" has an element, not what its value is`, span, {
      help: `select the elements first, in an Einsum such as G[...] = below(0.1) ${access.tensor}[...], and write where G[...]`,
    }),
  );
}

function parseComparison(cursor: TokenCursor): Filter | undefined {
  const left = parseArithmetic(cursor);
  if (left === undefined) return undefined;
  const { text } = cursor.peek();
  if (!isComparison(text))
    return cursor.fail('a comparison (< <= > >= == !=)', text === '=' ? 'write == to compare' : undefined);
  cursor.next();
  const right = parseArithmetic(cursor);
  if (right === undefined) return undefined;
  const span = spanning(left.span, right.span);
  const again = cursor.peek();
  if (isComparison(again.text)) {
    const [a, b] = [printArithmetic(left), printArithmetic(right)];
    return cursor.report(
      diagnostic(
        'syntax',
        `comparisons do not chain: a second "${again.text}" follows "${a} ${text} ${b}"`,
        again.span,
        {
          help: `write ${a} ${text} ${b} and ${b} ${again.text} ...`,
        },
      ),
    );
  }
  return { kind: 'compare', operator: text, left, right, span };
}

/** Reads what follows `where`. `not` binds tighter than `and`, `and` tighter than `or`. */
export function parseFilter(cursor: TokenCursor): Filter | undefined {
  const value = parseOr(cursor);
  const deep = value && partTooDeep(value);
  return deep === undefined ? value : cursor.report(tooDeep(deep));
}
