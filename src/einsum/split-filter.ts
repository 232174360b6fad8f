import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Einsum, Filter, TensorAccess } from './ast.ts';
import { type Presences, presenceIn } from './existence.ts';
import type { Gated, Operands } from './operands.ts';
import { conjuncts } from './presence.ts';
import { filterAccesses } from './traverse.ts';
import type { GateCondition } from './workload.ts';

/** Takes what gates decide out of a filter; what is left is a matter of points. */
export function splitFilter(
  einsum: Einsum,
  operands: Operands,
  presences: Presences,
): Result<{
  readonly filter: Filter | undefined;
  readonly gated: readonly Gated[];
  readonly conditions: readonly GateCondition[];
}> {
  if (einsum.filter === undefined) return success({ filter: undefined, gated: [], conditions: [] });
  const conditionsOf = (access: TensorAccess): readonly GateCondition[] =>
    presenceIn(presences, operands.of(access).bound.tensor).conditions;
  const left: Filter[] = [];
  const gated: Gated[] = [];
  const conditions: GateCondition[] = [];
  for (const part of conjuncts(einsum.filter)) {
    const exists = part.kind === 'exists';
    const inner = part.kind === 'not' ? part.operand : part;
    const gates = inner.kind === 'exists' ? conditionsOf(inner.access) : [];
    if (inner.kind === 'exists' && gates.length > 0 && (exists || gates.length === 1)) {
      gated.push({ operand: operands.of(inner.access), exists });
      conditions.push(...(exists ? gates : gates.map((g) => ({ ...g, exists: !g.exists }))));
      continue;
    }
    const mixed = [...filterAccesses(part)].find((access) => conditionsOf(access).length > 0);
    if (mixed !== undefined) {
      const help = 'make an Einsum of each case';
      const why = inner.kind === 'exists' ? 'depends on several gates' : 'cannot be joined by "or" to other conditions';
      const message = `how often "${mixed.tensor}" exists is known as a share, which ${why}`;
      return failure([diagnostic('not-countable', message, mixed.span, { help })]);
    }
    left.push(part);
  }
  const filter: Filter | undefined =
    left.length < 2 ? left[0] : { kind: 'and', operands: left, span: einsum.filter.span };
  return success({ filter, gated, conditions });
}
