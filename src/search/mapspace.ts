import type { Unit } from '../arch/machine.ts';
import type { BoundEinsum, Workload } from '../einsum/workload.ts';
import { isIndexedBy, isStoredBy } from '../mapper/tile.ts';
import { allowsUnits, countsAllowed, inFlightAllowed, inForce, tilesAllowed } from './constraints/allow.ts';
import { type BoundConstraints, rulesOf } from './constraints/bound.ts';
import { accessesOf } from './frame.ts';
import { gridDepth, spreadLevels, spreadVariables } from './grid.ts';
import type { NestLoop, Problem, UnitChoice } from './plan.ts';

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
  /** What nests must be, or must not be. */
  readonly constraints: BoundConstraints;
};

/** How far the space of a nest of some Einsums reaches: the constraints that are about it are in the numbers to try. */
export function limitsOf(limits: Limits, workload: Workload, some: readonly number[]): Limits {
  const constraints = inForce(limits.constraints, workload, some);
  const tiles = (size: number, v: number): readonly number[] =>
    tilesAllowed(constraints, v, size, () => limits.tiles(size, v));
  return {
    ...limits,
    constraints,
    tiles,
    coarse: (size, v) => {
      if (!rulesOf(constraints, 'tile').some((r) => r.variables.has(v))) return limits.coarse(size, v);
      const all = tiles(size, v);
      return all.length < 4 ? all : all.filter((_, i) => i % 4 === 3);
    },
    inFlight: inFlightAllowed(constraints, limits.inFlight),
  };
}

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
  /** Of each variable: numbers of loops that a nest may have over it. */
  readonly counts: ReadonlyMap<number, readonly number[]>;
  /** Lists of variables, each of which is that of all loops, outermost first. */
  readonly exact: readonly (readonly number[])[];
  /** Lists of variables whose loops are in this order, outermost first. */
  readonly orders: readonly (readonly number[])[];
  /** Levels over whose instances loops can be spread, and variables whose loops can. */
  readonly spread: {
    readonly levels: readonly number[];
    readonly variables: ReadonlySet<number>;
    /** Lists of variables, each of which is that of all loops that are spread, outermost first. */
    readonly exact: readonly (readonly number[])[];
  };
};

/** Variables that need a loop: some of these Einsums read version by version along them what another one makes. */
export const stepwiseOf = (w: Workload, einsums: readonly number[]): readonly number[] =>
  variablesOf(w, einsums).filter(
    (v) =>
      w.variables[v]!.size > 1 &&
      einsums.some((reader) =>
        w.einsums[reader]!.operands.some(({ tensor, indices }) => {
          const { producer, dimensions } = w.tensors[tensor]!;
          if (producer === undefined || producer === reader || !einsums.includes(producer)) return false;
          return dimensions.some((d, i) => d.carried && indices[i]!.terms.some((t) => t.variable === v));
        }),
      ),
  );

export function loopSpaceOf({ workload: w, machine }: Problem, limits: Limits, einsums: readonly number[]): LoopSpace {
  const variables = variablesOf(w, einsums);
  const accesses = einsums.flatMap((e) => accessesOf(w.einsums[e]!));
  const outer = new Set(
    variables.filter(
      (v) =>
        einsums.every((e) => w.einsums[e]!.variables.includes(v)) &&
        accesses.every((a) => isStoredBy(a, w.tensors[a.tensor]!, v)),
    ),
  );
  const { constraints } = limits;
  const tiled = new Set(rulesOf(constraints, 'tile').flatMap((r) => [...r.variables]));
  const tiles = new Map(
    variables.map((v) => {
      const { size, iterative } = w.variables[v]!;
      const single = iterative || (outer.has(v) && !tiled.has(v));
      // Versions follow each other one by one.
      const tried = single ? tilesAllowed(constraints, v, size, () => [1]) : limits.tiles(size, v);
      return [v, tried.filter((t) => t < size && (!iterative || t === 1))];
    }),
  );
  const listsOf = (kind: 'loops' | 'across'): readonly (readonly number[])[] =>
    rulesOf(constraints, kind).map((r) => r.variables.filter((v) => variables.includes(v) && w.variables[v]!.size > 1));
  const exact = listsOf('loops');
  const orders = rulesOf(constraints, 'order').map((r) => r.variables);
  const placed = new Set([...exact, ...orders].flat());
  const batches = new Set([...outer].filter((v) => !placed.has(v)));
  const stepwise = stepwiseOf(w, einsums);
  const counts = new Map(
    variables.map((v) => {
      const most = batches.has(v) ? 1 : limits.loopsEach;
      const lists = exact.map((list) => list.filter((x) => x === v).length);
      const tried = lists.length > 0 ? [lists[0]!] : Array.from({ length: most + 1 }, (_, n) => n);
      const least = stepwise.includes(v) ? 1 : 0;
      return [v, countsAllowed(constraints, v, tried).filter((n) => n >= least && lists.every((x) => x === n))];
    }),
  );
  const spread = { levels: spreadLevels(machine), variables: spreadVariables(w, einsums), exact: listsOf('across') };
  return { variables, tiles, batches, counts, exact, orders, spread };
}

