import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Scope, variablesIn } from './affine.ts';
import { evaluateArithmetic, printArithmetic } from './arithmetic.ts';
import type { Selection } from './ast.ts';
import { coefficientOf } from './constraint.ts';
import { intersect, type Refusal, type Space } from './domain-algebra.ts';
import type { BoundSelection, Constraint, Domain, Variable } from './workload.ts';

/** Coordinates for which a count is worked out one by one; and more pieces than that no domain has. */
const mostCounts = 4096;

/** A selection with its counts known. Errors: `bad-size`, `not-countable`, those of arithmetic. */
export function bindSelection(s: Selection, scope: Scope, variables: readonly Variable[]): Result<BoundSelection> {
  if (s.kind === 'threshold') return success({ kind: 'threshold', above: s.word === 'above', value: s.value });
  const name = variablesIn(s.count, scope.variables)[0];
  const along = name === undefined ? undefined : scope.variables.get(name)!;
  const size = along === undefined ? 1 : variables[along]!.size;
  if (size > mostCounts) {
    const message = `how many "${s.word}" keeps is worked out for each "${name}", of which there are ${size}; the limit is ${mostCounts}`;
    return failure([diagnostic('not-countable', message, s.count.span)]);
  }
  const counts: number[] = [];
  for (let i = 0; i < size; i++) {
    const sizes = name === undefined ? scope.sizes : new Map([...scope.sizes, [name, i]]);
    const count = evaluateArithmetic(s.count, sizes);
    if (!count.ok) return count;
    if (!Number.isInteger(count.value) || count.value < 0)
      return failure([badCount(s, count.value, name === undefined ? '' : ` at ${name} = ${i}`)]);
    counts.push(count.value);
  }
  return success({
    kind: 'rank',
    largest: s.word === 'top',
    variable: scope.variables.get(s.variable.name)!,
    along,
    counts,
  });
}

function badCount({ word, count }: Selection & { kind: 'rank' }, value: number, where: string): Diagnostic {
  const message = `"${word}" keeps ${printArithmetic(count)} = ${value} elements${where}; it must be a whole number, 0 or more`;
  return diagnostic('bad-size', message, count.span, { help: 'round it, as in floor(...) or max(0, ...)' });
}

/**
 * The points at which what a selection keeps of a domain exists, as positions: the first so many of each fibre. Refused
 * where fibres do not begin at 0, for then positions and coordinates are not comparable.
 */
export function keptPositions(s: BoundSelection, domain: Domain, space: Space): Domain | Refusal {
  if (s.kind === 'threshold') return domain;
  if (domain.some((conjunction) => conjunction.some((c) => coefficientOf(c, s.variable) > 0)))
    return {
      refusal: 'a selection counts what it keeps from 0 on, but not every fibre begins there',
      variable: s.variable,
    };
  return intersect(domain, firstPositions(s), space);
}

/** One piece for each run of coordinates with the same count. */
function firstPositions({ variable, along, counts }: BoundSelection & { kind: 'rank' }): Domain {
  const pieces: (readonly Constraint[])[] = [];
  for (let start = 0; start < counts.length; ) {
    const count = counts[start]!;
    let end = start + 1;
    while (end < counts.length && counts[end] === count) end++;
    const kept: Constraint = { terms: [{ variable, coefficient: -1 }], offset: count - 1 };
    const bounds: Constraint[] =
      along === undefined
        ? []
        : [
            { terms: [{ variable: along, coefficient: 1 }], offset: -start },
            { terms: [{ variable: along, coefficient: -1 }], offset: end - 1 },
          ];
    pieces.push([...bounds, kept]);
    start = end;
  }
  return pieces;
}
