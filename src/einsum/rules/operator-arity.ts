import { diagnostic } from '../../diagnostic.ts';
import { operators } from '../operators.ts';
import type { Rule } from '../rule.ts';
import { expressionParts } from '../traverse.ts';

const operands = (n: number): string => `${n} ${n === 1 ? 'operand' : 'operands'}`;

export const operatorArity: Rule = function* ({ cascade }) {
  for (const { body } of cascade.einsums)
    for (const part of expressionParts(body)) {
      if (part.kind !== 'map') continue;
      const arity = operators.get(part.operator)?.arity;
      if (arity === undefined || arity === part.operands.length) continue;
      const message = `"${part.operator}" takes ${operands(arity)}, but is given ${part.operands.length}`;
      const help =
        arity === 2 && part.operands.length > 2 ? `nest it: ${part.operator}(a, ${part.operator}(b, c))` : undefined;
      yield diagnostic('operator-arity', message, part.span, { help });
    }
};
