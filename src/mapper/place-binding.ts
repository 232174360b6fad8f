import { operationCost, type Unit } from '../arch/machine.ts';
import { type BoundEinsum, operandBits } from '../einsum/workload.ts';
import { type Building, countOf, find } from './building.ts';
import { longest } from './lanes.ts';
import type { Binding } from './mapping.ts';
import type { Loop, PlacedBinding } from './placed.ts';

/** Places a unit and what runs on it: the operation that the binding names, or all that `named` lacks. */
export function placeBinding(
  b: Building,
  binding: Binding,
  einsum: BoundEinsum,
  named: ReadonlySet<string>,
  loops: readonly Loop[],
): PlacedBinding | undefined {
  const position = find(b, 'unit', binding.unit, b.machine.units);
  if (position === undefined) return undefined;
  const unit = b.machine.units[position]!;
  const operations = placeOperations(b, binding, einsum, unit, named);
  checkRow(b, binding, einsum, unit);
  return {
    unit: position,
    dimensions: placeDimensions(b, binding, einsum, unit, loops),
    operations,
    cyclesPerPoint: operations.reduce((sum, o) => sum + o.perPoint * o.cycles, 0),
  };
}

/** An engine that selects must have room for the longest row. */
function checkRow(b: Building, { unit: named }: Binding, { name, selection, domain }: BoundEinsum, unit: Unit): void {
  if (unit.selector === undefined || selection?.kind !== 'rank') return;
  const { variable } = selection;
  // A condition on the variable alone, such as what an earlier selection keeps, bounds all rows of its piece.
  const longest = domain.map((conjunction) =>
    conjunction
      .filter(({ terms }) => terms.length === 1 && terms[0]!.variable === variable && terms[0]!.coefficient === -1)
      .reduce((most, { offset }) => Math.min(most, offset + 1), b.workload.variables[variable]!.size),
  );
  const row = Math.max(0, ...longest);
  const { capacity_elements } = unit.selector;
  if (row <= capacity_elements) return;
  const message = `Einsum "${name}" selects among rows of up to ${row} elements, but the selector of "${unit.name}" has room for ${capacity_elements}`;
  b.report('row-too-long', message, named.span, 'a machine with longer FIFOs, or a shorter rank, could run it');
}

function placeOperations(
  b: Building,
  binding: Binding,
  einsum: BoundEinsum,
  unit: Unit,
  named: ReadonlySet<string>,
): PlacedBinding['operations'] {
  const only = binding.operator?.name;
  const mine = einsum.operations.filter((o) => (only === undefined ? !named.has(o.operator) : o.operator === only));
  const bits = operandBits(b.workload, einsum);
  return mine.flatMap(({ operator, perPoint }) => {
    const cost = unit.operators.get(operator);
    if (cost !== undefined) return [{ operator, perPoint, ...operationCost(unit, cost, bits) }];
    const able = b.machine.units.filter((u) => u.operators.has(operator)).map((u) => `"${u.name}"`);
    b.report(
      'unit-cannot',
      `Einsum "${einsum.name}" needs operation "${operator}", which unit "${unit.name}" does not have`,
      binding.unit.span,
      able.length > 0 ? `units that have it: ${able.join(', ')}` : `no unit of "${b.machine.name}" has it`,
    );
    return [];
  });
}

function placeDimensions(
  b: Building,
  binding: Binding,
  einsum: BoundEinsum,
  unit: Unit,
  loops: readonly Loop[],
): PlacedBinding['dimensions'] {
  const placed: { variable: number; size: number; whole: number | undefined }[] = [];
  const left = new Map(unit.dimensions.map((d) => [d.name, d.size]));
  const open = new Set<string>();
  // Ranks that say how many lanes they have go first: the others get those that are left.
  const [shared, whole] = [binding.dimensions.filter((d) => d.lanes), binding.dimensions.filter((d) => !d.lanes)];
  for (const { dimension, variable, lanes } of [...shared, ...whole]) {
    const array = find(b, `dimension of unit "${unit.name}" named`, dimension, unit.dimensions);
    const v = find(b, 'index variable', variable, b.workload.variables);
    if (array === undefined || v === undefined) continue;
    if (open.has(dimension.name) || placed.some((p) => p.variable === v)) {
      const message = `"${dimension.name} ${variable.name}" binds a dimension or a rank a second time`;
      const help = `ranks share a dimension with numbers of lanes, as in "${dimension.name} ${variable.name} by 4"`;
      b.report('bound-twice', message, dimension.span, open.has(dimension.name) ? help : undefined);
      continue;
    }
    if (!einsum.variables.includes(v)) {
      const message = `Einsum "${einsum.name}" has no rank "${variable.name}" to lay along "${dimension.name}"`;
      b.report('foreign-rank', message, variable.span);
      continue;
    }
    if (einsum.carried === v && longest(b.workload, loops, v) > 1) {
      const message = `Einsum "${einsum.name}" makes one version after the other along "${variable.name}", so "${dimension.name}" cannot work on several at once`;
      b.report('carried-dimension', message, variable.span, `put it under "for ${variable.name}"`);
      continue;
    }
    const size =
      lanes === undefined
        ? left.get(dimension.name)!
        : countOf(b, lanes, 'the number of lanes', left.get(dimension.name)!);
    if (lanes === undefined) open.add(dimension.name);
    left.set(dimension.name, Math.floor(left.get(dimension.name)! / size));
    const isShared = shared.some((d) => d.dimension.name === dimension.name);
    placed.push({ variable: v, size, whole: isShared ? undefined : array });
  }
  return placed;
}
