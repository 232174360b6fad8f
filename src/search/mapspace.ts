import type { Unit } from '../arch/machine.ts';
import type { BoundEinsum, Workload } from '../einsum/workload.ts';
import { isBelow } from '../mapper/levels.ts';
import { isIndexedBy, isStoredBy } from '../mapper/tile.ts';
import { branchesAt } from './branches.ts';
import { accessesOf, usesOf } from './frame.ts';
import { homeOf, type NestKeep, type NestLoop, type Problem, type UnitChoice } from './plan.ts';

/** How far the space reaches. */
export type Limits = {
  /** Loops of a nest over one variable, at most. */
  readonly loopsEach: number;
  /** Steps of a loop over a variable of such a size: tiles to try, falling. Those that are not below the size are passed over. */
  readonly tiles: (size: number, variable: number) => readonly number[];
  /** Some of these tiles, to find good nests soon. */
  readonly coarse: (size: number, variable: number) => readonly number[];
  /** Iterations that may overlap: 1 for sequence. */
  readonly inFlight: readonly number[];
  /** Stages of tiles that come from outside their level. */
  readonly stages: readonly number[];
};

/** Variables of some Einsums, in the order of the workload. */
export const variablesOf = ({ einsums }: Workload, some: readonly number[]): readonly number[] =>
  [...new Set(some.flatMap((e) => einsums[e]!.variables))].sort((a, b) => a - b);

/** Which loops a nest of some Einsums can have. */
export type LoopSpace = {
  /** In the order of the workload. */
  readonly variables: readonly number[];
  /** Of each: tiles of its loops, falling. */
  readonly tiles: ReadonlyMap<number, readonly number[]>;
  /**
   * Variables that move every tensor of the Einsums, all of which have them: batches and heads. Their loops are outermost and
   * take one coordinate a step: no tile with more of them is used again.
   */
  readonly batches: ReadonlySet<number>;
  readonly loopsEach: number;
};

export function loopSpaceOf({ workload: w }: Problem, limits: Limits, einsums: readonly number[]): LoopSpace {
  const variables = variablesOf(w, einsums);
  const accesses = einsums.flatMap((e) => accessesOf(w.einsums[e]!));
  const batches = new Set(
    variables.filter(
      (v) =>
        einsums.every((e) => w.einsums[e]!.variables.includes(v)) &&
        accesses.every((a) => isStoredBy(a, w.tensors[a.tensor]!, v)),
    ),
  );
  const tiles = new Map(
    variables.map((v) => {
      const { size, iterative } = w.variables[v]!;
      // Versions follow each other one by one.
      return [v, (batches.has(v) || iterative ? [1] : limits.tiles(size, v)).filter((t) => t < size)];
    }),
  );
  return { variables, tiles, batches, loopsEach: limits.loopsEach };
}

/** Whether a loop over a variable can be the next one inside some. */
export function canFollow({ batches, loopsEach }: LoopSpace, loops: readonly NestLoop[], variable: number): boolean {
  if (!batches.has(variable)) return loops.filter((l) => l.variable === variable).length < loopsEach;
  return loops.every((l) => batches.has(l.variable) && l.variable < variable);
}

/** The loops that can be next inside some. */
export function* nextLoops(space: LoopSpace, loops: readonly NestLoop[]): Generator<NestLoop> {
  for (const variable of space.variables) {
    if (!canFollow(space, loops, variable)) continue;
    const above = loops.findLast((l) => l.variable === variable)?.tile ?? Number.POSITIVE_INFINITY;
    for (const tile of space.tiles.get(variable)!) if (tile < above) yield { variable, tile };
  }
}

