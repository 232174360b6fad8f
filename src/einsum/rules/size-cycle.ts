import { diagnostic } from '../../diagnostic.ts';
import type { Name, ParameterDeclaration, RankDeclaration } from '../ast.ts';
import type { Rule } from '../rule.ts';
import { arithmeticParts } from '../traverse.ts';

/** A size that is defined through itself, directly or by way of others. Each cycle is reported once. */
export const sizeCycle: Rule = function* ({ cascade, ranks, parameters }) {
  const declared = (name: Name): RankDeclaration | ParameterDeclaration | undefined =>
    ranks.get(name) ?? parameters.get(name);
  const needs = (name: Name): Name[] => {
    const found = declared(name);
    const size = found && ('value' in found ? found.value : found.size);
    return size === undefined ? [] : [...arithmeticParts(size)].flatMap((p) => (p.kind === 'name' ? [p.name] : []));
  };
  const done = new Set<Name>();
  for (const { name: start } of [...cascade.ranks, ...cascade.parameters]) {
    // Depth-first with its own stack: a chain of definitions may be as long as the text.
    const path: { readonly name: Name; readonly rest: Name[] }[] = [];
    const onPath = new Set<Name>();
    const enter = (name: Name): void => {
      path.push({ name, rest: needs(name) });
      onPath.add(name);
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(next)) {
        const cycle = path.slice(path.findIndex((p) => p.name === next)).map((p) => p.name);
        const shown = [...cycle, next].map((n) => `"${n}"`).join(' needs ');
        yield diagnostic(
          'size-cycle',
          `the size of "${next}" is defined through itself: ${shown}`,
          declared(next)?.span,
        );
      } else if (!done.has(next) && declared(next) !== undefined) enter(next);
    }
  }
};
