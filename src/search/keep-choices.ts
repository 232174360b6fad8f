import type { Machine } from '../arch/machine.ts';
import type { Workload } from '../einsum/workload.ts';
import { isBelow } from '../mapper/levels.ts';
import { isStoredBy } from '../mapper/tile.ts';
import { branchesAt } from './branches.ts';
import { allowsLevels, stagesAllowed } from './constraints/allow.ts';
import { accessesOf, usesOf } from './frame.ts';
import { gridDepth, isOwnLevel } from './grid.ts';
import type { Limits } from './mapspace.ts';
import { homeOf, isAtHome, type NestKeep, type NestLoop, type Problem } from './plan.ts';

/** Whether loops over a variable move a tensor's tiles. */
const isIndexing = ({ tensors, einsums }: Workload, tensor: number, variable: number): boolean =>
  einsums.some((e) => accessesOf(e).some((a) => a.tensor === tensor && isStoredBy(a, tensors[tensor]!, variable)));

/** The depth down to which all users of a tensor are in one body. */
function sharedDepth(w: Workload, einsums: readonly number[], loops: readonly NestLoop[], tensor: number): number {
  let body = einsums;
  for (let depth = 0; depth < loops.length; depth++) {
    const branches = branchesAt(w, body, loops[depth]!.variable);
    const mine = branches.filter((b) => usesOf(w, tensor, b.einsums).length > 0);
    if (mine.length > 1) return depth;
    body = mine[0]!.einsums;
  }
  return loops.length;
}

/**
 * The depth down to which what is not at home in the outermost memory can be: in a body that all its users share, and not under a loop
 * that comes back to go on with it, since the loops inside that have moved its tile.
 */
export function homeDepth(w: Workload, einsums: readonly number[], loops: readonly NestLoop[], tensor: number): number {
  const { producer } = w.tensors[tensor]!;
  const made = producer === undefined ? undefined : w.einsums[producer];
  const back = loops.findIndex((l) => made?.reduced.includes(l.variable) || made?.carried === l.variable);
  return Math.min(sharedDepth(w, einsums, loops, tensor), back < 0 ? loops.length : back);
}

/** Ways to keep the tensors of a nest with some loops. */
export type KeepChoices = (loops: readonly NestLoop[], tensor: number) => readonly (readonly NestKeep[])[];

/**
 * Ways to keep a tensor's tiles inside a nest: in no level, in one, or in several, each below the one before it and no
 * further out in the loops. A place is right under a loop that moves the tile, or outside all loops: further in it would be the same
 * tile for longer lists of loops. What is not at home in the outermost memory is kept where all its users and iterations find it.
 * Where loops are spread, memories that each instance has are inside all of those, and others outside the innermost, around all of
 * them for what instances make.
 */
export function keepChoices(
  problem: Problem,
  limits: Limits,
  einsums: readonly number[],
  atHome: (tensor: number) => boolean = (tensor) => isAtHome(problem, tensor),
): KeepChoices {
  const { workload: w } = problem;
  // Lists of loops have few ways to be around a tensor.
  const known = new Map<string, readonly (readonly NestKeep[])[]>();
  return (loops, tensor) => {
    const deepest = atHome(tensor) ? 0 : homeDepth(w, einsums, loops, tensor);
    const moving = loops.flatMap((l, i) => (isIndexing(w, tensor, l.variable) ? [i + 1] : []));
    const grid = gridDepth(loops);
    const key = `${tensor}|${moving.join()}|${deepest}|${grid}|${loops[0]?.across}`;
    const old = known.get(key);
    if (old !== undefined) return old;
    const isMade = w.tensors[tensor]!.producer !== undefined;
    const depthsIn = (level: number): readonly number[] =>
      grid === 0 || isOwnLevel(problem.machine, loops, level)
        ? [grid, ...moving.filter((d) => d > grid)]
        : [0, ...moving.filter((d) => d < grid && !isMade)];
    const chains = chainsOf(problem, limits, tensor, atHome(tensor), { depthsIn, deepest, grid });
    known.set(key, chains);
    return chains;
  };
}

/** Where places can be. */
type Depths = {
  readonly depthsIn: (level: number) => readonly number[];
  /** Of the first place of what is not at home in the outermost memory. */
  readonly deepest: number;
  /** Inside all loops that are spread. */
  readonly grid: number;
};

function chainsOf(
  { machine }: Problem,
  { stages: tried, constraints }: Limits,
  tensor: number,
  atHome: boolean,
  { depthsIn, deepest, grid }: Depths,
): readonly (readonly NestKeep[])[] {
  const home = homeOf(machine);
  const memories = machine.levels.flatMap((l, at) => (l.memory === undefined ? [] : [at]));
  const choices: (readonly NestKeep[])[] = atHome ? [[]] : [];
  // A tile that comes in no time need not come early; what instances share comes as they read it, and the first tiles of a step have
  // none before them.
  const stagesIn = (level: number, depth: number, above: number | undefined): readonly number[] => {
    const isEarly = (grid === 0 || depth > grid) && (above === undefined || takesTime(machine, above, level));
    return stagesAllowed(constraints, tensor, level, isEarly ? tried : [1]);
  };
  const extend = (chain: readonly NestKeep[]): void => {
    const outer = chain.at(-1);
    for (const level of memories) {
      const above = outer?.level ?? (atHome ? home : undefined);
      if (above !== undefined && !isBelow(machine.levels, level, above)) continue;
      for (const depth of depthsIn(level)) {
        if (depth < (outer?.depth ?? 0) || (above === undefined && depth > deepest)) continue;
        for (const stages of stagesIn(level, depth, above)) {
          const longer = [...chain, { tensor, level, depth, stages }];
          choices.push(longer);
          extend(longer);
        }
      }
    }
  };
  extend([]);
  // Of what costs the same, the first is found: no place that changes nothing.
  return choices
    .filter((chain) =>
      allowsLevels(
        constraints,
        tensor,
        atHome ? home : undefined,
        chain.map((k) => k.level),
      ),
    )
    .toSorted((a, b) => a.length - b.length);
}

/** Whether a transfer between two memories is waited for. */
function takesTime({ levels }: Machine, outer: number, inner: number): boolean {
  const [from, to] = [levels[outer]!.memory!, levels[inner]!.memory!];
  const ports = [
    from.read_bytes_per_cycle,
    from.write_bytes_per_cycle,
    to.read_bytes_per_cycle,
    to.write_bytes_per_cycle,
  ];
  return ports.some(Number.isFinite) || from.latency_cycles > 0 || to.latency_cycles > 0;
}
