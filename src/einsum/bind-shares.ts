import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Einsum, Name } from './ast.ts';
import type { EinsumDomain } from './bind-domain.ts';
import { type Presences, presenceIn } from './existence.ts';
import type { Operands } from './operands.ts';
import { blurredAlong, type Packing } from './packing.ts';
import { allConditions, presenceOf } from './presence.ts';
import {
  type BoundEinsum,
  type Density,
  type Gate,
  type GateCondition,
  gateDensity,
  type Tensor,
  type Variable,
} from './workload.ts';

/** What selects by value, with the densities that are given for it. */
export function bindGates(
  einsums: readonly Einsum[],
  tensors: readonly Tensor[],
  densities: ReadonlyMap<Name, Density>,
): Result<readonly Gate[]> {
  const names = einsums.filter((e) => e.selection?.kind === 'threshold').map((e) => e.output.tensor);
  const wrong = [...densities].flatMap(([name, { share }]) => {
    if (!names.includes(name)) {
      const help = names.length === 0 ? 'it has none' : didYouMean(name, names);
      return [
        diagnostic('unknown-tensor', `the cascade selects no "${name}" by value ("above", "below")`, undefined, {
          help,
        }),
      ];
    }
    if (share >= 0 && share <= 1) return [];
    return [diagnostic('bad-size', `the density of "${name}" is ${share}, but must be a share from 0 to 1`, undefined)];
  });
  if (wrong.length > 0) return failure(wrong);
  return success(
    names.map((name) => ({
      tensor: tensors.findIndex((t) => t.name === name),
      density: densities.get(name)?.share,
      source: densities.get(name)?.source,
    })),
  );
}

/** Variables along which gates decide what an Einsum reads. */
export const gatedVariables = (operands: Operands, presences: Presences): readonly number[] =>
  operands.all.flatMap(({ bound }) => {
    const { existing, gated, conditions } = presenceIn(presences, bound.tensor);
    const along = conditions.length === 0 ? [] : gated.map((v) => bound.indices[existing.variables.indexOf(v)]!);
    return along.flatMap((index) => index.terms.map((t) => t.variable));
  });

/** Why it is not known how much there is of a result: what decides of it is reduced over. */
export function blurredBy(
  packing: Packing,
  kept: readonly number[],
  reduced: readonly number[],
  gated: readonly number[],
  variables: readonly Variable[],
): string | undefined {
  const gate = reduced.find((v) => gated.includes(v));
  if (gate !== undefined) return `it is reduced over "${variables[gate]!.name}", along which gates decide`;
  const blurred = blurredAlong(packing, kept, reduced);
  return (
    blurred &&
    `it is reduced over "${variables[blurred.reduced]!.name}", and at each of these others were kept along "${variables[blurred.kept]!.name}"`
  );
}

/** How often an Einsum computes and reads its operands, as shares of its domain that gates leave. */
export function bindShares(
  einsum: Einsum,
  operands: Operands,
  { expected, filterConditions }: Pick<EinsumDomain, 'expected' | 'filterConditions'>,
  { gates }: { readonly gates: readonly Gate[] },
  presences: Presences,
): Result<Pick<BoundEinsum, 'conditions' | 'density' | 'readShares'>> {
  const densityOf = (conditions: readonly GateCondition[]): number => expectedShare(conditions, gates);
  const presence = presenceOf(einsum.body, {
    conditionsOf: (access) => presenceIn(presences, operands.of(access).bound.tensor).conditions,
    operandOf: operands.of,
    densityOf,
    firstShare: (e) => expected.firstShares.get(e)!,
  });
  if ('unknown' in presence) {
    const message = `how often each of these exists is not known: ${presence.unknown}`;
    return failure([diagnostic('not-countable', message, presence.at.span)]);
  }
  const conditions = allConditions(presence.conditions, filterConditions);
  const density = densityOf(conditions);
  const readShares = operands.all.map((operand) => {
    const share = presence.extra.get(operand);
    if (share !== undefined) return density * share;
    // What only the filter asks for is read wherever the answer is open.
    const answered = presenceIn(presences, operand.bound.tensor).conditions.map((c) => c.tensor);
    return densityOf(conditions.filter((c) => !answered.includes(c.tensor)));
  });
  return success({ conditions, density, readShares });
}

/** Share of cases in which all conditions hold, if gates are independent; of a gate without a density all exists. */
function expectedShare(conditions: readonly GateCondition[], gates: readonly Gate[]): number {
  let share = 1;
  for (const { tensor, exists } of conditions) {
    const density = gateDensity(gates, tensor);
    const contradicted = conditions.some((c) => c.tensor === tensor && c.exists !== exists);
    share *= contradicted ? 0 : exists ? density : 1 - density;
  }
  return share;
}
