import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, type DiagnosticCode, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { BoundAccess, BoundEinsum, Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';
import { checkCapacity } from './capacity.ts';
import { checkDependences } from './dependences.ts';
import { isBelow } from './levels.ts';
import type { Binding, ComputeNode, KeepNode, LoopNode, Mapping, MappingNode, Schedule } from './mapping.ts';
import { bindParameters, type Evaluate } from './parameters.ts';
import type { Block, Branch, Compute, Keep, Loop, PlacedBinding, PlacedMapping } from './placed.ts';
import { checkGrids } from './spatial.ts';
import { gridOf } from './tile.ts';

type Building = {
  readonly workload: Workload;
  readonly machine: Machine;
  readonly evaluate: Evaluate;
  readonly diagnostics: Diagnostic[];
  readonly report: (code: DiagnosticCode, message: string, at: Span, help?: string) => void;
  readonly keeps: Mutable<Keep>[];
  readonly loops: Loop[];
  readonly computes: Mutable<Compute>[];
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Scope = { readonly loops: readonly Loop[]; readonly keeps: readonly Mutable<Keep>[] };

const deepest = 64;

/**
 * Binds a mapping to a workload and a machine and checks that it is legal: every Einsum is computed once, operands
 * are complete and kept where they are read, tiles fit their buffers, grids can be spread.
 * `overrides` replaces parameters of the mapping by name.
 */
export function placeMapping(
  mapping: Mapping,
  workload: Workload,
  machine: Machine,
  overrides: ReadonlyMap<string, number> = new Map(),
): Result<PlacedMapping> {
  const diagnostics: Diagnostic[] = [];
  const bound = bindParameters(mapping, workload, machine, overrides, diagnostics);
  const b: Building = {
    workload,
    machine,
    evaluate: bound.evaluate,
    diagnostics,
    report: (code, message, at, help) => diagnostics.push(diagnostic(code, message, at, { help })),
    keeps: [],
    loops: [],
    computes: [],
  };
  checkCascade(b, mapping);
  const root = placeBlock(b, mapping.nodes, mapping.schedule, { loops: [], keeps: [] }, mapping.nameSpan, 0);
  if (diagnostics.length > 0) return failure(diagnostics);
  checkComplete(b, mapping);
  linkKeeps(b);
  if (diagnostics.length > 0) return failure(diagnostics);
  const placed: PlacedMapping = {
    name: mapping.name,
    workload,
    machine,
    parameters: bound.parameters,
    root,
    keeps: b.keeps,
    loops: b.loops,
    computes: b.computes,
    grids: collectGrids(b.loops),
  };
  diagnostics.push(...checkGrids(placed), ...checkDependences(placed));
  // Sizes of tiles mean little while the tree itself is wrong.
  if (diagnostics.length === 0) diagnostics.push(...checkCapacity(placed, mapping.nameSpan));
  return diagnostics.length > 0 ? failure(diagnostics) : success(placed);
}

function collectGrids(loops: readonly Loop[]): readonly (readonly Loop[])[] {
  const grids: Loop[][] = [];
  for (const loop of loops) {
    if (loop.across === undefined) continue;
    const around = gridOf(loop.above).at(-1);
    const grid = grids.find((g) => g.at(-1) === around);
    if (grid === undefined) grids.push([loop]);
    else grid.push(loop);
  }
  return grids;
}

function checkCascade(b: Building, mapping: Mapping): void {
  const wanted = b.workload.cascade.name;
  if (mapping.cascades.length === 0 || mapping.cascades.some((c) => c.name === wanted)) return;
  const names = mapping.cascades.map((c) => `"${c.name}"`).join(', ');
  b.report(
    'other-cascade',
    `mapping "${mapping.name}" is for ${names}, but the cascade is "${wanted}"`,
    mapping.cascades[0]!.span,
  );
}

function find<T extends { readonly name: string }>(
  b: Building,
  what: string,
  wanted: { readonly name: string; readonly span: Span },
  all: readonly T[],
): number | undefined {
  const position = all.findIndex((x) => x.name === wanted.name);
  if (position >= 0) return position;
  const help = didYouMean(
    wanted.name,
    all.map((x) => x.name),
  );
  b.report('unknown-name', `there is no ${what} "${wanted.name}"`, wanted.span, help);
  return undefined;
}

function positive(b: Building, a: LoopNode['tile'], what: string): number {
  const value = b.evaluate(a);
  if (value === undefined) return 1;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  b.report('bad-count', `${what} is ${value}, but must be a whole number of at least 1`, a.span);
  return 1;
}

function placeBlock(
  b: Building,
  nodes: readonly MappingNode[],
  schedule: Schedule,
  scope: Scope,
  at: Span,
  depth: number,
): Block {
  const inFlight = schedule.kind === 'pipeline' ? positive(b, schedule.inFlight, 'the number in flight') : 1;
  const strict = schedule.kind === 'sequence';
  if (depth > deepest) {
    b.report('too-deep', `the loop tree is more than ${deepest} levels deep`, at);
    return { strict, inFlight, keeps: [], branches: [] };
  }
  const keeps: Mutable<Keep>[] = [];
  const branches: Branch[] = [];
  for (const node of nodes) {
    if (node.kind === 'keep') {
      if (branches.length > 0)
        b.report('late-keep', 'a keep comes before the loops and computes of its body', node.span);
      keeps.push(...placeKeep(b, node, { ...scope, keeps: [...scope.keeps, ...keeps] }));
      continue;
    }
    const inner = { loops: scope.loops, keeps: [...scope.keeps, ...keeps] };
    const branch = node.kind === 'loop' ? placeLoop(b, node, inner, depth) : placeCompute(b, node, inner);
    if (branch !== undefined) branches.push(branch);
  }
  if (branches.length === 0) b.report('empty-body', 'this body computes nothing', at);
  return { strict, inFlight, keeps, branches };
}

function placeKeep(b: Building, node: KeepNode, scope: Scope): Mutable<Keep>[] {
  const level = find(b, 'level', node.level, b.machine.levels);
  const stages = positive(b, node.stages, 'the number of stages');
  const placed: Mutable<Keep>[] = [];
  for (const wanted of node.tensors) {
    const tensor = find(b, 'tensor', wanted, b.workload.tensors);
    if (tensor === undefined || level === undefined) continue;
    if (b.machine.levels[level]!.memory === undefined) {
      b.report('no-memory', `level "${node.level.name}" has no memory to keep "${wanted.name}" in`, node.level.span);
      continue;
    }
    const parent = [...scope.keeps, ...placed].findLast((k) => k.tensor === tensor);
    if (parent !== undefined && !isBelow(b.machine.levels, level, parent.level)) {
      const above = b.machine.levels[parent.level]!.name;
      b.report(
        'keep-order',
        `"${wanted.name}" is already kept in "${above}", and "${node.level.name}" is not below it`,
        wanted.span,
      );
      continue;
    }
    const keep: Mutable<Keep> = {
      id: b.keeps.length,
      tensor,
      level,
      stages,
      parent,
      above: scope.loops,
      accesses: [],
      users: [],
      producer: undefined,
      fill: 'never',
      drain: false,
      sharedLoops: 0,
      renewing: [],
      local: false,
      span: node.span,
    };
    b.keeps.push(keep);
    placed.push(keep);
  }
  return placed;
}

function placeLoop(b: Building, node: LoopNode, scope: Scope, depth: number): Loop | undefined {
  const variable = find(b, 'index variable', node.variable, b.workload.variables);
  const across = node.across === undefined ? undefined : find(b, 'level', node.across, b.machine.levels);
  const tile = positive(b, node.tile, `the step of "${node.variable.name}"`);
  const loop: Mutable<Loop> = {
    kind: 'loop',
    id: b.loops.length,
    variable: variable ?? 0,
    tile,
    across,
    trailing: node.trailing,
    block: { strict: true, inFlight: 1, keeps: [], branches: [] },
    above: scope.loops,
    span: node.span,
  };
  b.loops.push(loop);
  const inner: Scope = { loops: variable === undefined ? scope.loops : [...scope.loops, loop], keeps: scope.keeps };
  loop.block = placeBlock(b, node.body, node.schedule, inner, node.span, depth + 1);
  return variable === undefined ? undefined : loop;
}

function placeCompute(b: Building, node: ComputeNode, scope: Scope): Compute | undefined {
  const position = find(b, 'Einsum', node.einsum, b.workload.einsums);
  const ramp = b.evaluate(node.ramp) ?? 0;
  if (ramp < 0) b.report('bad-count', `the ramp factor is ${ramp}, but must not be negative`, node.ramp.span);
  if (position === undefined) return undefined;
  const einsum = b.workload.einsums[position]!;
  for (const loop of scope.loops) checkLoopBelongs(b, loop, einsum, node);
  const bindings = placeBindings(b, node, einsum);
  const keepOf = (access: BoundAccess): Mutable<Keep> | undefined => {
    const keep = scope.keeps.findLast((k) => k.tensor === access.tensor);
    if (keep !== undefined) return keep;
    const name = b.workload.tensors[access.tensor]!.name;
    b.report(
      'not-kept',
      `Einsum "${einsum.name}" needs tensor "${name}", which no level above it keeps`,
      node.einsum.span,
      `add "keep ${name} in LEVEL" to one of the bodies around it`,
    );
    return undefined;
  };
  const operands = einsum.operands.map(keepOf);
  const output = keepOf(einsum.output);
  if (bindings === undefined || output === undefined || operands.some((o) => o === undefined)) return undefined;
  const compute: Compute = {
    kind: 'compute',
    id: b.computes.length,
    einsum,
    bindings,
    ramp,
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

/** Tells every keep of the tensor above a compute who uses it and which part. */
function addUser(einsum: BoundEinsum, access: BoundAccess, keeps: readonly Mutable<Keep>[], produces: boolean): void {
  for (const keep of keeps) {
    if (keep.tensor !== access.tensor) continue;
    keep.accesses = [...keep.accesses, access];
    if (!keep.users.includes(einsum)) keep.users = [...keep.users, einsum];
    if (produces) keep.producer = einsum;
  }
}

/** Steps of a loop, unless the rank is shorter: 1 means that it is no loop at all. */
const stepsOf = (w: Workload, loop: Loop): number => Math.ceil(w.variables[loop.variable]!.size / loop.tile);

function checkLoopBelongs(b: Building, loop: Loop, einsum: BoundEinsum, node: ComputeNode): void {
  if (einsum.variables.includes(loop.variable) || stepsOf(b.workload, loop) === 1) return;
  const name = b.workload.variables[loop.variable]!.name;
  b.report(
    'foreign-loop',
    `Einsum "${einsum.name}" has no rank "${name}", so under a loop over "${name}" it would be computed ${stepsOf(b.workload, loop)} times`,
    node.einsum.span,
    `move it out of the loop over "${name}"`,
  );
}

function placeBindings(b: Building, node: ComputeNode, einsum: BoundEinsum): readonly PlacedBinding[] | undefined {
  const named = new Set(node.bindings.flatMap((x) => (x.operator === undefined ? [] : [x.operator.name])));
  const operators = einsum.operations.map((o) => o.operator);
  for (const x of node.bindings)
    if (x.operator !== undefined && !operators.includes(x.operator.name))
      b.report(
        'unused-binding',
        `Einsum "${einsum.name}" has no operation "${x.operator.name}"`,
        x.operator.span,
        didYouMean(x.operator.name, operators),
      );
  const placed = node.bindings.map((x) => placeBinding(b, x, einsum, named));
  return placed.some((x) => x === undefined) ? undefined : (placed as PlacedBinding[]);
}

function placeBinding(
  b: Building,
  binding: Binding,
  einsum: BoundEinsum,
  named: ReadonlySet<string>,
): PlacedBinding | undefined {
  const position = find(b, 'unit', binding.unit, b.machine.units);
  if (position === undefined) return undefined;
  const unit = b.machine.units[position]!;
  const mine = einsum.operations.filter((o) =>
    binding.operator === undefined ? !named.has(o.operator) : o.operator === binding.operator.name,
  );
  const operations: Mutable<PlacedBinding['operations'][number]>[] = [];
  for (const { operator, perPoint } of mine) {
    const cost = unit.operators.get(operator);
    if (cost === undefined) {
      const able = b.machine.units.filter((u) => u.operators.has(operator)).map((u) => `"${u.name}"`);
      b.report(
        'unit-cannot',
        `Einsum "${einsum.name}" needs operation "${operator}", which unit "${unit.name}" does not have`,
        binding.unit.span,
        able.length > 0 ? `units that have it: ${able.join(', ')}` : `no unit of "${b.machine.name}" has it`,
      );
      continue;
    }
    operations.push({ operator, perPoint, cycles: cost.cycles, energy_pj: cost.energy_pj });
  }
  const dimensions = placeDimensions(b, binding, einsum, unit);
  return {
    unit: position,
    dimensions,
    operations,
    cyclesPerPoint: operations.reduce((sum, o) => sum + o.perPoint * o.cycles, 0),
  };
}

function placeDimensions(
  b: Building,
  binding: Binding,
  einsum: BoundEinsum,
  unit: Machine['units'][number],
): PlacedBinding['dimensions'] {
  const placed: { variable: number; size: number }[] = [];
  const taken = new Set<string>();
  for (const { dimension, variable } of binding.dimensions) {
    const array = find(b, `dimension of unit "${unit.name}" named`, dimension, unit.dimensions);
    const v = find(b, 'index variable', variable, b.workload.variables);
    if (array === undefined || v === undefined) continue;
    if (!einsum.variables.includes(v)) {
      b.report('foreign-rank', `Einsum "${einsum.name}" has no rank "${variable.name}" to spread`, variable.span);
      continue;
    }
    if (taken.has(dimension.name) || placed.some((p) => p.variable === v)) {
      b.report(
        'bound-twice',
        `"${dimension.name} ${variable.name}" binds a dimension or a rank a second time`,
        dimension.span,
      );
      continue;
    }
    taken.add(dimension.name);
    placed.push({ variable: v, size: unit.dimensions[array]!.size });
  }
  return placed;
}

function checkComplete(b: Building, mapping: Mapping): void {
  for (const einsum of b.workload.einsums) {
    const places = b.computes.filter((c) => c.einsum === einsum);
    if (places.length === 0)
      b.report('einsum-missing', `Einsum "${einsum.name}" is computed nowhere in the mapping`, mapping.nameSpan);
    if (places.length > 1)
      b.report('einsum-twice', `Einsum "${einsum.name}" is computed ${places.length} times`, places[1]!.span);
  }
}

/** Decides what each keep fills and drains, now that all its users are known. */
function linkKeeps(b: Building): void {
  for (const keep of b.keeps) {
    const tensor = b.workload.tensors[keep.tensor]!;
    if (keep.users.length === 0) {
      b.report('useless-keep', `"${tensor.name}" is kept here, but nothing below uses it`, keep.span);
      continue;
    }
    const grid = gridOf(keep.above)[0]?.across;
    keep.local = grid !== undefined && (keep.level === grid || isBelow(b.machine.levels, keep.level, grid));
    if (keep.parent === undefined) {
      checkHome(b, keep);
      continue;
    }
    keep.fill = keep.producer === undefined ? 'always' : 'revisited';
    const elsewhere = b.computes.filter((c) => c.operands.some((o) => o.tensor === keep.tensor && !isWithin(o, keep)));
    const partners =
      keep.producer === undefined ? b.computes.filter((c) => c.output.tensor === keep.tensor) : elsewhere;
    keep.sharedLoops = partners.reduce((most, c) => Math.max(most, countShared(keep.above, c.above)), 0);
    const shared = keep.above.slice(0, keep.sharedLoops);
    const carried = partners[0]?.einsum.carried;
    keep.renewing = keep.producer === undefined ? shared.filter((l) => l.variable === carried) : shared;
    keep.drain =
      keep.producer !== undefined && (tensor.role === 'output' || elsewhere.length > 0 || isRevisited(b, keep));
  }
}

/** Outermost loops that two places have in common. */
function countShared(a: readonly Loop[], b: readonly Loop[]): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
}

const isWithin = (inner: Keep, outer: Keep): boolean => {
  for (let k: Keep | undefined = inner; k !== undefined; k = k.parent) if (k === outer) return true;
  return false;
};

/** Whether loops above return to a tile of a produced tensor to add to it or to carry it on. */
function isRevisited(b: Building, keep: Keep): boolean {
  const { producer } = keep;
  return (
    producer !== undefined &&
    keep.above.some(
      (l) => stepsOf(b.workload, l) > 1 && (producer.reduced.includes(l.variable) || producer.carried === l.variable),
    )
  );
}

/** Inputs and outputs live where no loop moves them; every user of a tensor is below its home. */
function checkHome(b: Building, keep: Keep): void {
  const tensor = b.workload.tensors[keep.tensor]!;
  if (tensor.role !== 'intermediate' && keep.above.some((l) => stepsOf(b.workload, l) > 1)) {
    const loop = b.workload.variables[keep.above[0]!.variable]!.name;
    b.report(
      'no-home',
      `${tensor.role} "${tensor.name}" is kept only inside the loop over "${loop}": the whole tensor has no place to be`,
      keep.span,
      `keep it outside all loops too, in the outermost memory`,
    );
  }
  const first = b.keeps.find((k) => k.tensor === keep.tensor && k.parent === undefined);
  if (first !== keep)
    b.report('two-homes', `"${tensor.name}" is kept in two places with no place above both to pass it on`, keep.span);
}
