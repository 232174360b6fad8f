import type { Node, Steps, Value } from './graph.ts';

/**
 * A function that computes values of a graph from the open numbers in `numbers`, and writes them to `out` in their
 * order. It is made as a text of JavaScript, which has in it operators, names that are made here and numbers, and nothing
 * of what a user wrote. Every value is computed once, in the outermost loop in which it is known; values that nothing
 * else needs are part of the expression that needs them. Where no code may be made from text it throws.
 */
export function functionOf(values: readonly Value[], numbers: Float64Array, out: Float64Array): () => void {
  const text = codeOf(values);
  return new Function('numbers', 'out', text).bind(undefined, numbers, out) as () => void;
}

/** The body of that function. */
function codeOf(values: readonly Value[]): string {
  const uses = usesOf(values);
  /** Lines of the function, and of each loop. */
  const lines = new Map<Steps | undefined, string[]>([[undefined, []]]);
  const accumulators = new Map<Steps, Node[]>();
  for (const node of uses.keys()) {
    if (node.over === undefined) continue;
    const those = accumulators.get(node.over) ?? [];
    accumulators.set(node.over, those);
    those.push(node);
  }
  const texts = new Map<Node, string>();

  const textOf = (value: Value): string => {
    if (typeof value === 'number') return value < 0 ? `(${value})` : `${value}`;
    const known = texts.get(value);
    if (known !== undefined) return known;
    const name = `v${value.id}`;
    if (value.over !== undefined) {
      writeLoop(value.over);
      return texts.get(value)!;
    }
    if (value.op === 'length' || value.op === 'times') return `${value.op}${value.inside!.id}`;
    const expression = expressionOf(value, value.args.map(textOf));
    const [user] = uses.get(value)!;
    const isInlined =
      uses.get(value)!.length === 1 &&
      user !== undefined &&
      user.over === undefined &&
      user.inside === value.inside &&
      user.op !== 'max';
    if (!isInlined) lines.get(value.inside)!.push(`const ${name} = ${expression};`);
    texts.set(value, isInlined ? expression : name);
    return texts.get(value)!;
  };

  const writeLoop = (steps: Steps): void => {
    const { id, around, tile, full, left } = steps;
    const body: string[] = [];
    lines.set(steps, body);
    const [first, times, rest] = [textOf(tile), textOf(full), textOf(left)];
    const ends: string[] = [];
    const starts: string[] = [];
    for (const node of accumulators.get(steps)!) {
      const value = textOf(node.args[0]!);
      starts.push(`let v${node.id} = 0;`);
      ends.push(node.op === 'sum' ? `v${node.id} += ${value};` : `v${node.id} = ${value};`);
      texts.set(node, `v${node.id}`);
    }
    const begin = `let length${id} = ${first}, times${id} = ${times}, left${id} = ${rest}`;
    const next = `length${id} = left${id}, times${id} = 1, left${id} = 0`;
    lines
      .get(around)!
      .push(...starts, `for (${begin}; ; ${next}) {`, ...body, ...ends, `if (left${id} === 0) break;`, '}');
  };
  const results = values.map((value, i) => `out[${i}] = ${textOf(value)};`);
  return ["'use strict';", ...lines.get(undefined)!, ...results].join('\n');
}

/** What needs each node that is needed at all: nodes, or undefined for the one who asks. */
function usesOf(values: readonly Value[]): Map<Node, (Node | undefined)[]> {
  const uses = new Map<Node, (Node | undefined)[]>();
  const use = (value: Value, user: Node | undefined): void => {
    if (typeof value === 'number') return;
    const known = uses.get(value);
    if (known !== undefined) {
      known.push(user);
      return;
    }
    uses.set(value, [user]);
    for (const arg of value.args) use(arg, value);
    if (value.over !== undefined)
      for (const arg of [value.over.tile, value.over.full, value.over.left]) use(arg, undefined);
  };
  for (const value of values) use(value, undefined);
  return uses;
}

function expressionOf({ op }: Node, args: readonly string[]): string {
  const [a, b, yes, no] = args;
  switch (op) {
    case 'input':
      return `numbers[${a}]`;
    case 'floor':
    case 'ceil':
      return `Math.${op}(${a})`;
    case 'max':
      return `(${a} > ${b} ? ${a} : ${b})`;
    case 'above':
      return `(${a} > ${b} ? ${yes} : ${no})`;
    default:
      return `(${a} ${op} ${b})`;
  }
}
