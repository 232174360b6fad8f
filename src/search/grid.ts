import type { Machine } from '../arch/machine.ts';
import type { Workload } from '../einsum/workload.ts';
import { isBelow } from '../mapper/levels.ts';
import { isOwn, type Resources } from '../models/resources.ts';
import { branchesAt } from './branches.ts';
import { sumOverTiles } from './frame.ts';
import { homeOf, type NestLoop, type Problem } from './plan.ts';

/** Levels over whose instances the loops of a nest can be spread: each instance of the outermost memory has several. */
export const spreadLevels = (machine: Machine): readonly number[] =>
  machine.levels.flatMap(({ instances }, l) =>
    instances > 1 && isBelow(machine.levels, l, homeOf(machine)) ? [l] : [],
  );

/** Variables whose loops can be spread: all these Einsums are under one, and none combines what instances make. */
export const spreadVariables = (w: Workload, einsums: readonly number[]): ReadonlySet<number> =>
  new Set(
    w.variables.flatMap((_, v) => {
      const isApart = (e: number): boolean => {
        const { variables, reduced, carried } = w.einsums[e]!;
        return variables.includes(v) && !reduced.includes(v) && carried !== v;
      };
      return einsums.every(isApart) && branchesAt(w, einsums, v).length === 1 ? [v] : [];
    }),
  );

/** How many loops are spread: the outermost ones. */
export function gridDepth(loops: readonly NestLoop[]): number {
  const inside = loops.findIndex((l) => l.across === undefined);
  return inside < 0 ? loops.length : inside;
}

/** Whether each instance over which some loops are spread has a level for itself. */
export function isOwnLevel(machine: Machine, loops: readonly NestLoop[], level: number): boolean {
  const across = loops[0]?.across;
  return across !== undefined && isOwn(machine, across, level);
}

/** Steps of the loops that are spread; no step is larger than the full ones, and all of those are alike. */
export function gridSteps(
  { variables }: Workload,
  loops: readonly NestLoop[],
): { readonly steps: number; readonly full: number } {
  const grid = loops.slice(0, gridDepth(loops));
  let steps = 1;
  let full = 1;
  for (const v of new Set(grid.map((l) => l.variable))) {
    const tiles = grid.flatMap((l) => (l.variable === v ? [l.tile] : []));
    const count = (of: (length: number) => number): number => sumOverTiles(variables[v]!.size, tiles, of);
    steps *= count(() => 1);
    full *= count((length) => (length === tiles.at(-1) ? 1 : 0));
  }
  return { steps, full };
}

/**
 * Tiles that a place has at once under the first `depth` loops: one, or, between loops that are spread, as many as steps that go on side by
 * side can want.
 */
export function tilesAtOnce({ workload, machine }: Problem, loops: readonly NestLoop[], depth: number): number {
  const grid = gridDepth(loops);
  if (depth === 0 || depth >= grid) return 1;
  const mostSteps = (from: number, to: number): number =>
    loops.slice(from, to).reduce((n, { variable, tile }, i) => {
      const around = loops.slice(0, from + i).findLast((l) => l.variable === variable);
      return n * Math.ceil((around?.tile ?? workload.variables[variable]!.size) / tile);
    }, 1);
  const inside = mostSteps(depth, grid);
  const { totalInstances } = machine.levels[loops[0]!.across!]!;
  return Math.min(mostSteps(0, depth), Math.floor((totalInstances + inside - 2) / inside) + 1);
}

/** Full steps that some instance does at least, one after the other; 1 where nothing is spread. */
export function wavesOf({ workload, machine }: Problem, loops: readonly NestLoop[]): number {
  const across = loops[0]?.across;
  if (across === undefined) return 1;
  return Math.ceil(gridSteps(workload, loops).full / machine.levels[across]!.totalInstances);
}

/**
 * How many of each resource share the work of nests that have some loops outermost, or, if they are `closed`, no others: no schedule is
 * sooner than the work of one divided by this. Loops that are all spread may have others inside that are spread, too. Ports of levels
 * with instances are never fewer, since what is added to is read back beside all else.
 */
export function sharersOf(
  { workload, machine }: Problem,
  { names, kinds, levels, instances }: Resources,
  loops: readonly NestLoop[],
  closed: boolean,
): readonly number[] {
  const across = loops[0]?.across;
  const isOpen = !closed && gridDepth(loops) === loops.length;
  if (isOpen && across === undefined) return instances;
  let busy = 1;
  if (across !== undefined) {
    const { totalInstances } = machine.levels[across]!;
    const { steps } = gridSteps(workload, loops);
    busy = isOpen ? totalInstances : Math.min(totalInstances, steps, steps / wavesOf({ workload, machine }, loops));
  }
  return names.map((_, r) => (kinds[r] === 'port' ? instances[r]! : isOwnLevel(machine, loops, levels[r]!) ? busy : 1));
}
