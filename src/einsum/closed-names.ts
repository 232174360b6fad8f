import { evaluateArithmetic, type Scope } from './arithmetic.ts';
import type { Arithmetic, Cascade, Expression, Filter, Name, TensorAccess } from './ast.ts';
import { carriedDimension } from './carried.ts';

/**
 * Names of ranks and parameters whose values are part of what a cascade computes, besides how far its variables go: those in
 * indices and counts, and in filters that parameters alone do not settle. With the same values of these, cascades
 * that are bound to other sizes have the same indices and the same filters. A rank that stands for the last version of a
 * carried tensor is none of them.
 */
export function closedNames(cascade: Cascade, sizes: ReadonlyMap<Name, number>): ReadonlySet<Name> {
  const parameters = new Map(cascade.parameters.map(({ name }) => [name, sizes.get(name)!]));
  const iterative = new Set(cascade.einsums.flatMap((e) => carriedDimension(e.output)?.variable ?? []));
  const closed = new Set<Name>();
  const add = (a: Arithmetic): void => {
    if (a.kind === 'name' && sizes.has(a.name)) closed.add(a.name);
    if (a.kind === 'call') for (const operand of a.operands) add(operand);
  };
  const addAccess = ({ indices }: TensorAccess): void => {
    for (const index of indices) if (!(index.kind === 'name' && iterative.has(index.name.toLowerCase()))) add(index);
  };
  const addBody = (e: Expression): void => {
    if (e.kind === 'access') addAccess(e);
    if (e.kind === 'map') for (const operand of e.operands) addBody(operand);
  };
  const addFilter = (f: Filter): void => {
    if (f.kind === 'compare') {
      add(f.left);
      add(f.right);
    } else if (f.kind === 'exists') addAccess(f.access);
    else for (const operand of f.kind === 'not' ? [f.operand] : f.operands) addFilter(operand);
  };
  for (const { output, body, filter, selection } of cascade.einsums) {
    addAccess(output);
    addBody(body);
    if (filter !== undefined && settle(filter, parameters) === undefined) addFilter(filter);
    if (selection?.kind === 'rank') add(selection.count);
  }
  for (const { name } of cascade.parameters) closed.add(name);
  return closed;
}

/** What a filter says wherever it is asked; undefined: that depends on more than the names that are known. */
function settle(f: Filter, known: Scope): boolean | undefined {
  switch (f.kind) {
    case 'exists':
      return undefined;
    case 'not': {
      const inner = settle(f.operand, known);
      return inner === undefined ? undefined : !inner;
    }
    case 'and':
    case 'or': {
      const decisive = f.kind === 'or';
      const parts = f.operands.map((operand) => settle(operand, known));
      if (parts.includes(decisive)) return decisive;
      return parts.includes(undefined) ? undefined : !decisive;
    }
    case 'compare': {
      const [left, right] = [evaluateArithmetic(f.left, known), evaluateArithmetic(f.right, known)];
      return left.ok && right.ok ? compare(f.operator, left.value, right.value) : undefined;
    }
  }
}

function compare(operator: (Filter & { kind: 'compare' })['operator'], a: number, b: number): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
  }
}
