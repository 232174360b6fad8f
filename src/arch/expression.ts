import type { MathNode } from 'mathjs';
import { didYouMean } from '../did-you-mean.ts';
import { baseUnit, combineDimensions, isPlain, type Measure, noDimension, sameDimension, units } from '../units.ts';
import { type Problem, type Reading, readProduct, type Symbols, unknownName } from './quantity.ts';

/** Longer texts are refused, which also bounds how deep an expression nests. */
const maxLength = 500;

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

/** Texts that have been parsed: a spec is evaluated for many kernels and many values of its parameters. */
const trees = new Map<string, MathNode>();
const mostTrees = 1000;

/** The one function of any number of points. */
const interpolation = 'interpolate';

export const functionNames: ReadonlySet<string> = new Set([...functions.keys(), interpolation]);

type Evaluation = Measure | Omit<Problem, 'start' | 'end'>;
const isMeasure = (e: Evaluation): e is Measure => 'value' in e;

/**
 * Evaluates a value of a spec: a quantity, a parameter or an expression over them. Parameters and units are measures,
 * so dimensions are checked through the whole expression. mathjs only parses; nothing of the text is ever executed.
 */
export async function readExpression(written: string, symbols: Symbols): Promise<Reading<Measure>> {
  // Both signs for micro, which are one character as "u" is, so that places in the text stay right.
  const text = written.replaceAll(/[\u00b5\u03bc]/g, 'u');
  const quick = readProduct(text, symbols);
  if (quick !== undefined) return quick;
  const fail = (found: Omit<Problem, 'start' | 'end'>): Reading<Measure> => ({
    ok: false,
    problems: [{ ...found, ...placeOf(text, found.name) }],
  });
  if (text.trim() === '') return fail({ code: 'bad-expression', message: 'the value is empty' });
  if (text.length > maxLength)
    return fail({
      code: 'too-large',
      message: `the expression has ${text.length} characters; the limit is ${maxLength}`,
    });
  let tree = trees.get(text);
  if (tree === undefined) {
    const { parse } = (await import('mathjs/lib/browser/math.js')).default;
    try {
      tree = parse(text);
    } catch (error) {
      return syntaxProblem(text, error);
    }
    if (trees.size < mostTrees) trees.set(text, tree);
  }
  const result = evaluate(tree as Tree, symbols);
  return isMeasure(result) ? { ok: true, value: result } : fail(result);
}

/** mathjs's nodes have no places: a name is looked for in the text, any other mistake covers it all. */
function placeOf(text: string, name: string | undefined): { readonly start: number; readonly end: number } {
  const found = [...text.matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)].find(([word]) => word === name);
  return found === undefined
    ? { start: 0, end: text.length }
    : { start: found.index, end: found.index + found[0].length };
}

/** mathjs says the place in `char` (counted from 1) and again in its message. */
function syntaxProblem(text: string, error: unknown): Reading<Measure> {
  const at = typeof error === 'object' && error !== null && 'char' in error ? Number(error.char) - 1 : 0;
  const start = Math.min(Math.max(0, at), Math.max(0, text.length - 1));
  const reason = error instanceof SyntaxError ? error.message.replace(/\s*\(char \d+\)$/, '') : 'it cannot be read';
  const message = `"${text}" is not an expression: ${reason}`;
  return { ok: false, problems: [{ code: 'bad-expression', message, start, end: start + 1 }] };
}

/** The parts of mathjs's nodes that are read here. */
type Tree = MathNode & {
  readonly value?: unknown;
  readonly name?: string;
  readonly fn?: unknown;
  readonly op?: string;
  readonly implicit?: boolean;
  readonly content?: Tree;
  readonly args?: readonly Tree[];
};

const unsupported = (what: string): Evaluation => ({
  code: 'bad-expression',
  message: `an expression cannot have ${what}`,
  help: 'it may have numbers, units, parameters, + - * / ^, parentheses and ' + [...functionNames].join(' '),
});

function evaluate(node: Tree, symbols: Symbols, afterNumber = false): Evaluation {
  switch (node.type) {
    case 'ConstantNode':
      return typeof node.value === 'number'
        ? { value: node.value, dimension: noDimension }
        : unsupported(`the value ${JSON.stringify(node.value)}`);
    case 'ParenthesisNode':
      return evaluate(node.content!, symbols);
    case 'SymbolNode':
      return evaluateName(node.name ?? '', afterNumber, symbols);
    case 'OperatorNode':
      return evaluateOperator(node, symbols);
    case 'FunctionNode':
      return evaluateCall(node, symbols);
    default:
      return unsupported(unsupportedNodes.get(node.type) ?? `a ${node.type}`);
  }
}

const unsupportedNodes: ReadonlyMap<string, string> = new Map([
  ['AccessorNode', 'a property access'],
  ['ArrayNode', 'a matrix'],
  ['AssignmentNode', 'an assignment'],
  ['BlockNode', 'several statements'],
  ['ConditionalNode', 'a condition'],
  ['FunctionAssignmentNode', 'a function definition'],
  ['IndexNode', 'an index'],
  ['ObjectNode', 'an object'],
  ['RangeNode', 'a range'],
  ['RelationalNode', 'a comparison'],
]);

function evaluateName(name: string, afterNumber: boolean, symbols: Symbols): Evaluation {
  const parameter = symbols.get(name);
  if (parameter !== undefined) return parameter;
  const unit = units.get(name);
  if (unit !== undefined) return { value: unit.above / unit.below, dimension: unit.dimension };
  return unknownName(name, afterNumber, symbols);
}

