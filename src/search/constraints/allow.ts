import type { Workload } from '../../einsum/workload.ts';
import type { UnitChoice } from '../plan.ts';
import { type BoundConstraints, type BoundUnit, rulesOf } from './bound.ts';

/** What constraints leave of each choice of a nest. */

/** The lines that are about a nest of such Einsums. */
export const inForce = (
  constraints: BoundConstraints,
  { einsums }: Workload,
  some: readonly number[],
): BoundConstraints =>
  constraints.filter(({ scope }) => scope === undefined || some.some((e) => scope.has(einsums[e]!.name)));

/** Whether some Einsums, and no others, can be a nest. */
export function allowsNest(constraints: BoundConstraints, { einsums }: Workload, some: readonly number[]): boolean {
  return rulesOf(constraints, 'fuse').every((rule) => {
    const named = some.filter((e) => rule.einsums.has(einsums[e]!.name)).length;
    return named === 0 || (rule.never ? named === 1 : named === rule.einsums.size);
  });
}

/** Integers below the size of a rank that a line on its tiles allows, falling; undefined: it allows them among others. */
export function tilesAllowed(
  constraints: BoundConstraints,
  variable: number,
  size: number,
  tried: () => readonly number[],
): readonly number[] {
  const rules = rulesOf(constraints, 'tile').filter((r) => r.variables.has(variable));
  if (rules.length === 0) return tried();
  const listed = rules.find((r) => r.by !== undefined)?.by;
  const stepped = rules.find((r) => r.divisors || r.multiples !== undefined);
  const candidates =
    listed ?? (stepped === undefined ? tried() : stepsOf(size, stepped.divisors ? undefined : stepped.multiples));
  const fits = (tile: number): boolean =>
    rules.every(
      (r) =>
        r.by?.includes(tile) !== false &&
        (!r.divisors || size % tile === 0) &&
        tile % (r.multiples ?? 1) === 0 &&
        tile >= r.from &&
        tile <= r.to,
    );
  return [...new Set(candidates)].filter((t) => t < size && fits(t)).toSorted((a, b) => b - a);
}

/** Multiples of a number up to a size; the divisors of the size where no number is given. */
function stepsOf(size: number, multiple: number | undefined): readonly number[] {
  if (multiple !== undefined) return Array.from({ length: Math.floor(size / multiple) }, (_, i) => (i + 1) * multiple);
  const divisors: number[] = [];
  for (let d = 1; d * d <= size; d++) if (size % d === 0) divisors.push(d, size / d);
  return divisors;
}

/** Numbers of loops over a variable, of those that could be tried. */
export function countsAllowed(
  constraints: BoundConstraints,
  variable: number,
  tried: readonly number[],
): readonly number[] {
  const rules = rulesOf(constraints, 'cut').filter((r) => r.variables.has(variable));
  const listed = rules.find((r) => r.counts !== undefined)?.counts ?? tried;
  return listed.filter((n) => rules.every((r) => (r.counts === undefined ? n > 0 : r.counts.includes(n))));
}

/** Iterations that may overlap. */
export function inFlightAllowed(constraints: BoundConstraints, tried: readonly number[]): readonly number[] {
  const rules = rulesOf(constraints, 'schedule');
  return [...new Set(rules[0]?.inFlight ?? tried)].filter((n) => rules.every((r) => r.inFlight.includes(n)));
}

/** Stages that a tensor's place in a level may have; none: it has no place there. */
export function stagesAllowed(
  constraints: BoundConstraints,
  tensor: number,
  level: number,
  tried: readonly number[],
): readonly number[] {
  const rules = rulesOf(constraints, 'keep').filter((r) => r.tensors.has(tensor) && r.level === level);
  const listed = rules.find((r) => !r.never && r.stages !== undefined)?.stages ?? tried;
  return [...new Set(listed)].filter((n) => rules.every((r) => (r.stages?.includes(n) ?? true) !== r.never));
}

/**
 * Whether a tensor is in the levels in which it must be, and in none in which it must not, with whatever stages. `home`: the level that it is
 * at home in, if it is.
 */
export function allowsLevels(
  constraints: BoundConstraints,
  tensor: number,
  home: number | undefined,
  levels: readonly number[],
): boolean {
  return rulesOf(constraints, 'keep').every((r) => {
    if (!r.tensors.has(tensor)) return true;
    if (r.level === home) return !r.never || r.stages !== undefined;
    return r.never ? r.stages !== undefined || !levels.includes(r.level) : levels.includes(r.level);
  });
}

/** Whether an Einsum may run so. */
export function allowsUnits(
  constraints: BoundConstraints,
  { einsums }: Workload,
  position: number,
  choice: readonly UnitChoice[],
): boolean {
  const { name, operations } = einsums[position]!;
  // An Einsum without operations (a copy) is on one unit as a whole.
  const operators = operations.length === 0 ? [undefined] : operations.map((o) => o.operator);
  const own = (operator: string | undefined): UnitChoice => choice.find((c) => c.operator === operator) ?? choice[0]!;
  return rulesOf(constraints, 'compute').every((rule) => {
    if (!rule.einsums.has(name)) return true;
    const named = new Set(rule.bindings.map((b) => b.operator));
    const meant = (b: BoundUnit): readonly (string | undefined)[] =>
      operators.filter((o) => (b.operator === undefined ? o === undefined || !named.has(o) : o === b.operator));
    if (rule.never) return rule.bindings.every((b) => meant(b).every((o) => !isOn(b, own(o))));
    return rule.bindings.every((b) => meant(b).every((o) => isOn(b, own(o))));
  });
}

const isOn = ({ unit, along }: BoundUnit, part: UnitChoice): boolean =>
  part.unit === unit &&
  [...along].every(([dimension, variables]) => part.variables[dimension]!.join() === variables.join());
