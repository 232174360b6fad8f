import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { missingDensities } from '../einsum/missing-densities.ts';
import type { Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';
import { type Building, countOf, find, type Mutable, type Scope } from './building.ts';
import { checkCapacity, isOverflowing } from './capacity.ts';
import { checkDependences } from './dependences.ts';
import { checkRooms } from './in-place.ts';
import { checkLags } from './lagging.ts';
import { checkHeld } from './lanes.ts';
import { linkKeeps } from './link-keeps.ts';
import { type LoopNode, lateKeep, type Mapping, type MappingNode, type Schedule } from './mapping.ts';
import { bindParameters } from './parameters.ts';
import { lagOf, placeCompute } from './place-compute.ts';
import { placeKeep } from './place-keep.ts';
import type { Block, Branch, Keep, Loop, PlacedMapping } from './placed.ts';
import { checkGrids } from './spatial.ts';
import { gridOf } from './tile.ts';

/** Deeper than any mapping is; mappings that were not read from a text may be deeper. */
const deepest = 64;
/** Iterations in flight: more would only cost memory. */
const mostInFlight = 65536;
const highestPriority = 1000;

/**
 * Binds a mapping to a workload and a machine and checks that it is legal: every Einsum is computed once, operands
 * are complete and kept where they are read, tiles fit their buffers, grids can be spread.
 * `overrides` replaces parameters of the mapping by name.
 *
 * Errors: every code of the section `src/mapper` in `diagnostic.ts`, and those of arithmetic.
 */
export function placeMapping(
  mapping: Mapping,
  workload: Workload,
  machine: Machine,
  overrides: ReadonlyMap<string, number> = new Map(),
): Result<PlacedMapping> {
  const other = otherCascade(mapping, workload);
  if (other !== undefined) return failure([other]);
  const diagnostics: Diagnostic[] = [];
  const { parameters, evaluate } = bindParameters(mapping, workload, machine, overrides, diagnostics);
  const b: Building = {
    workload,
    machine,
    evaluate,
    diagnostics,
    report: (code, message, at, help) => diagnostics.push(diagnostic(code, message, at, { help })),
    keeps: [],
    loops: [],
    computes: [],
  };
  const root = placeBlock(b, mapping.nodes, mapping.schedule, { loops: [], keeps: [] }, mapping.nameSpan);
  // What is missing from a tree that could not be placed, or is in it twice, is no news.
  if (diagnostics.length === 0) checkComplete(b, mapping);
  if (diagnostics.length === 0) linkKeeps(b);
  if (diagnostics.length > 0) return failure(diagnostics);

  const unknown = missingDensities(workload);
  if (unknown.length > 0) return failure(unknown);

  const { keeps, loops, computes } = b;
  const ordered = mapping.ordered.map((unit) => find(b, 'unit', unit, machine.units));
  if (ordered.some((u) => u === undefined)) return failure(diagnostics);
  const grids = collectGrids(loops);
  const placed: PlacedMapping = {
    name: mapping.name,
    workload,
    machine,
    parameters,
    root,
    keeps,
    loops,
    computes,
    ordered: [...new Set(ordered as number[])],
    grids,
  };
  diagnostics.push(
    ...checkGrids(placed),
    ...checkLags(placed),
    ...checkDependences(placed),
    ...checkHeld(placed),
    ...checkRooms(placed),
  );
  // Sizes of tiles mean little while the tree itself is wrong.
  if (diagnostics.length === 0) diagnostics.push(...checkCapacity(placed, mapping.nameSpan));
  if (diagnostics.length > 0) return failure(diagnostics);
  for (const keep of b.keeps) keep.holds = !isOverflowing(placed, keep);
  return success(placed);
}

function otherCascade(mapping: Mapping, workload: Workload): Diagnostic | undefined {
  const wanted = workload.cascade.name;
  const first = mapping.cascades[0];
  if (first === undefined || mapping.cascades.some((c) => c.name === wanted)) return undefined;
  const names = mapping.cascades.map((c) => `"${c.name}"`).join(', ');
  const message = `mapping "${mapping.name}" is for ${names}, but the cascade is "${wanted}"`;
  return diagnostic('other-cascade', message, first.span);
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

function placeBlock(b: Building, nodes: readonly MappingNode[], schedule: Schedule, scope: Scope, at: Span): Block {
  const strict = schedule.kind === 'sequence';
  const inFlight = strict ? 1 : countOf(b, schedule.inFlight, 'the number in flight', mostInFlight);
  if (scope.loops.length > deepest) {
    b.report('too-deep', `loops are nested more than ${deepest} levels deep`, at);
    return { strict, inFlight, keeps: [], branches: [] };
  }
  const keeps: Mutable<Keep>[] = [];
  const branches: Branch[] = [];
  for (const node of nodes) {
    const inner: Scope = { loops: scope.loops, keeps: [...scope.keeps, ...keeps] };
    if (node.kind === 'keep') {
      if (branches.length > 0) b.report('late-keep', lateKeep, node.span);
      keeps.push(...placeKeep(b, node, inner, keeps));
      continue;
    }
    const branch = node.kind === 'loop' ? placeLoop(b, node, inner) : placeCompute(b, node, inner);
    if (branch !== undefined) branches.push(branch);
  }
  if (!nodes.some((node) => node.kind !== 'keep')) b.report('empty-body', 'this body computes nothing', at);
  return { strict, inFlight, keeps, branches };
}

function placeLoop(b: Building, node: LoopNode, scope: Scope): Loop | undefined {
  const variable = find(b, 'index variable', node.variable, b.workload.variables);
  const across = node.across === undefined ? undefined : find(b, 'level', node.across.level, b.machine.levels);
  const tile = countOf(b, node.tile, `the step of "${node.variable.name}"`);
  const loop: Mutable<Loop> = {
    kind: 'loop',
    id: b.loops.length,
    variable: variable ?? 0,
    tile,
    across,
    dispatch: node.across?.dispatch ?? 'dynamic',
    persistent: node.across?.persistent ?? false,
    adding: addingOf(b, node),
    priority: priorityOf(b, node, scope),
    lag: lagOf(b, node),
    trailing: node.trailing,
    block: { strict: true, inFlight: 1, keeps: [], branches: [] },
    above: scope.loops,
    span: node.span,
  };
  if (variable !== undefined) b.loops.push(loop);
  checkDispatch(b, node);
  // What is under a loop over an unknown rank is placed as if the loop were not there, for its own mistakes.
  const inner: Scope = { loops: variable === undefined ? scope.loops : [...scope.loops, loop], keeps: scope.keeps };
  loop.block = placeBlock(b, node.body, node.schedule, inner, node.span);
  return variable === undefined ? undefined : loop;
}

const addingOf = (b: Building, { across }: LoopNode): readonly number[] =>
  (across?.adding ?? []).flatMap((tensor) => find(b, 'tensor', tensor, b.workload.tensors) ?? []);

/** A loop without a priority of its own has that of the loop around. */
function priorityOf(b: Building, { priority }: LoopNode, { loops }: Scope): number {
  if (priority === undefined) return loops.at(-1)?.priority ?? 0;
  const value = b.evaluate(priority) ?? 0;
  if (Number.isInteger(value) && value >= 0 && value <= highestPriority) return value;
  const message = `the priority is ${value}, but must be a whole number from 0 to ${highestPriority}`;
  b.report('bad-count', message, priority.span);
  return 0;
}

/** A step is one of the innermost loop of a grid: there is the place to say who gets it. */
function checkDispatch(b: Building, { across, body, span }: LoopNode): void {
  if (across === undefined || (across.dispatch === undefined && !across.persistent)) return;
  if (!body.some((inner) => inner.kind === 'loop' && inner.across !== undefined)) return;
  const word = across.dispatch ?? 'persistent';
  const message = `"${word}" is said of a loop that has another loop of the grid inside`;
  b.report('split-grid', message, span, `write "${word}" at the innermost loop of the grid`);
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
