import { printArithmetic } from './arithmetic.ts';
import type {
  Cascade,
  Einsum,
  Expression,
  Filter,
  Name,
  RankDeclaration,
  TensorAccess,
  TensorDeclaration,
} from './ast.ts';
import { infixOperators, reductionWord } from './operators.ts';
import { printSelection } from './selection.ts';

const symbols: ReadonlyMap<string, string> = new Map([...infixOperators].map(([symbol, name]) => [name, symbol]));

function printConstant(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return String(value).replace('Infinity', 'inf');
}

/** How tightly an expression holds together: 1 sum, 2 product, 3 sign, 4 the rest. */
function strength(e: Expression): number {
  if (e.kind === 'constant') return e.value < 0 || Object.is(e.value, -0) ? 3 : 4;
  if (e.kind === 'access') return 4;
  if (e.operands.length === 2 && symbols.has(e.operator)) return e.operator === 'add' || e.operator === 'sub' ? 1 : 2;
  return isSign(e) ? 3 : 4;
}

/** `-3` is a constant, so the negation of 3 is written as a call. */
const isSign = (e: Expression & { kind: 'map' }): boolean =>
  e.operator === 'neg' && e.operands.length === 1 && e.operands[0]?.kind !== 'constant';

type PrintAccess = (access: TensorAccess) => string;

const printAccess = (a: TensorAccess): string => `${a.tensor}[${a.indices.map(printArithmetic).join(', ')}]`;

/** Fewest brackets that keep the tree. */
export function printExpression(e: Expression, access: PrintAccess = printAccess): string {
  if (e.kind === 'constant') return printConstant(e.value);
  if (e.kind === 'access') return access(e);
  const print = (operand: Expression): string => printExpression(operand, access);
  const printAtLeast = (operand: Expression, least: number): string =>
    strength(operand) >= least ? print(operand) : `(${print(operand)})`;
  const [first, second] = e.operands;
  const symbol = symbols.get(e.operator);
  if (e.operands.length === 2 && first !== undefined && second !== undefined && symbol !== undefined) {
    const own = strength(e);
    return `${printAtLeast(first, own)} ${symbol} ${printAtLeast(second, own + 1)}`;
  }
  if (first !== undefined && isSign(e)) return `-${printAtLeast(first, 3)}`;
  return `${e.operator}(${e.operands.map(print).join(', ')})`;
}

function printFilter(f: Filter): string {
  switch (f.kind) {
    case 'compare':
      return `${printArithmetic(f.left)} ${f.operator} ${printArithmetic(f.right)}`;
    case 'exists':
      return printAccess(f.access);
    case 'not': {
      const bare = f.operand.kind !== 'and' && f.operand.kind !== 'or';
      return bare ? `not ${printFilter(f.operand)}` : `not (${printFilter(f.operand)})`;
    }
    default: {
      const bare = (o: Filter): boolean =>
        (o.kind !== 'and' && o.kind !== 'or') || (f.kind === 'or' && o.kind === 'and');
      return f.operands.map((o) => (bare(o) ? printFilter(o) : `(${printFilter(o)})`)).join(` ${f.kind} `);
    }
  }
}

export function printEinsum(e: Einsum): string {
  const variables = e.reduce?.variables.map((v) => v.name).join(', ');
  const reduce = e.reduce === undefined ? '' : `${reductionWord(e.reduce.operator)}(${variables}) `;
  const selection = e.selection === undefined ? '' : `${printSelection(e.selection)} `;
  const filter = e.filter === undefined ? '' : ` where ${printFilter(e.filter)}`;
  return `${printAccess(e.output)} = ${reduce}${selection}${printExpression(e.body)}${filter}`;
}

/** Consecutive members that one statement can declare. */
function runs<T>(members: readonly T[], together: (a: T, b: T) => boolean): readonly (readonly T[])[] {
  const found: T[][] = [];
  for (const member of members) {
    const last = found.at(-1);
    const previous = last?.at(-1);
    if (last !== undefined && previous !== undefined && together(previous, member)) last.push(member);
    else found.push([member]);
  }
  return found;
}

function printRanks(ranks: readonly RankDeclaration[]): readonly string[] {
  const kind = (r: RankDeclaration): number => (r.size === undefined ? 0 : r.overridable ? 2 : 1);
  // Sizes that the workload gives share a line; so do a derived size and the defaults that it is made of.
  const lines = runs(ranks, (a, b) => (kind(b) === 2 ? kind(a) !== 0 : kind(a) === 0 && kind(b) === 0));
  return lines.map((line) => {
    const parts = line.map((r) => (r.size === undefined ? r.name : `${r.name} = ${printArithmetic(r.size)}`));
    const firstDefault = line.findIndex((r) => kind(r) === 2);
    if (firstDefault < 0) return `rank ${parts.join(', ')}`;
    const derived = parts
      .slice(0, firstDefault)
      .map((p) => `${p}  `)
      .join('');
    return `rank ${derived}default ${parts.slice(firstDefault).join(', ')}`;
  });
}

const roleWord = { input: 'input', intermediate: 'tensor', output: 'output' } as const;

function printTensors(tensors: readonly TensorDeclaration[]): readonly string[] {
  const head = (name: Name, { ranks }: TensorDeclaration): string =>
    ranks === undefined ? name : `${name}[${ranks.map((r) => r.name).join(', ')}]`;
  const lines = runs(tensors, (a, b) =>
    a.plane !== undefined && b.plane !== undefined
      ? b.plane.position === a.plane.position + 1
      : a.plane === b.plane && a.role === b.role && a.format?.name === b.format?.name,
  );
  return lines.map((line) => {
    const [first] = line;
    if (first?.plane !== undefined) {
      const { operand, format } = first.plane;
      const planes = line.map((t) => `${t.name} : ${t.format?.name}`);
      return `input ${head(operand.name, first)} : ${format.name} = ${planes.join(', ')}`;
    }
    const heads = line.map((t) => head(t.name, t));
    const format = first?.format === undefined ? '' : ` : ${first.format.name}`;
    return `${roleWord[first?.role ?? 'input']} ${heads.join(', ')}${format}`;
  });
}

/**
 * Canonical text: declarations by kind, then the Einsums. Reading it gives the same cascade up to
 * spans, and printing that gives the same text.
 */
export function printCascade(c: Cascade): string {
  const parameters = c.parameters.map((p) => `${p.name} = ${printArithmetic(p.value)}`).join(', ');
  const declarations = [
    ...printRanks(c.ranks),
    ...(parameters === '' ? [] : [`param ${parameters}`]),
    ...printTensors(c.tensors),
  ];
  const blocks = [declarations, c.einsums.map(printEinsum)].filter((lines) => lines.length > 0);
  const body = blocks.map((lines) => lines.map((line) => `  ${line}\n`).join('')).join('\n');
  return `cascade ${c.name}\n${body}`;
}
