import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import { printArithmetic } from '../arithmetic.ts';
import type { Arithmetic, Einsum } from '../ast.ts';
import { nextVersion } from '../carried.ts';
import { type Facts, outputVariables, ranksOf } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { accessesOf } from '../traverse.ts';
import { type Recurrence, recurrences } from './recurrence.ts';

/** True if an iteration finds the element there: made in it, or in one before. */
function isAvailable(index: Arithmetic, variable: string, isCarried: boolean): boolean {
  if (index.kind === 'name') return index.name === variable;
  if (index.kind === 'number') return isCarried && index.value === 0;
  if (isCarried && nextVersion(index) === variable) return true;
  const [from, back] = index.operands;
  return index.operator === '-' && from?.kind === 'name' && from.name === variable && back?.kind === 'number';
}

/** Reads, by an Einsum of a recurrence, of what only a later iteration makes. */
function* readsAhead(facts: Facts, einsum: Einsum, recurrence: Recurrence): Generator<Diagnostic> {
  const { tensor, variable, positions } = recurrence;
  for (const access of accessesOf(einsum)) {
    if (!positions.has(facts.producers.get(access.tensor)?.position ?? -1)) continue;
    const rank = facts.variables.get(variable);
    const along = rank === undefined ? -1 : (ranksOf(facts, access.tensor)?.indexOf(rank) ?? -1);
    const index = access.indices[along];
    const isCarried = facts.carried.get(access.tensor)?.position === along;
    if (index === undefined || isAvailable(index, variable, isCarried)) continue;
    const message = `"${access.tensor}" is read at "${printArithmetic(index)}" on the way to the next version of "${tensor}", but iteration "${variable}" has it only up to "${variable}"`;
    yield diagnostic('dependency-cycle', message, index.span);
  }
}

/** Between a version of a carried tensor and the next one, nothing can need all versions at once. */
export const dependencyCycle: Rule = function* (facts) {
  for (const recurrence of recurrences(facts)) {
    const { tensor, variable, positions } = recurrence;
    for (const position of positions) {
      const einsum = facts.cascade.einsums[position];
      if (einsum === undefined) continue;
      if (outputVariables(facts, einsum).has(variable)) yield* readsAhead(facts, einsum, recurrence);
      else
        yield diagnostic(
          'dependency-cycle',
          `"${einsum.output.tensor}" needs "${tensor}" at every "${variable}", and the next "${tensor}" needs "${einsum.output.tensor}"`,
          einsum.span,
          {
            related: [{ span: facts.producers.get(tensor)!.einsum.span, message: `"${tensor}" is carried on here` }],
            help: `index "${einsum.output.tensor}" by "${variable}", or read the last version after the loop`,
          },
        );
    }
  }
};