const countOf = (loops: readonly NestLoop[], variable: number): number =>
  loops.filter((l) => l.variable === variable).length;

/** Whether a nest may have these loops and no others. */
export const isComplete = ({ variables, counts, spread }: LoopSpace, loops: readonly NestLoop[]): boolean =>
  variables.every((v) => counts.get(v)!.includes(countOf(loops, v))) &&
  spread.exact.every((list) => list.length === gridDepth(loops));

/** Whether a loop over a variable can be the next one inside some. */
function canFollow(space: LoopSpace, loops: readonly NestLoop[], variable: number): boolean {
  const { batches, counts, exact, orders } = space;
  if (!(countOf(loops, variable) < Math.max(0, ...counts.get(variable)!))) return false;
  if (exact.some((list) => list[loops.length] !== variable)) return false;
  // Whatever is to be outside this loop cannot come inside it.
  const misplaced = (order: readonly number[]): boolean =>
    order.includes(variable) && loops.some((l) => order.indexOf(l.variable) > order.indexOf(variable));
  if (orders.some(misplaced)) return false;
  return !batches.has(variable) || loops.every((l) => batches.has(l.variable) && l.variable < variable);
}

/** The loops that can be next inside some, but for their tiles. */
export function* nextKinds(space: LoopSpace, loops: readonly NestLoop[]): Generator<Omit<NestLoop, 'tile'>> {
  const { levels, variables, exact } = space.spread;
  const grid = gridDepth(loops);
  const isEnded = grid < loops.length;
  const spread = isEnded ? [] : grid === 0 ? levels : [loops[0]!.across!];
  for (const variable of space.variables) {
    if (!canFollow(space, loops, variable)) continue;
    if (isEnded || exact.every((list) => list.length === grid)) yield { variable };
    if (variables.has(variable) && exact.every((list) => list[grid] === variable))
      for (const across of spread) yield { variable, across };
  }
}

/** The loops that can be next inside some. */
export function* nextLoops(space: LoopSpace, loops: readonly NestLoop[]): Generator<NestLoop> {
  for (const kind of nextKinds(space, loops)) {
    const above = loops.findLast((l) => l.variable === kind.variable)?.tile ?? Number.POSITIVE_INFINITY;
    for (const tile of space.tiles.get(kind.variable)!) if (tile < above) yield { ...kind, tile };
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

/** Units that have an Einsum's operators, alone or with others for those that they lack, as far as constraints allow. */
export const bindingChoices = (
  problem: Problem,
  constraints: BoundConstraints,
  position: number,
): readonly (readonly UnitChoice[])[] =>
  bindingsWith(problem, position, layouts).filter((choice) =>
    allowsUnits(constraints, problem.workload, position, choice),
  );

type Layouts = (einsum: BoundEinsum, unit: Unit, workload: Workload) => readonly UnitChoice['variables'][];

/** Units that have an Einsum's operators, with each of the layouts. */
export function bindingsWith(
  { workload, machine }: Problem,
  position: number,
  layoutsOf: Layouts,
): readonly (readonly UnitChoice[])[] {
  const einsum = workload.einsums[position]!;
  const operators = einsum.operations.map((o) => o.operator);
  const able = operators.map((o) => machine.units.flatMap((u, at) => (u.operators.has(o) ? [at] : [])));
  // Without an operation (a copy) any unit will do.
  if (operators.length === 0)
    return machine.units.flatMap((u, unit) =>
      layoutsOf(einsum, u, workload).map((variables) => [{ unit, operator: undefined, variables }]),
    );
  const choices: (readonly UnitChoice[])[] = [];
  for (const units of product(able)) {
    const main = units[0]!;
    const others = operators.flatMap((operator, i) => (units[i] === main ? [] : [{ operator, unit: units[i]! }]));
    const parts = [{ operator: undefined, unit: main }, ...others];
    for (const laid of product(parts.map((p) => layoutsOf(einsum, machine.units[p.unit]!, workload))))
      choices.push(parts.map((p, i) => ({ ...p, variables: laid[i]! })));
  }
  return choices;
}

/**
 * Variables along the dimensions of a unit's array: none, one, or one after others that leave lanes idle. Those others are not ones
 * that index every tensor, such as heads: lanes along them have nothing in common.
 */
function layouts(einsum: BoundEinsum, unit: Unit, { variables }: Workload): readonly UnitChoice['variables'][] {
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