function evaluateOperator(node: Tree, symbols: Symbols): Evaluation {
  const [first, second] = node.args ?? [];
  const left = evaluate(first!, symbols);
  if (!isMeasure(left)) return left;
  if (second === undefined) {
    if (node.op === '-') return { ...left, value: -left.value };
    return node.op === '+' ? left : unsupported(`the operator "${node.op}"`);
  }
  const right = evaluate(second, symbols, node.implicit === true && first!.type === 'ConstantNode');
  return isMeasure(right) ? combine(node.op ?? '', left, right) : right;
}

function combine(operator: string, left: Measure, right: Measure): Evaluation {
  switch (operator) {
    case '+':
    case '-':
      if (!sameDimension(left.dimension, right.dimension)) return mismatch(operator, left, right);
      return {
        value: operator === '+' ? left.value + right.value : left.value - right.value,
        dimension: left.dimension,
      };
    case '*':
      return { value: left.value * right.value, dimension: combineDimensions(left.dimension, right.dimension, 1) };
    case '/':
      return { value: left.value / right.value, dimension: combineDimensions(left.dimension, right.dimension, -1) };
    case '^':
      if (!isPlain(right.dimension) || (!isPlain(left.dimension) && !Number.isInteger(right.value)))
        return { code: 'wrong-dimension', message: 'an exponent must be a plain number, whole if the base has a unit' };
      return {
        value: left.value ** right.value,
        dimension: isPlain(left.dimension) ? noDimension : combineDimensions(noDimension, left.dimension, right.value),
      };
    default:
      return unsupported(`the operator "${operator}"`);
  }
}

const mismatch = (operator: string, left: Measure, right: Measure): Evaluation => ({
  code: 'wrong-dimension',
  message: `"${operator}" needs two values of one kind, but one is in ${baseUnit(left.dimension) || 'plain numbers'} and the other in ${baseUnit(right.dimension) || 'plain numbers'}`,
});

function evaluateCall(node: Tree, symbols: Symbols): Evaluation {
  const callee = node.fn as Tree;
  if (callee.type !== 'SymbolNode') return unsupported('a property access');
  const name = callee.name ?? '';
  if (!functionNames.has(name))
    return {
      code: 'unknown-function',
      message: `"${name}" is not a function`,
      help: didYouMean(name, functionNames),
      name,
    };
  const args = (node.args ?? []).map((argument) => evaluate(argument, symbols));
  return name === interpolation ? interpolate(args) : applyFunction(name, functions.get(name)!, args);
}

function applyFunction(name: string, found: Operation, args: readonly Evaluation[]): Evaluation {
  if (args.length !== found.arity)
    return {
      code: 'bad-expression',
      message: `"${name}" takes ${found.arity} value${found.arity === 1 ? '' : 's'}, but has ${args.length}`,
    };
  const measures = args.filter(isMeasure);
  if (measures.length < args.length) return args.find((a) => !isMeasure(a))!;
  const [first, second] = measures as [Measure, Measure | undefined];
  if (second !== undefined && !sameDimension(first.dimension, second.dimension)) return mismatch(name, first, second);
  if (found.takes !== 'any' && !isPlain(first.dimension) && !(found.takes === 'countable' && isCountable(first)))
    return {
      code: 'wrong-dimension',
      message: `"${name}" takes a plain number${found.takes === 'countable' ? ', bytes or cycles' : ''}, but has one in ${baseUnit(first.dimension)}`,
    };
  return { value: found.apply(...measures.map((m) => m.value)), dimension: first.dimension };
}

const badPoints = (message: string): Evaluation => ({
  code: 'bad-expression',
  message: `"${interpolation}" ${message}`,
  help: `write ${interpolation}(x, x1, y1, x2, y2, ...), as in ${interpolation}(SIZE, 1 MiB, 2 mm^2, 4 MiB, 9 mm^2)`,
});

/**
 * `interpolate(x, x1, y1, x2, y2, ...)`: y at x on the line through the points, straight where both axes are logarithmic.
 * Beyond the first and the last point y goes on in proportion to x.
 */
function interpolate(args: readonly Evaluation[]): Evaluation {
  const measures = args.filter(isMeasure);
  if (measures.length < args.length) return args.find((a) => !isMeasure(a))!;
  const [x, ...rest] = measures;
  if (x === undefined || rest.length < 2 || rest.length % 2 === 1)
    return badPoints('takes a value and one or more points');
  const xs = rest.filter((_, i) => i % 2 === 0);
  const ys = rest.filter((_, i) => i % 2 === 1);
  for (const other of xs) if (!sameDimension(other.dimension, x.dimension)) return mismatch(interpolation, x, other);
  for (const other of ys)
    if (!sameDimension(other.dimension, ys[0]!.dimension)) return mismatch(interpolation, ys[0]!, other);
  if (measures.some(({ value }) => !(value > 0))) return badPoints('takes values above 0 only');
  if (xs.some(({ value }, i) => i > 0 && value <= xs[i - 1]!.value)) return badPoints('takes points of rising x');
  const points = xs.map((at, i) => [at.value, ys[i]!.value] as const);
  return { value: throughPoints(x.value, points), dimension: ys[0]!.dimension };
}

function throughPoints(x: number, points: readonly (readonly [number, number])[]): number {
  const after = points.findIndex(([at]) => x <= at);
  const [x1, y1] = points.at(after)!;
  // At a point, its value to the last bit; beyond all (after is -1: the last one) or before the first, in proportion.
  if (x === x1 || after <= 0) return y1 * (x / x1);
  const [x0, y0] = points[after - 1]!;
  return y0 * (y1 / y0) ** (Math.log(x / x0) / Math.log(x1 / x0));
}

const isCountable = ({ dimension }: Measure): boolean => ['B', 'cycle'].includes(baseUnit(dimension));
