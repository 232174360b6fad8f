import { didYouMean } from '../did-you-mean.ts';
import { sameDimension } from '../units.ts';
import { evaluateNode, unsupported } from './evaluate-node.ts';
import { chain, parseExpression, placed } from './expression.ts';
import type { ExpressionNode } from './expression-node.ts';
import { mismatch } from './functions.ts';
import { type Formula, formulaOf, isKnown, type Mistake, type OpenSymbols, type TextSlot } from './operand.ts';
import type { Reading } from './quantity.ts';

/** What holds or not, as a function. */
export type CompiledCondition = {
  /** Allocates nothing. Of numbers one of which is none (0 / 0) only `!=` holds. */
  readonly holds: (values: Float64Array) => boolean;
  /** Of the values, those that it depends on. */
  readonly positions: ReadonlySet<number>;
};

/**
 * Compiles a condition: comparisons of expressions (< <= > >= == !=), of a text with one in quotes (== !=), and `and`,
 * `or`, `not`. Errors: those of `compileExpression`, and `unknown-name` of a text that is never met.
 */
export async function compileCondition(text: string, symbols: OpenSymbols): Promise<Reading<CompiledCondition>> {
  const tree = await parseExpression(text);
  if (!tree.ok) return tree;
  const found = compileTruth(tree.value, symbols);
  return 'code' in found ? { ok: false, problems: [placed(text, found)] } : { ok: true, value: found };
}

type Truth = CompiledCondition | Mistake;

const noCondition: Mistake = {
  code: 'bad-expression',
  message: 'a condition compares, and this does not',
  help: 'write < <= > >= == or !=, as in "BUFFER >= 8 MiB and not (A == \\"flat\\")"',
};

const nested: Mistake = {
  code: 'bad-expression',
  message: 'a comparison is of numbers or texts, not of what holds or not',
  help: 'write "A < B and B < C", and put what "not" is about in parentheses',
};

function compileTruth(node: ExpressionNode, symbols: OpenSymbols): Truth {
  if (node.kind === 'other') return node.what === chain ? nested : unsupported(node.what);
  if (node.kind !== 'operation') return noCondition;
  const { operator, operands } = node;
  const [first, second] = operands as [ExpressionNode, ExpressionNode | undefined];
  if (second !== undefined && comparisons.has(operator)) return compare(operator, first, second, symbols);
  if (operator !== 'and' && operator !== 'or' && operator !== 'not') return noCondition;
  const left = compileTruth(first, symbols);
  if ('code' in left) return left;
  if (second === undefined) return { holds: (values) => !left.holds(values), positions: left.positions };
  const right = compileTruth(second, symbols);
  if ('code' in right) return right;
  const positions = new Set([...left.positions, ...right.positions]);
  return operator === 'and'
    ? { holds: (values) => left.holds(values) && right.holds(values), positions }
    : { holds: (values) => left.holds(values) || right.holds(values), positions };
}

type Comparison = (left: Formula, right: Formula) => CompiledCondition['holds'];

const comparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['<', (left, right) => (values) => left(values) < right(values)],
  ['<=', (left, right) => (values) => left(values) <= right(values)],
  ['>', (left, right) => (values) => left(values) > right(values)],
  ['>=', (left, right) => (values) => left(values) >= right(values)],
  ['==', (left, right) => (values) => left(values) === right(values)],
  ['!=', (left, right) => (values) => left(values) !== right(values)],
]);

function compare(operator: string, first: ExpressionNode, second: ExpressionNode, symbols: OpenSymbols): Truth {
  if (isTruth(first) || isTruth(second)) return nested;
  const [one, two] = [textSide(first, symbols), textSide(second, symbols)];
  if (one !== undefined || two !== undefined) return compareTexts(operator, one, two);
  const left = evaluateNode(first, symbols);
  if ('code' in left) return left;
  const right = evaluateNode(second, symbols);
  if ('code' in right) return right;
  if (!sameDimension(left.dimension, right.dimension)) return mismatch(operator, left.dimension, right.dimension);
  const positions = new Set([left, right].flatMap((side) => (isKnown(side) ? [] : [...side.positions])));
  return { holds: comparisons.get(operator)!(formulaOf(left), formulaOf(right)), positions };
}

const isTruth = (node: ExpressionNode): boolean =>
  node.kind === 'operation' && (comparisons.has(node.operator) || ['and', 'or', 'not'].includes(node.operator));

/** A text in quotes, or a name whose values are texts. */
type TextSide = string | (TextSlot & { readonly name: string });

function textSide(node: ExpressionNode, symbols: OpenSymbols): TextSide | undefined {
  if (node.kind === 'constant') return typeof node.value === 'string' ? node.value : undefined;
  const symbol = node.kind === 'name' ? symbols.get(node.name) : undefined;
  return node.kind === 'name' && symbol !== undefined && 'texts' in symbol ? { ...symbol, name: node.name } : undefined;
}

function compareTexts(operator: string, one: TextSide | undefined, two: TextSide | undefined): Truth {
  const slot = typeof one === 'object' ? one : two;
  const text = typeof one === 'object' ? two : one;
  if (typeof slot !== 'object' || typeof text !== 'string')
    return { code: 'bad-expression', message: 'a text is compared with one in quotes, such as A == "flat"' };
  if (operator !== '==' && operator !== '!=')
    return { code: 'bad-expression', message: `texts are compared by == and !=, not by ${operator}` };
  const { name, position, texts } = slot;
  const code = texts.indexOf(text);
  if (code < 0)
    return { code: 'unknown-name', message: `"${name}" is never "${text}"`, help: didYouMean(text, texts), name };
  const positions = new Set([position]);
  return operator === '=='
    ? { holds: (values) => values[position] === code, positions }
    : { holds: (values) => values[position] !== code, positions };
}
