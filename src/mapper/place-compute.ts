import { didYouMean } from '../did-you-mean.ts';
import type { BoundAccess, BoundEinsum } from '../einsum/workload.ts';
import { type Building, find, type Mutable, type Scope } from './building.ts';
import { moves } from './loops.ts';
import type { Binding, ComputeNode, LoopNode } from './mapping.ts';
import { placeBinding } from './place-binding.ts';
import type { Compute, Keep, Loop, PlacedBinding } from './placed.ts';
import { mostSteps } from './tile.ts';

const largestRamp = 1000;
const largestLag = 1000;

export function placeCompute(b: Building, node: ComputeNode, scope: Scope): Compute | undefined {
  const ramp = rampOf(b, node);
  const lag = lagOf(b, node);
  const position = find(b, 'Einsum', node.einsum, b.workload.einsums);
  if (position === undefined) return undefined;
  const einsum = b.workload.einsums[position]!;
  for (const loop of scope.loops) checkLoopBelongs(b, loop, einsum, node);
  checkSelected(b, scope.loops, einsum, node);
  const bindings = placeBindings(b, node, einsum, scope.loops);
  const operands = einsum.operands.map((access) => keepOf(b, node, access, scope.keeps));
  const output = keepOf(b, node, einsum.output, scope.keeps);
  if (bindings === undefined || output === undefined || operands.some((o) => o === undefined)) return undefined;
  const compute: Compute = {
    kind: 'compute',
    id: b.computes.length,
    einsum,
    bindings,
    ramp,
    lag,
    trailing: node.trailing,
    operands: operands as Keep[],
    output,
    above: scope.loops,
    span: node.span,
  };
  b.computes.push(compute);
  addUser(einsum, einsum.output, scope.keeps, true);
  for (const access of einsum.operands) addUser(einsum, access, scope.keeps, false);
  return compute;
}

/** A selection needs all of a fibre at once. */
function checkSelected(b: Building, loops: readonly Loop[], { selection, name }: BoundEinsum, node: ComputeNode): void {
  if (selection?.kind !== 'rank') return;
  const cut = loops.find((l) => l.variable === selection.variable && moves(b.workload, l));
  if (cut === undefined) return;
  const variable = b.workload.variables[selection.variable]!.name;
  const message = `Einsum "${name}" selects among all of "${variable}", of which the loop has ${cut.tile} at a time`;
  b.report('cut-selection', message, node.einsum.span, `compute it outside of the loops over "${variable}"`);
}

function rampOf(b: Building, node: ComputeNode): number {
  const ramp = b.evaluate(node.ramp) ?? 0;
  if (ramp >= 0 && ramp <= largestRamp) return ramp;
  b.report('bad-count', `the ramp factor is ${ramp}, but must be 0 to ${largestRamp}`, node.ramp.span);
  return 0;
}

export function lagOf(b: Building, node: ComputeNode | LoopNode): number {
  const lag = b.evaluate(node.lag) ?? 0;
  if (Number.isInteger(lag) && lag >= 0 && lag <= largestLag) return lag;
  b.report('bad-count', `the lag is ${lag}, but must be a whole number from 0 to ${largestLag}`, node.lag.span);
  return 0;
}

function keepOf(
  b: Building,
  node: ComputeNode,
  access: BoundAccess,
  keeps: readonly Mutable<Keep>[],
): Mutable<Keep> | undefined {
  const keep = keeps.findLast((k) => k.tensor === access.tensor);
  if (keep !== undefined) return keep;
  const name = b.workload.tensors[access.tensor]!.name;
  const message = `Einsum "${node.einsum.name}" needs tensor "${name}", which no level above it keeps`;
  const help = `add "keep ${name} in LEVEL" to one of the bodies around it, above both where it is produced and where it is read`;
  b.report('not-kept', message, node.einsum.span, help);
  return undefined;
}

/** Tells every keep of the tensor above a compute who uses it and which part. */
function addUser(einsum: BoundEinsum, access: BoundAccess, keeps: readonly Mutable<Keep>[], produces: boolean): void {
  for (const keep of keeps) {
    if (keep.tensor !== access.tensor) continue;
    keep.accesses = [...keep.accesses, access];
    if (!keep.users.includes(einsum)) keep.users = [...keep.users, einsum];
    if (produces) keep.producer = einsum;
  }
}

function checkLoopBelongs(b: Building, loop: Loop, einsum: BoundEinsum, node: ComputeNode): void {
  if (einsum.variables.includes(loop.variable) || !moves(b.workload, loop)) return;
  const { name, size } = b.workload.variables[loop.variable]!;
  b.report(
    'foreign-loop',
    `Einsum "${einsum.name}" has no rank "${name}", so under a loop over "${name}" it would be computed ${mostSteps(loop, size)} times`,
    node.einsum.span,
    `move it out of the loop over "${name}"`,
  );
}

function placeBindings(
  b: Building,
  node: ComputeNode,
  einsum: BoundEinsum,
  loops: readonly Loop[],
): readonly PlacedBinding[] | undefined {
  const named = checkOperators(b, node.bindings, einsum);
  const placed = node.bindings.map((x) => placeBinding(b, x, einsum, named, loops));
  return placed.some((x) => x === undefined) ? undefined : (placed as PlacedBinding[]);
}

/** Operators that bindings after the first name; each must be an operation of the Einsum, and one be left for the first. */
function checkOperators(b: Building, bindings: readonly Binding[], einsum: BoundEinsum): ReadonlySet<string> {
  const named = new Set<string>();
  const operators = einsum.operations.map((o) => o.operator);
  for (const { operator } of bindings) {
    if (operator === undefined) continue;
    if (named.has(operator.name))
      b.report('bound-twice', `operation "${operator.name}" is bound a second time`, operator.span);
    named.add(operator.name);
    if (operators.includes(operator.name)) continue;
    const message = `Einsum "${einsum.name}" has no operation "${operator.name}"`;
    b.report('unused-binding', message, operator.span, didYouMean(operator.name, operators));
  }
  const [first] = bindings;
  if (first !== undefined && operators.length > 0 && operators.every((o) => named.has(o)))
    b.report(
      'unused-binding',
      `the first binding of Einsum "${einsum.name}" is left without an operation: the others name all of them`,
      first.unit.span,
      'write one of them as the first, without its operator',
    );
  return named;
}
