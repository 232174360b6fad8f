import type { MathNode } from 'mathjs';
import { invariant } from '../invariant.ts';
import type { Measure } from '../units.ts';
import { evaluateNode } from './evaluate-node.ts';
import type { ExpressionNode } from './expression-node.ts';
import { isKnown, type Mistake, type OpenSymbols, type Operand, type Symbols } from './operand.ts';
import { readProduct } from './product.ts';
import type { Problem, Reading } from './quantity.ts';

/** Longer texts are refused, which also bounds how deep an expression nests. */
const maxLength = 500;

/** Texts that have been parsed: a spec is evaluated for many kernels and many values of its parameters. */
const trees = new Map<string, ExpressionNode>();
const mostTrees = 1000;

/**
 * Evaluates a value of a spec: a quantity, a parameter or an expression over them. Parameters and units are measures,
 * so dimensions are checked through the whole expression. mathjs only parses; nothing of the text is ever executed.
 */
export async function readExpression(written: string, symbols: Symbols): Promise<Reading<Measure>> {
  const reading = await readOperand(written, symbols);
  if (!reading.ok) return reading;
  const { value } = reading;
  invariant(isKnown(value), `"${written}" is over known values and is not known`);
  return { ok: true, value };
}

/** The same where some of the names have a number only later. */
export async function readOperand(written: string, symbols: OpenSymbols): Promise<Reading<Operand>> {
  const text = plainMicro(written);
  const quick = readProduct(text, symbols);
  if (quick !== undefined) return quick;
  const tree = await parseExpression(text);
  if (!tree.ok) return tree;
  const operand = evaluateNode(tree.value, symbols);
  return 'code' in operand ? { ok: false, problems: [placed(text, operand)] } : { ok: true, value: operand };
}

/** Both signs for micro, which are one character as "u" is, so that places in the text stay right. */
const plainMicro = (text: string): string => text.replaceAll(/[\u00b5\u03bc]/g, 'u');

/** What an expression or a condition says; no name and no unit is looked up yet. */
export async function parseExpression(written: string): Promise<Reading<ExpressionNode>> {
  const text = plainMicro(written);
  const fail = (mistake: Mistake): Reading<never> => ({ ok: false, problems: [placed(text, mistake)] });
  if (text.trim() === '') return fail({ code: 'bad-expression', message: 'the value is empty' });
  if (text.length > maxLength)
    return fail({
      code: 'too-large',
      message: `the expression has ${text.length} characters; the limit is ${maxLength}`,
    });
  const known = trees.get(text);
  if (known !== undefined) return { ok: true, value: known };
  const { parse } = (await import('mathjs/lib/browser/math.js')).default;
  try {
    const tree = convert(parse(text) as Tree);
    if (trees.size < mostTrees) trees.set(text, tree);
    return { ok: true, value: tree };
  } catch (error) {
    return syntaxProblem(text, error);
  }
}

/** mathjs's nodes have no places: a name is looked for in the text, any other mistake covers it all. */
export function placed(text: string, mistake: Mistake): Problem {
  const found = [...text.matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)].find(([word]) => word === mistake.name);
  return found === undefined
    ? { ...mistake, start: 0, end: text.length }
    : { ...mistake, start: found.index, end: found.index + found[0].length };
}

/** mathjs says the place in `char` (counted from 1) and again in its message. */
function syntaxProblem(text: string, error: unknown): Reading<never> {
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
  readonly object?: Tree;
  readonly index?: { readonly dotNotation?: boolean };
};

function convert(tree: Tree, afterNumber = false): ExpressionNode {
  const args = tree.args ?? [];
  switch (tree.type) {
    case 'ConstantNode':
      return typeof tree.value === 'number' || typeof tree.value === 'string'
        ? { kind: 'constant', value: tree.value }
        : { kind: 'other', what: `the value ${JSON.stringify(tree.value)}` };
    case 'ParenthesisNode':
      return convert(tree.content!);
    case 'SymbolNode':
      return { kind: 'name', name: tree.name ?? '', afterNumber };
    case 'AccessorNode':
      return dotted(tree);
    case 'OperatorNode': {
      const beside = tree.implicit === true && args[0]?.type === 'ConstantNode';
      const operands = args.map((arg, i) => convert(arg, beside && i > 0));
      return { kind: 'operation', operator: tree.op ?? '', operands };
    }
    case 'FunctionNode': {
      const callee = tree.fn as Tree;
      if (callee.type !== 'SymbolNode') return { kind: 'other', what: 'a property access' };
      return { kind: 'call', name: callee.name ?? '', operands: args.map((arg) => convert(arg)) };
    }
    default:
      return { kind: 'other', what: otherNodes.get(tree.type) ?? `a ${tree.type}` };
  }
}

/** `utilization.Array2D` is a name for those who know one of it. */
function dotted(tree: Tree): ExpressionNode {
  const object = tree.index?.dotNotation === true ? convert(tree.object!) : undefined;
  return object?.kind === 'name'
    ? { kind: 'name', name: `${object.name}.${tree.name}`, afterNumber: false }
    : { kind: 'other', what: 'a property access' };
}

/** What `A < B < C` is. */
export const chain = 'a chain of comparisons';

const otherNodes: ReadonlyMap<string, string> = new Map([
  ['ArrayNode', 'a matrix'],
  ['AssignmentNode', 'an assignment'],
  ['BlockNode', 'several statements'],
  ['ConditionalNode', 'a condition'],
  ['FunctionAssignmentNode', 'a function definition'],
  ['IndexNode', 'an index'],
  ['ObjectNode', 'an object'],
  ['RangeNode', 'a range'],
  ['RelationalNode', chain],
]);
