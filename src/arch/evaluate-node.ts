import { didYouMean } from '../did-you-mean.ts';
import { combineDimensions, type Dimension, isPlain, noDimension, sameDimension, units } from '../units.ts';
import type { ExpressionNode } from './expression-node.ts';
import { applyFunction, functionNames, mismatch } from './functions.ts';
import {
  combined,
  type Formula,
  formulaOf,
  isKnown,
  type Mistake,
  type OpenSymbols,
  type Operand,
  textMistake,
  unknownName,
} from './operand.ts';

export const unsupported = (what: string): Mistake => ({
  code: 'bad-expression',
  message: `an expression cannot have ${what}`,
  help: 'it may have numbers, units, parameters, + - * / ^, parentheses and ' + [...functionNames].join(' '),
});

/** The number that a tree stands for, with its dimension; numbers that come later leave a formula. */
export function evaluateNode(node: ExpressionNode, symbols: OpenSymbols): Operand | Mistake {
  switch (node.kind) {
    case 'constant':
      return typeof node.value === 'number'
        ? { value: node.value, dimension: noDimension }
        : unsupported(`the value ${JSON.stringify(node.value)}`);
    case 'name':
      return evaluateName(node.name, node.afterNumber, symbols);
    case 'operation':
      return evaluateOperation(node.operator, node.operands, symbols);
    case 'call':
      return evaluateCall(node.name, node.operands, symbols);
    case 'other':
      return unsupported(node.what);
  }
}

function evaluateName(name: string, afterNumber: boolean, symbols: OpenSymbols): Operand | Mistake {
  const found = symbols.get(name);
  if (found === undefined) {
    const unit = units.get(name);
    if (unit !== undefined) return { value: unit.above / unit.below, dimension: unit.dimension };
    return name.includes('.') ? unsupported('a property access') : unknownName(name, afterNumber, symbols);
  }
  if ('value' in found) return found;
  if ('texts' in found) return textMistake(name);
  const { position, dimension } = found;
  return { run: (values) => values[position]!, dimension, positions: new Set([position]) };
}

function evaluateOperation(
  operator: string,
  operands: readonly ExpressionNode[],
  symbols: OpenSymbols,
): Operand | Mistake {
  const [first, second] = operands;
  const quantity = operator === '*' && second !== undefined ? evaluateQuantity(first!, second, symbols) : undefined;
  if (quantity !== undefined) return quantity;
  const left = evaluateNode(first!, symbols);
  if ('code' in left) return left;
  if (second === undefined) return evaluateSign(operator, left);
  const right = evaluateNode(second, symbols);
  if ('code' in right) return right;
  const found = binary.get(operator);
  if (found === undefined) return unsupported(`the operator "${operator}"`);
  const dimension = found.dimension(left, right);
  if ('code' in dimension) return dimension;
  return combined([left, right], found.of(formulaOf(left), formulaOf(right)), dimension);
}

/** A number beside its unit: 9 us is 9 / 10^6 s to the last bit, as in `readProduct`. */
function evaluateQuantity(first: ExpressionNode, second: ExpressionNode, symbols: OpenSymbols): Operand | undefined {
  if (first.kind !== 'constant' || typeof first.value !== 'number' || second.kind !== 'name') return undefined;
  const unit = symbols.has(second.name) || !second.afterNumber ? undefined : units.get(second.name);
  return unit && { value: (first.value * unit.above) / unit.below, dimension: unit.dimension };
}

function evaluateSign(operator: string, operand: Operand): Operand | Mistake {
  if (operator === '+') return operand;
  if (operator !== '-') return unsupported(`the operator "${operator}"`);
  const of = formulaOf(operand);
  return combined([operand], (values) => -of(values), operand.dimension);
}

type Binary = {
  readonly dimension: (left: Operand, right: Operand) => Dimension | Mistake;
  readonly of: (left: Formula, right: Formula) => Formula;
};

const alike =
  (operator: string): Binary['dimension'] =>
  (left, right) =>
    sameDimension(left.dimension, right.dimension)
      ? left.dimension
      : mismatch(operator, left.dimension, right.dimension);

function ofPower(base: Operand, exponent: Operand): Dimension | Mistake {
  if (isPlain(base.dimension) && isPlain(exponent.dimension)) return noDimension;
  if (isPlain(exponent.dimension) && isKnown(exponent) && Number.isInteger(exponent.value))
    return combineDimensions(noDimension, base.dimension, exponent.value);
  return { code: 'wrong-dimension', message: 'an exponent must be a plain number, whole if the base has a unit' };
}

/** What is not a number stays so, also to the power of 0. */
const power = (base: number, exponent: number): number => (Number.isNaN(base) ? base : base ** exponent);

const binary: ReadonlyMap<string, Binary> = new Map<string, Binary>([
  ['+', { dimension: alike('+'), of: (left, right) => (values) => left(values) + right(values) }],
  ['-', { dimension: alike('-'), of: (left, right) => (values) => left(values) - right(values) }],
  [
    '*',
    {
      dimension: (left, right) => combineDimensions(left.dimension, right.dimension, 1),
      of: (left, right) => (values) => left(values) * right(values),
    },
  ],
  [
    '/',
    {
      dimension: (left, right) => combineDimensions(left.dimension, right.dimension, -1),
      of: (left, right) => (values) => left(values) / right(values),
    },
  ],
  ['^', { dimension: ofPower, of: (left, right) => (values) => power(left(values), right(values)) }],
]);

function evaluateCall(name: string, nodes: readonly ExpressionNode[], symbols: OpenSymbols): Operand | Mistake {
  if (!functionNames.has(name))
    return {
      code: 'unknown-function',
      message: `"${name}" is not a function`,
      help: didYouMean(name, functionNames),
      name,
    };
  const operands: Operand[] = [];
  for (const node of nodes) {
    const found = evaluateNode(node, symbols);
    if ('code' in found) return found;
    operands.push(found);
  }
  return applyFunction(name, operands);
}
