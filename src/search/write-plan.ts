import type { Arithmetic } from '../einsum/ast.ts';
import { invariant } from '../invariant.ts';
import type { ComputeNode, KeepNode, LoopNode, Mapping, MappingNode, Schedule } from '../mapper/mapping.ts';
import { span } from '../source.ts';
import { branchesAt } from './branches.ts';
import { gridDepth } from './grid.ts';
import { tensorsOf } from './mapspace.ts';
import { homeOf, isAtHomeOf, lanesOf, type Nest, type NestKeep, type Plan, type Problem } from './plan.ts';

const nowhere = span({ name: 'found mapping', text: '' }, 0, 0);
const number = (value: number): Arithmetic => ({ kind: 'number', value, span: nowhere });
const named = (name: string): { readonly name: string; readonly span: typeof nowhere } => ({ name, span: nowhere });

/** Writes a plan as the loop tree that it stands for. Whether that is legal is for the placement to say. */
export function writePlan(problem: Problem, { nests }: Plan, name: string): Mapping {
  const { workload, machine } = problem;
  const home = homeOf(machine);
  const used = tensorsOf(
    workload,
    workload.einsums.map((_, e) => e),
  );
  const atHome = used.filter((t) => isAtHomeOf(problem, nests, t));
  return {
    name,
    nameSpan: nowhere,
    cascades: [named(workload.cascade.name)],
    parameters: [],
    schedule: { kind: 'sequence' },
    ordered: [],
    nodes: [
      ...keepNodes(
        problem,
        atHome.map((tensor) => ({ tensor, level: home, depth: 0, stages: 1 })),
      ),
      ...nests.flatMap((nest) => (nests.length > 1 ? closed(problem, nest) : writeNest(problem, nest))),
    ],
  };
}

/** A nest beside others: what it keeps outside its loops is under a loop of one step, so that the others do not see it. */
function closed(problem: Problem, nest: Nest): readonly MappingNode[] {
  const nodes = writeNest(problem, nest);
  if (nodes[0]!.kind !== 'keep') return nodes;
  const { name, size } = problem.workload.variables[problem.workload.einsums[nest.einsums[0]!]!.variables[0]!]!;
  return [
    {
      kind: 'loop',
      variable: named(name),
      tile: number(size),
      across: undefined,
      schedule: { kind: 'sequence' },
      priority: undefined,
      lag: number(0),
      trailing: false,
      body: nodes,
      span: nowhere,
    },
  ];
}

type Writing = { readonly problem: Problem; readonly nest: Nest };

const writeNest = (problem: Problem, nest: Nest): readonly MappingNode[] =>
  writeBody({ problem, nest }, nest.einsums, 0);

/** How the iterations of a loop go: steps of a grid one after the other, each as operands allow where all else is a pipeline. */
function scheduleAt({ loops, inFlight }: Nest, depth: number): Schedule {
  const grid = gridDepth(loops);
  if (inFlight === 1 || depth < grid - 1) return { kind: 'sequence' };
  return { kind: 'pipeline', inFlight: number(depth < grid ? 1 : inFlight) };
}

/** The body that these Einsums share from a depth on: keeps first, whatever branch they are for. */
function writeBody(w: Writing, einsums: readonly number[], depth: number): readonly MappingNode[] {
  const keeps: NestKeep[] = [];
  const branches: MappingNode[] = [];
  collect(w, einsums, depth, keeps, branches);
  return [...keepNodes(w.problem, keeps), ...branches];
}

function collect(
  w: Writing,
  einsums: readonly number[],
  depth: number,
  keeps: NestKeep[],
  branches: MappingNode[],
): void {
  const { problem, nest } = w;
  const { workload, machine } = problem;
  const used = (tensor: number): boolean =>
    einsums.some((e) => {
      const { output, operands } = workload.einsums[e]!;
      return output.tensor === tensor || operands.some((o) => o.tensor === tensor);
    });
  for (const keep of nest.keeps) if (keep.depth === depth && used(keep.tensor)) keeps.push(keep);
  const loop = nest.loops[depth];
  if (loop === undefined) {
    for (const e of einsums) branches.push(writeCompute(w, e));
    return;
  }
  for (const branch of branchesAt(workload, einsums, loop.variable)) {
    if (!branch.looped) {
      collect(w, branch.einsums, depth + 1, keeps, branches);
      continue;
    }
    const node: LoopNode = {
      kind: 'loop',
      variable: named(workload.variables[loop.variable]!.name),
      tile: number(loop.tile),
      across:
        loop.across === undefined
          ? undefined
          : { level: named(machine.levels[loop.across]!.name), dispatch: undefined, persistent: false, adding: [] },
      schedule: scheduleAt(nest, depth),
      priority: undefined,
      lag: number(0),
      trailing: false,
      body: writeBody(w, branch.einsums, depth + 1),
      span: nowhere,
    };
    branches.push(node);
  }
}

/** One line for tensors that are kept alike. */
function keepNodes({ workload, machine }: Problem, keeps: readonly NestKeep[]): readonly KeepNode[] {
  const lines = new Map<string, NestKeep[]>();
  // From the outer levels to the inner ones.
  for (const keep of keeps.toSorted((a, b) => a.level - b.level || a.stages - b.stages || a.tensor - b.tensor)) {
    const key = `${keep.level} ${keep.stages}`;
    lines.set(key, [...(lines.get(key) ?? []), keep]);
  }
  return [...lines.values()].map(([first, ...rest]) => ({
    kind: 'keep',
    cache: false,
    tensors: [first!, ...rest].map((k) => named(workload.tensors[k.tensor]!.name)),
    level: named(machine.levels[first!.level]!.name),
    stages: number(first!.stages),
    demand: false,
    over: undefined,
    spill: undefined,
    condition: number(1),
    span: nowhere,
  }));
}

function writeCompute({ problem, nest }: Writing, position: number): ComputeNode {
  const { workload, machine } = problem;
  const choices = nest.bindings.get(position);
  invariant(choices !== undefined, 'an Einsum of a nest is bound to no unit');
  return {
    kind: 'compute',
    einsum: named(workload.einsums[position]!.name),
    bindings: choices.map((choice) => {
      const { unit, operator } = choice;
      const { name, dimensions } = machine.units[unit]!;
      const extentOf = (v: number): number =>
        nest.loops.reduce((n, l) => (l.variable === v ? Math.min(n, l.tile) : n), workload.variables[v]!.size);
      return {
        operator: operator === undefined ? undefined : named(operator),
        unit: named(name),
        // One coordinate needs no lanes along a dimension.
        dimensions: lanesOf(machine.units[unit]!, choice, extentOf)
          .filter(({ variable }) => extentOf(variable) > 1)
          .map(({ dimension, variable, lanes }) => ({
            dimension: named(dimensions[dimension]!.name),
            variable: named(workload.variables[variable]!.name),
            lanes: variable === choice.variables[dimension]!.at(-1) ? undefined : number(lanes),
          })),
      };
    }),
    ramp: number(0),
    lag: number(0),
    trailing: false,
    span: nowhere,
  };
}