/** One of each list, in all ways. */
export function* product<T>(lists: readonly (readonly T[])[]): Generator<readonly T[]> {
  const [first, ...rest] = lists;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const one of first) for (const others of product(rest)) yield [one, ...others];
}

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
 * Ways to keep a tensor's tiles inside a nest: in no level, in one, or in several, each below the one before it and no
 * further out in the loops. A place is right under a loop that moves the tile, or outside all loops: further in it would be the same
 * tile for longer lists of loops. What is not at home in the outermost memory is kept in a place that all its users share.
 */
export function keepChoices(
  { workload: w, machine }: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly NestLoop[],
  tensor: number,
  atHome: boolean,
): readonly (readonly NestKeep[])[] {
  const home = homeOf(machine);
  const shared = sharedDepth(w, einsums, loops, tensor);
  const depths = [0, ...loops.flatMap((l, i) => (isIndexing(w, tensor, l.variable) ? [i + 1] : []))];
  const memories = machine.levels.flatMap((l, at) => (l.memory === undefined ? [] : [at]));
  const choices: (readonly NestKeep[])[] = atHome ? [[]] : [];
  const extend = (chain: readonly NestKeep[]): void => {
    const outer = chain.at(-1);
    for (const level of memories) {
      const above = outer?.level ?? (atHome ? home : undefined);
      if (above !== undefined && !isBelow(machine.levels, level, above)) continue;
      for (const depth of depths) {
        if (depth < (outer?.depth ?? 0) || (above === undefined && depth > shared)) continue;
        for (const stages of limits.stages) {
          const longer = [...chain, { tensor, level, depth, stages }];
          choices.push(longer);
          extend(longer);
        }
      }
    }
  };
  extend([]);
  return choices;
}

/** Units that have some operators, alone or with others for those that they lack. */
export function bindingChoices({ workload, machine }: Problem, position: number): readonly (readonly UnitChoice[])[] {
  const einsum = workload.einsums[position]!;
  const operators = einsum.operations.map((o) => o.operator);
  const able = operators.map((o) => machine.units.flatMap((u, at) => (u.operators.has(o) ? [at] : [])));
  // Without an operation (a copy) any unit will do.
  if (operators.length === 0)
    return machine.units.flatMap((u, unit) =>
      layouts(workload, einsum, u).map((variables) => [{ unit, operator: undefined, variables }]),
    );
  const choices: (readonly UnitChoice[])[] = [];
  for (const units of product(able)) {
    const main = units[0]!;
    const others = operators.flatMap((operator, i) => (units[i] === main ? [] : [{ operator, unit: units[i]! }]));
    const parts = [{ operator: undefined, unit: main }, ...others];
    for (const laid of product(parts.map((p) => layouts(workload, einsum, machine.units[p.unit]!))))
      choices.push(parts.map((p, i) => ({ ...p, variables: laid[i]! })));
  }
  return choices;
}

/**
 * Variables along the dimensions of a unit's array: none, one, or one after others that leave lanes idle. Those others are not ones
 * that index every tensor, such as heads: lanes along them have nothing in common.
 */
function layouts({ variables }: Workload, einsum: BoundEinsum, unit: Unit): readonly UnitChoice['variables'][] {
  const shares = (v: number): boolean => variables[v]!.size > 1 && !accessesOf(einsum).every((a) => isIndexedBy(a, v));
  const lists = unit.dimensions.map(({ size }) => {
    const laid: (readonly number[])[] = [[]];
    const extend = (before: readonly number[], lanes: number): void => {
      for (const v of einsum.variables) {
        if (before.includes(v)) continue;
        laid.push([...before, v]);
        const left = Math.floor(lanes / variables[v]!.size);
        if (shares(v) && left > 1) extend([...before, v], left);
      }
    };
    extend([], size);
    return laid;
  });
  return [...product(lists)].filter((laid) => new Set(laid.flat()).size === laid.flat().length);
}

export const tensorsOf = ({ einsums }: Workload, some: readonly number[]): readonly number[] =>
  [...new Set(some.flatMap((e) => accessesOf(einsums[e]!).map((a) => a.tensor)))].sort((a, b) => a - b);
