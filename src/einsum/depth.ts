import type { Span } from '../source.ts';
import type { Arithmetic, Expression, Filter } from './ast.ts';
import { maxDepth } from './cursor.ts';

type Tree = Arithmetic | Expression | Filter;

function children(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'number':
    case 'name':
    case 'constant':
      return [];
    case 'call':
    case 'map':
    case 'and':
    case 'or':
      return tree.operands;
    case 'access':
      return tree.indices;
    case 'compare':
      return [tree.left, tree.right];
    case 'not':
      return [tree.operand];
    case 'exists':
      return [tree.access];
  }
}

/**
 * Place of a part that lies deeper than `maxDepth`, if there is one. A chain `a + b + c` nests to the
 * left without a bracket, so counting brackets is not enough. Does not recurse itself.
 */
export function partTooDeep(tree: Tree): Span | undefined {
  const rest: { readonly tree: Tree; readonly depth: number }[] = [{ tree, depth: 1 }];
  for (let top = rest.pop(); top !== undefined; top = rest.pop()) {
    if (top.depth > maxDepth) return top.tree.span;
    for (const child of children(top.tree)) rest.push({ tree: child, depth: top.depth + 1 });
  }
  return undefined;
}
